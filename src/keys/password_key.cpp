#include "keys/password_key.h"

#include "base/error.h"
#include "base/translate.h"
#include "crypto/random.h"

namespace igudar {

std::optional<SecretBytes> PasswordCredential::slot_key(const SlotRecipient& recipient) const {
  return derive_password_key(password_.view(), recipient.kdf_salt.view(), recipient.kdf);
}

std::string PasswordCredential::description() const {
  return tr("a password");
}

PasswordRecipient::PasswordRecipient(SecretBytes password, const PasswordKdfParams& kdf)
    : password_(std::move(password)), kdf_(kdf) {
  if (password_.empty())
    throw Error(ErrorCode::usage, tr("the password is empty"), tr("Choose a password of at least one character."));
  check_bounds(kdf_);
}

LockedSlotKey PasswordRecipient::lock_new_key() const {
  SlotRecipient recipient;
  recipient.kdf = kdf_;
  recipient.kdf_salt = random_id<16>();
  SecretBytes key = derive_password_key(password_.view(), recipient.kdf_salt.view(), kdf_);
  return {std::move(key), std::move(recipient)};
}

}  // namespace igudar
