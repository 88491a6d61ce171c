#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "crypto/sealed_box.h"
#include "format/epoch_keys.h"
#include "format/signed_record.h"

namespace igudar {

// The keys of a domain for one holder (docs/format.md section 5.2), sealed to a key pair that only who opens the
// holder's slot has. The authority vouches for it, so that it also says, to whoever issues the next grants, who holds
// what.

// The key pair of a holder, which follows from the seed of its signing key.
BoxKeyPair holder_box(const SigningKey& signer, BoxKind kind);

struct Grant {
  Id16 domain;
  std::uint16_t epoch = 0;  // the newest that is in it
  Id32 signer;              // of the holder
  BoxPublicKey box;         // its public key
  Capability capability = Capability::full;
  TimeNs granted = 0;
  Bytes sealed;
};
// What only the holder reads.
struct GrantedKeys {
  std::string domain_name;
  Signature certificate{};  // of the holder's signing key, for the domain
  std::vector<EpochKeys> epochs;
};

// Seals `keys` to grant.box and fills grant.sealed in.
Bytes encode_grant(const Id16& repository, Grant grant, const GrantedKeys& keys, const SigningKey& authority);
// Throws damaged, truncated, unsupported or forged.
Grant decode_grant(const Id16& repository, const Id32& authority, ByteView object);
// nullopt when the pair is not that of the holder.
std::optional<GrantedKeys> open_grant(const Grant& grant, const BoxKeyPair& box);

// The field lists inside, nothing verified. Throw damaged or unsupported.
Grant decode_grant_fields(ByteView body);
GrantedKeys decode_granted_keys(ByteView record);

}  // namespace igudar
