#include "crypto/hpke.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "base/error.h"
#include "base/translate.h"
#include "crypto/kdf.h"

namespace igudar::hpke {

namespace {

constexpr std::size_t kSecretSize = 32;
constexpr std::uint8_t kModeBase = 0;
constexpr std::uint16_t kKem = 0x0010;  // DHKEM(P-256, HKDF-SHA256)
constexpr std::uint16_t kKdf = 0x0001;  // HKDF-SHA256

// In memory that is wiped: some parts are secret.
SecretBytes joined(std::initializer_list<ByteView> parts) {
  std::size_t size = 0;
  for (const ByteView part : parts) size += part.size();
  SecretBytes result(size);
  auto to = result.span().begin();
  for (const ByteView part : parts) to = std::copy(part.begin(), part.end(), to);
  return result;
}

std::array<std::uint8_t, 2> two_bytes(std::size_t value) {
  return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

// Section 4: the labelled functions, for the KEM or for the whole.
class Labelled {
 public:
  static Labelled kem() { return Labelled(joined({view_of("KEM"), two_bytes(kKem)})); }
  static Labelled whole(const AeadId& aead) {
    return Labelled(joined({view_of("HPKE"), two_bytes(kKem), two_bytes(kKdf), two_bytes(aead.number)}));
  }

  SecretBytes extract(ByteView salt, std::string_view label, ByteView key_material) const {
    return hkdf_sha256_extract(salt, joined({view_of("HPKE-v1"), suite_.view(), view_of(label), key_material}).view());
  }
  SecretBytes expand(const SecretBytes& key, std::string_view label, ByteView info, std::size_t size) const {
    return hkdf_sha256_expand(
        key.view(), joined({two_bytes(size), view_of("HPKE-v1"), suite_.view(), view_of(label), info}).view(), size);
  }

 private:
  explicit Labelled(SecretBytes suite) : suite_(std::move(suite)) {}
  SecretBytes suite_;
};

SecretBytes shared_secret(const SecretBytes& agreed, const p256::Point& encapsulated, const p256::Point& recipient) {
  const Labelled kem = Labelled::kem();
  return kem.expand(kem.extract({}, "eae_prk", agreed.view()), "shared_secret",
                    joined({encapsulated, recipient}).view(), kSecretSize);
}

}  // namespace

p256::KeyPair derive_key_pair(ByteView key_material) {
  constexpr unsigned kMostTries = 256;
  const Labelled kem = Labelled::kem();
  const SecretBytes key = kem.extract({}, "dkp_prk", key_material);
  for (unsigned tried = 0; tried < kMostTries; ++tried) {
    const std::array<std::uint8_t, 1> counter{static_cast<std::uint8_t>(tried)};
    if (std::optional<p256::KeyPair> pair = p256::pair_of(kem.expand(key, "candidate", counter, kSecretSize).view()))
      return std::move(*pair);
  }
  throw Error(ErrorCode::failed, tr("No key pair follows from these bytes."));  // one of 2^8192
}

std::optional<SecretBytes> encapsulate(const p256::KeyPair& ephemeral, const p256::Point& recipient) {
  const std::optional<SecretBytes> agreed = p256::agree(ephemeral.secret.view(), recipient);
  if (!agreed) return std::nullopt;
  return shared_secret(*agreed, ephemeral.public_point, recipient);
}

std::optional<SecretBytes> decapsulate(const p256::Point& encapsulated, const p256::KeyPair& recipient) {
  const std::optional<SecretBytes> agreed = p256::agree(recipient.secret.view(), encapsulated);
  if (!agreed) return std::nullopt;
  return shared_secret(*agreed, encapsulated, recipient.public_point);
}

MessageKey key_schedule(ByteView secret, ByteView info, const AeadId& aead) {
  const Labelled whole = Labelled::whole(aead);
  const std::array<std::uint8_t, 1> mode{kModeBase};
  const SecretBytes context =
      joined({mode, whole.extract({}, "psk_id_hash", {}).view(), whole.extract({}, "info_hash", info).view()});
  const SecretBytes key = whole.extract(secret, "secret", {});
  MessageKey result{whole.expand(key, "key", context.view(), aead.key_size), {}};
  const SecretBytes nonce = whole.expand(key, "base_nonce", context.view(), result.nonce.size());
  std::copy(nonce.view().begin(), nonce.view().end(), result.nonce.begin());
  return result;
}

std::optional<Bytes> seal(const p256::KeyPair& ephemeral, const p256::Point& recipient, ByteView info, ByteView aad,
                          ByteView message) {
  const std::optional<SecretBytes> secret = encapsulate(ephemeral, recipient);
  if (!secret) return std::nullopt;
  const MessageKey key = key_schedule(secret->view(), info, kAes256Gcm);
  Bytes sealed(message.size() + kOverhead);
  std::copy(ephemeral.public_point.begin(), ephemeral.public_point.end(), sealed.begin());
  Aead(AeadCipher::aes_256_gcm, key.key.view())
      .seal(key.nonce, aad, message, MutableByteView(sealed).subspan(p256::kPointSize));
  return sealed;
}

std::optional<SecretBytes> open(const p256::KeyPair& recipient, ByteView info, ByteView aad, ByteView sealed) {
  if (sealed.size() < kOverhead) return std::nullopt;
  p256::Point encapsulated{};
  std::copy_n(sealed.begin(), encapsulated.size(), encapsulated.begin());
  if (encapsulated[0] != 4) return std::nullopt;
  const std::optional<SecretBytes> secret = decapsulate(encapsulated, recipient);
  if (!secret) return std::nullopt;
  const MessageKey key = key_schedule(secret->view(), info, kAes256Gcm);
  SecretBytes message(sealed.size() - kOverhead);
  if (!Aead(AeadCipher::aes_256_gcm, key.key.view())
           .open(key.nonce, aad, sealed.subspan(p256::kPointSize), message.span()))
    return std::nullopt;
  return message;
}

}  // namespace igudar::hpke
