#include "keys/fernet_key.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/translate.h"
#include "crypto/fernet.h"
#include "crypto/keyed_hash.h"
#include "crypto/random.h"

namespace igudar {

namespace {

// The key is secret: its fingerprint is made by a keyed hash, of which nothing else is a value.
KeyFingerprint fingerprint_of_key(ByteView key) {
  return KeyFingerprint::from(
      hmac_sha256(key, view_of("igudar fernet fingerprint 1")).view().first(KeyFingerprint::kSize));
}

}  // namespace

bool FernetCredential::fits(const SlotRecipient& recipient) const {
  return recipient.kind == RecipientKind::fernet && recipient.fingerprint == fingerprint_of_key(key_.view());
}

std::optional<SecretBytes> FernetCredential::slot_key(const SlotRecipient& recipient) const {
  return fernet_decrypt(key_.view(), recipient.wrapped);
}

std::string FernetCredential::description() const {
  return trf("the Fernet key {}", to_hex(fingerprint_of_key(key_.view()).view()));
}

LockedSlotKey FernetRecipient::lock_new_key() const {
  SecretBytes key = new_slot_key();
  SlotRecipient recipient;
  recipient.kind = RecipientKind::fernet;
  recipient.fingerprint = fingerprint_of_key(key_.view());
  const auto seconds = static_cast<std::uint64_t>(wall_clock_ns() / kNsPerSecond);
  recipient.wrapped = fernet_encrypt(key_.view(), key.view(), seconds, random_id<16>());
  return {std::move(key), std::move(recipient)};
}

}  // namespace igudar
