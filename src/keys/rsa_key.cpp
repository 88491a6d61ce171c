#include "keys/rsa_key.h"

#include "base/hex.h"
#include "base/translate.h"

namespace igudar {

bool RsaCredential::fits(const SlotRecipient& recipient) const {
  return recipient.oaep_hash && recipient.fingerprint == fingerprint_of(key_.public_key().der);
}

std::optional<SecretBytes> RsaCredential::slot_key(const SlotRecipient& recipient) const {
  return key_.oaep_decrypt(*recipient.oaep_hash, recipient.wrapped);
}

std::string RsaCredential::description() const {
  return trf("the RSA key {}", to_hex(fingerprint_of(key_.public_key().der).view()));
}

LockedSlotKey RsaRecipient::lock_new_key() const {
  SecretBytes key = new_slot_key();
  SlotRecipient recipient;
  recipient.kind = RecipientKind::rsa;
  recipient.fingerprint = fingerprint_of(key_.der);
  recipient.oaep_hash = OaepHash::sha256;
  recipient.wrapped = oaep_encrypt(key_, OaepHash::sha256, key.view());
  return {std::move(key), std::move(recipient)};
}

std::string RsaRecipient::name() const {
  return key_.subject.empty() ? std::string() : trf("certificate {}", key_.subject);
}

}  // namespace igudar
