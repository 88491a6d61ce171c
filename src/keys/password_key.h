#pragma once

#include "crypto/kdf.h"
#include "keys/credential.h"
#include "keys/recipient.h"

namespace igudar {

class PasswordCredential final : public Credential {
 public:
  explicit PasswordCredential(SecretBytes password) : password_(std::move(password)) {}

  bool fits(const SlotRecipient& recipient) const override { return recipient.kind == RecipientKind::password; }
  std::optional<SecretBytes> slot_key(const SlotRecipient& recipient) const override;
  std::string description() const override;

 private:
  SecretBytes password_;
};

class PasswordRecipient final : public Recipient {
 public:
  // Throws usage for an empty password, damaged for a derivation out of bounds.
  PasswordRecipient(SecretBytes password, const PasswordKdfParams& kdf);

  LockedSlotKey lock_new_key() const override;

 private:
  SecretBytes password_;
  PasswordKdfParams kdf_;
};

}  // namespace igudar
