#include "keys/recipient.h"

#include "base/hex.h"
#include "base/translate.h"
#include "crypto/random.h"

namespace igudar {

namespace {

constexpr std::size_t kSlotKeySize = 32;

std::string describe_password(const PasswordKdfParams& kdf) {
  switch (kdf.kdf) {
    case PasswordKdf::argon2id:
      return tr("password (Argon2id)");
    case PasswordKdf::pbkdf2_sha256:
      return tr("password (PBKDF2)");
    case PasswordKdf::scrypt:
      return tr("password (scrypt)");
  }
  return {};
}

std::string describe_wrapped(const SlotRecipient& recipient) {
  const std::string fingerprint = to_hex(recipient.fingerprint.view());
  const std::size_t bits = recipient.wrapped.size() * 8;  // of an RSA key: what it encrypts is as long as itself
  switch (recipient.kind) {
    case RecipientKind::identity:
      return trf("identity {}", fingerprint);
    case RecipientKind::rsa:
      return trf("RSA {} {}", bits, fingerprint);
    case RecipientKind::token:
      return recipient.oaep_hash ? trf("token, RSA {} {}", bits, fingerprint) : trf("token, AES {}", fingerprint);
    case RecipientKind::fernet:
      return trf("Fernet {}", fingerprint);
    case RecipientKind::recovery:
      return trf("recovery key {}", fingerprint);
    case RecipientKind::password:
      break;
  }
  return {};
}

}  // namespace

SecretBytes new_slot_key() {
  SecretBytes key(kSlotKeySize);
  fill_random(key.span());
  return key;
}

std::string describe(const SlotRecipient& recipient, const std::string& name) {
  if (recipient.kind == RecipientKind::password) return describe_password(recipient.kdf);
  const std::string text = describe_wrapped(recipient);
  return name.empty() ? text : text + " (" + name + ")";
}

}  // namespace igudar
