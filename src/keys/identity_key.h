#pragma once

#include <functional>

#include "format/identity.h"
#include "keys/credential.h"
#include "keys/recipient.h"

namespace igudar {

// X25519 identities: a file that opens, a line of text to which anyone may lock.

class IdentityCredential final : public Credential {
 public:
  // From the text of an identity file. `passphrase` is called when it is sealed with one. Throws usage when it is no
  // identity file, wrong_key when the passphrase is not the one. `name` is the file's, for messages.
  IdentityCredential(ByteView text, const std::string& name, const std::function<SecretBytes()>& passphrase);

  bool fits(const SlotRecipient& recipient) const override;
  std::optional<SecretBytes> slot_key(const SlotRecipient& recipient) const override;
  std::string description() const override;

 private:
  BoxKeyPair keys_;
};

class IdentityRecipient final : public Recipient {
 public:
  explicit IdentityRecipient(const BoxPublicKey& public_key) : public_key_(public_key) {}

  LockedSlotKey lock_new_key() const override;

 private:
  BoxPublicKey public_key_;
};

}  // namespace igudar
