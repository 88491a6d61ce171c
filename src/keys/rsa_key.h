#pragma once

#include "crypto/oaep.h"
#include "keys/credential.h"
#include "keys/recipient.h"

namespace igudar {

// RSA keys: the private one in a file opens, the public one or a certificate locks.

class RsaCredential final : public Credential {
 public:
  explicit RsaCredential(RsaPrivateKey key) : key_(std::move(key)) {}

  // Also a slot that was made for a token with the same key: that of a copy kept elsewhere.
  bool fits(const SlotRecipient& recipient) const override;
  std::optional<SecretBytes> slot_key(const SlotRecipient& recipient) const override;
  std::string description() const override;

 private:
  RsaPrivateKey key_;
};

class RsaRecipient final : public Recipient {
 public:
  explicit RsaRecipient(RsaPublicKey key) : key_(std::move(key)) {}

  LockedSlotKey lock_new_key() const override;
  std::string name() const override;

 private:
  RsaPublicKey key_;
};

}  // namespace igudar
