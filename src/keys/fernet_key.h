#pragma once

#include "keys/credential.h"
#include "keys/recipient.h"

namespace igudar {

// Fernet keys, as Python's `cryptography` makes them: whoever has the file locks and opens.

class FernetCredential final : public Credential {
 public:
  explicit FernetCredential(SecretBytes key) : key_(std::move(key)) {}

  bool fits(const SlotRecipient& recipient) const override;
  std::optional<SecretBytes> slot_key(const SlotRecipient& recipient) const override;
  std::string description() const override;

 private:
  SecretBytes key_;
};

class FernetRecipient final : public Recipient {
 public:
  explicit FernetRecipient(SecretBytes key) : key_(std::move(key)) {}

  LockedSlotKey lock_new_key() const override;

 private:
  SecretBytes key_;
};

}  // namespace igudar
