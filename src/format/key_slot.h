#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "crypto/oaep.h"
#include "crypto/sealed_box.h"
#include "format/epoch_keys.h"
#include "format/signed_record.h"

namespace igudar {

// What a key slot holds once opened.
struct SlotSecrets {
  Signer signer;
  Id32 authority;
  SecretBytes authority_seed;  // with capability full only
  std::vector<EpochKeys>
      epochs;    // of the domain "main", ascending; later ones come by grants. None: it has no part in it
  Bytes config;  // a copy of the config object

  SlotSecrets clone() const;
};

// What every holder of the index key can see of a slot.
struct SlotLabel {
  Capability capability = Capability::full;
  TimeNs created = 0;
  std::string user, host;
  Id32 signer;
  std::string recipient_name;  // "certificate CN=backup"; empty where there is none
};

// For whom a slot is.
enum class RecipientKind : std::uint8_t { password = 1, identity = 2, rsa = 3, token = 4, fernet = 5, recovery = 6 };

// Which public key a slot is for: the first 8 bytes of a SHA-256 (docs/format.md section 5.1).
using KeyFingerprint = FixedId<8>;
KeyFingerprint fingerprint_of(ByteView public_key);

// How the slot key, 32 bytes, is come by: what a slot says of its recipient in clear.
struct SlotRecipient {
  RecipientKind kind = RecipientKind::password;
  // Of a password: the slot key is derived.
  PasswordKdfParams kdf;
  Id16 kdf_salt;
  // Of all others: the slot key is random, and wrapped. Of a recovery key: derived with this salt, 16 bytes.
  KeyFingerprint fingerprint;
  Bytes wrapped;
  std::optional<OaepHash> oaep_hash;  // of RSA keys

  // Whether a slot for it can be made by whoever knows its public half, so that opening one proves nothing of its
  // maker.
  bool is_public_key() const { return kind == RecipientKind::identity || oaep_hash.has_value(); }
  // Whether a repository that keeps to FIPS 140 has such slots. An identity is X25519; the others are RSA-OAEP, AES key
  // wrap, AES-CBC with HMAC, and HKDF.
  bool is_approved() const {
    return kind == RecipientKind::password ? igudar::is_approved(kdf) : kind != RecipientKind::identity;
  }
};

// A slot before it is opened, parsed and checked.
struct KeySlot {
  Id16 id;
  SlotRecipient recipient;
  Bytes label;  // sealed under the index key of
  std::uint16_t label_epoch = 0;
  std::optional<Id16> label_domain;  // none: of "main"
  Bytes clear;                       // everything before the sealed record: its associated data
  Bytes sealed;
};

// `label_keys` are those of the domain, none: "main".
Bytes encode_slot(const Id16& id, const SlotRecipient& recipient, ByteView slot_key, const SlotSecrets& secrets,
                  const IndexKeys& label_keys, const std::optional<Id16>& label_domain, const SlotLabel& label);
// nullopt for a kind of recipient that this program does not know, or what a newer one sealed. Throws damaged when the
// checksum or the structure is wrong.
std::optional<KeySlot> parse_slot(const Id16& id, ByteView object);
// nullopt when the slot key is not the one.
std::optional<SlotSecrets> open_slot(const KeySlot& slot, ByteView slot_key);
// Throws damaged when the label does not decrypt.
SlotLabel open_slot_label(const KeySlot& slot, const IndexKeys& keys);

// The records inside the seals of a slot and of its label. Throw damaged.
SlotSecrets decode_slot_record(ByteView record);
SlotLabel decode_slot_label(ByteView record);

}  // namespace igudar
