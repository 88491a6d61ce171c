#include "crypto/cipher_suite.h"

#include <string>

#include "base/error.h"
#include "base/secret.h"
#include "base/translate.h"
#include "crypto/kdf.h"

namespace igudar {

namespace {

Aead derived(AeadCipher cipher, ByteView secret, ByteView salt, const std::string& info) {
  return {cipher, hkdf_sha256(secret, salt, info, kAeadKeySize).view()};
}

}  // namespace

std::string_view cipher_suite_name(CipherSuite suite) {
  return is_layered(suite) ? "aes-256-gcm+chacha20-poly1305" : "aes-256-gcm";
}

std::optional<CipherSuite> find_cipher_suite(std::string_view name) {
  for (const CipherSuite suite : kCipherSuites)
    if (cipher_suite_name(suite) == name) return suite;
  return std::nullopt;
}

std::optional<CipherSuite> find_cipher_suite(std::uint8_t number) {
  for (const CipherSuite suite : kCipherSuites)
    if (static_cast<std::uint8_t>(suite) == number) return suite;
  return std::nullopt;
}

CipherSuite require_cipher_suite(std::uint8_t number) {
  if (const std::optional<CipherSuite> suite = find_cipher_suite(number)) return *suite;
  throw Error(ErrorCode::unsupported,
              trf("this program does not know the cipher suite number {}", static_cast<unsigned>(number)),
              tr("Use a newer igudar."));
}

SuiteCipher::SuiteCipher(CipherSuite suite, ByteView secret, ByteView salt, const std::string& info)
    : suite_(suite),
      inner_(derived(AeadCipher::aes_256_gcm, secret, salt, is_layered(suite) ? "inner " + info : info)) {
  if (is_layered(suite)) outer_ = derived(AeadCipher::chacha20_poly1305, secret, salt, "outer " + info);
}

void SuiteCipher::seal(const AeadNonce& nonce, ByteView aad, ByteView plain, MutableByteView out) {
  if (!outer_) return inner_.seal(nonce, aad, plain, out);
  const MutableByteView within = out.first(out.size() - kAeadTagSize);
  inner_.seal(nonce, aad, plain, within);
  outer_->seal(nonce, aad, within, out);
}

bool SuiteCipher::open(const AeadNonce& nonce, ByteView aad, ByteView sealed, MutableByteView room) {
  if (!outer_) return inner_.open(nonce, aad, sealed, room);
  if (sealed.size() < seal_overhead(suite_)) {
    wipe(room);
    return false;
  }
  return outer_->open(nonce, aad, sealed, room) &&
         inner_.open(nonce, aad, room, room.first(room.size() - kAeadTagSize));
}

}  // namespace igudar
