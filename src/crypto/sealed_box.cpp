#include "crypto/sealed_box.h"

#include <sodium.h>

#include "base/error.h"
#include "base/translate.h"
#include "crypto/sodium_ready.h"

namespace igudar {

static_assert(crypto_box_SEALBYTES == kSealedBoxOverhead);
static_assert(crypto_box_PUBLICKEYBYTES == Id32::kSize);

namespace {
void require_key_size(ByteView secret_key) {
  if (secret_key.size() != crypto_box_SECRETKEYBYTES)
    throw Error(ErrorCode::damaged, trf("A secret key is {} bytes long instead of {}.", secret_key.size(),
                                        std::size_t{crypto_box_SECRETKEYBYTES}));
}
}  // namespace

BoxKeyPair generate_box_key_pair() {
  ensure_sodium_ready();
  BoxKeyPair pair{{}, SecretBytes(crypto_box_SECRETKEYBYTES)};
  ::crypto_box_keypair(pair.public_key.bytes.data(), pair.secret_key.span().data());
  return pair;
}

BoxKeyPair box_key_pair_of(ByteView secret_key) {
  ensure_sodium_ready();
  require_key_size(secret_key);
  BoxKeyPair pair{{}, SecretBytes(secret_key)};
  ::crypto_scalarmult_base(pair.public_key.bytes.data(), secret_key.data());
  return pair;
}

Bytes seal_to(const Id32& public_key, ByteView message) {
  ensure_sodium_ready();
  Bytes box(message.size() + kSealedBoxOverhead);
  if (::crypto_box_seal(box.data(), message.data(), message.size(), public_key.bytes.data()) != 0)
    throw Error(ErrorCode::damaged, tr("A public key of the repository is not a valid X25519 key."),
                tr("The repository's configuration is damaged or was forged; nothing was sealed to it."));
  return box;
}

std::optional<SecretBytes> open_sealed(const Id32& public_key, ByteView secret_key, ByteView box) {
  ensure_sodium_ready();
  require_key_size(secret_key);
  if (box.size() < kSealedBoxOverhead) return std::nullopt;
  SecretBytes message(box.size() - kSealedBoxOverhead);
  if (::crypto_box_seal_open(message.span().data(), box.data(), box.size(), public_key.bytes.data(),
                             secret_key.data()) != 0)
    return std::nullopt;
  return message;
}

}  // namespace igudar
