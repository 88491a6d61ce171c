#include "crypto/sealed_box.h"

#include <sodium.h>

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "crypto/fips.h"
#include "crypto/hpke.h"
#include "crypto/sodium_ready.h"

namespace igudar {

static_assert(crypto_box_SEALBYTES == box_overhead(BoxKind::x25519));
static_assert(crypto_box_PUBLICKEYBYTES == Id32::kSize);
static_assert(hpke::kOverhead == box_overhead(BoxKind::p256));

namespace {

constexpr std::size_t kSecretSize = 32;
static_assert(crypto_box_SECRETKEYBYTES == kSecretSize && p256::kSecretSize == kSecretSize);

// What RFC 9180 calls info: it keeps these boxes apart from anything else that a key may be used for.
constexpr std::string_view kHpkeInfo = "igudar sealed box 1";

void require_key_size(ByteView secret_key) {
  if (secret_key.size() != kSecretSize)
    throw Error(ErrorCode::damaged,
                trf("A secret key is {} bytes long instead of {}.", secret_key.size(), kSecretSize));
}

[[noreturn]] void fail_public_key(const char* kind) {
  throw Error(ErrorCode::damaged, trf("A public key of the repository is not a valid {} key.", kind),
              tr("The repository's configuration is damaged or was forged; nothing was sealed to it."));
}

void start_x25519() {
  require_outside_fips_mode(
      "X25519", N_("Use an RSA key, a token, a Fernet key, a recovery key, or a password with '--kdf pbkdf2'."));
  ensure_sodium_ready();
}

BoxKeyPair box_pair(p256::KeyPair pair) {
  return {*BoxPublicKey::from(p256::compressed(pair.public_point)), std::move(pair.secret)};
}

p256::Point point_of(const BoxPublicKey& public_key) {
  const std::optional<p256::Point> point = p256::point_of(public_key.view());
  if (!point) fail_public_key("P-256");
  return *point;
}

}  // namespace

std::string_view box_kind_name(BoxKind kind) {
  return kind == BoxKind::x25519 ? "x25519+xsalsa20-poly1305" : "hpke-p256-sha256-aes-256-gcm";
}

BoxPublicKey::BoxPublicKey(const Id32& x25519) {
  std::copy(x25519.bytes.begin(), x25519.bytes.end(), bytes_.begin());
}

std::optional<BoxPublicKey> BoxPublicKey::from(ByteView bytes) {
  if (bytes.size() == Id32::kSize) return BoxPublicKey(Id32::from(bytes));
  if (bytes.size() != p256::kCompressedSize || (bytes[0] != 2 && bytes[0] != 3)) return std::nullopt;
  static_assert(p256::kCompressedSize == kLongest);
  BoxPublicKey key;
  std::copy(bytes.begin(), bytes.end(), key.bytes_.begin());
  key.size_ = kLongest;
  return key;
}

BoxKeyPair generate_box_key_pair(BoxKind kind) {
  if (kind == BoxKind::p256) return box_pair(p256::generate());
  start_x25519();
  Id32 public_key;
  SecretBytes secret_key(kSecretSize);
  ::crypto_box_keypair(public_key.bytes.data(), secret_key.span().data());
  return {public_key, std::move(secret_key)};
}

BoxKeyPair box_key_pair_of(ByteView secret_key) {
  start_x25519();
  require_key_size(secret_key);
  Id32 public_key;
  ::crypto_scalarmult_base(public_key.bytes.data(), secret_key.data());
  return {public_key, SecretBytes(secret_key)};
}

BoxKeyPair derive_box_key_pair(BoxKind kind, ByteView key_material) {
  return kind == BoxKind::x25519 ? box_key_pair_of(key_material) : box_pair(hpke::derive_key_pair(key_material));
}

Bytes seal_to(const BoxPublicKey& public_key, ByteView message) {
  if (public_key.kind() == BoxKind::p256) {
    std::optional<Bytes> box = hpke::seal(p256::generate(), point_of(public_key), view_of(kHpkeInfo), {}, message);
    if (!box) fail_public_key("P-256");
    return std::move(*box);
  }
  start_x25519();
  Bytes box(message.size() + crypto_box_SEALBYTES);
  if (::crypto_box_seal(box.data(), message.data(), message.size(), public_key.view().data()) != 0)
    fail_public_key("X25519");
  return box;
}

std::optional<SecretBytes> open_sealed(const BoxPublicKey& public_key, ByteView secret_key, ByteView box) {
  require_key_size(secret_key);
  if (public_key.kind() == BoxKind::p256)
    return hpke::open({point_of(public_key), SecretBytes(secret_key)}, view_of(kHpkeInfo), {}, box);
  start_x25519();
  if (box.size() < crypto_box_SEALBYTES) return std::nullopt;
  SecretBytes message(box.size() - crypto_box_SEALBYTES);
  if (::crypto_box_seal_open(message.span().data(), box.data(), box.size(), public_key.view().data(),
                             secret_key.data()) != 0)
    return std::nullopt;
  return message;
}

}  // namespace igudar
