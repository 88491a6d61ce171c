#include "keys/identity_key.h"

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"

namespace igudar {

namespace {

BoxKeyPair keys_of(ByteView text, const std::string& name, const std::function<SecretBytes()>& passphrase) try {
  IdentityFile file = parse_identity(text);
  if (!file.secret_key.empty()) return {file.public_key, std::move(file.secret_key)};
  std::optional<SecretBytes> secret = open_identity(file, passphrase().view());
  if (!secret)
    throw Error(ErrorCode::wrong_key, tr("the passphrase does not open the identity"), tr("Check the passphrase."));
  return {file.public_key, std::move(*secret)};
} catch (Error& error) {
  error.with_context(name);
  throw;
}

}  // namespace

IdentityCredential::IdentityCredential(ByteView text, const std::string& name,
                                       const std::function<SecretBytes()>& passphrase)
    : keys_(keys_of(text, name, passphrase)) {}

bool IdentityCredential::fits(const SlotRecipient& recipient) const {
  return recipient.kind == RecipientKind::identity && recipient.fingerprint == fingerprint_of(keys_.public_key.view());
}

std::optional<SecretBytes> IdentityCredential::slot_key(const SlotRecipient& recipient) const {
  return open_sealed(keys_.public_key, keys_.secret_key.view(), recipient.wrapped);
}

std::string IdentityCredential::description() const {
  return trf("the identity {}", to_hex(fingerprint_of(keys_.public_key.view()).view()));
}

LockedSlotKey IdentityRecipient::lock_new_key() const {
  SecretBytes key = new_slot_key();
  SlotRecipient recipient;
  recipient.kind = RecipientKind::identity;
  recipient.fingerprint = fingerprint_of(public_key_.view());
  recipient.wrapped = seal_to(public_key_, key.view());
  return {std::move(key), std::move(recipient)};
}

}  // namespace igudar
