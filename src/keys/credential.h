#pragma once

#include <optional>
#include <string>

#include "format/key_slot.h"

namespace igudar {

// What somebody has to open a repository with: a password, an identity file, a private key, a token, a recovery key on
// paper.
//
// Thread safety: not thread-safe.
// Errors: what keeps a credential from being used at all (a damaged file, a wrong PIN) is thrown where it is made.
class Credential {
 public:
  virtual ~Credential() = default;

  // Whether a slot is for this credential, as far as its clear fields tell. Cheap; only such slots are tried.
  virtual bool fits(const SlotRecipient& recipient) const = 0;
  // The slot key of a slot that fits; nullopt when it cannot be come by with this. Costs a key derivation for
  // passwords.
  virtual std::optional<SecretBytes> slot_key(const SlotRecipient& recipient) const = 0;
  // For messages: "a password", "the identity 1a2b3c4d5e6f7081".
  virtual std::string description() const = 0;
  // False: it was made for another repository, which it knows. Recovery keys do; others answer true.
  virtual bool is_for_repository(const Id16& /*repository*/) const { return true; }
};

}  // namespace igudar
