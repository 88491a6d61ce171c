#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "crypto/sealed_box.h"
#include "format/signed_record.h"

namespace igudar {

// The secrets of one domain that a slot grants; empty where it does not (docs/format.md section 5).
struct DomainSecrets {
  std::uint16_t number = 0;
  std::string name = "main";
  SecretBytes id_key, chunker_key, index_key;
  Id32 data_public_key;
  SecretBytes data_secret_key;
  CipherSuite suite = CipherSuite::aes_256_gcm;  // new objects are sealed with; not in the slot: the config says it

  DomainSecrets clone() const;
};

// What a key slot holds once opened. It is sealed with the suite of its first domain.
struct SlotSecrets {
  Signer signer;
  Id32 authority;
  SecretBytes authority_seed;  // with capability full only
  std::vector<DomainSecrets> domains;
  Bytes config;  // a copy of the config object
};

// What every holder of the index key can see of a slot.
struct SlotLabel {
  Capability capability = Capability::full;
  TimeNs created = 0;
  std::string user, host;
  Id32 signer;
};

// The parts of a slot that are in clear, parsed and checked.
struct PasswordSlot {
  Id16 id;
  PasswordKdfParams kdf;
  Id16 kdf_salt;
  Bytes label;  // sealed
  Bytes clear;  // everything before the sealed record: its associated data
  Bytes sealed;
};

Bytes encode_password_slot(const Id16& id, ByteView password, const PasswordKdfParams& kdf, const SlotSecrets& secrets,
                           const SlotLabel& label);
// nullopt for a recipient of another kind than password, or what a newer program sealed. Throws damaged when the
// checksum or the structure is wrong.
std::optional<PasswordSlot> parse_password_slot(const Id16& id, ByteView object);
// nullopt when the password is not the one. Takes as long as the slot's derivation costs.
std::optional<SlotSecrets> open_password_slot(const PasswordSlot& slot, ByteView password);
// Throws damaged when the label does not decrypt.
SlotLabel open_slot_label(const PasswordSlot& slot, ByteView index_key);

// The records inside the seals of a slot and of its label. Throw damaged.
SlotSecrets decode_slot_record(ByteView record);
SlotLabel decode_slot_label(ByteView record);

}  // namespace igudar
