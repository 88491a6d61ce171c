#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/aead.h"

namespace igudar {

// How bytes are sealed: the ciphers, and in which layers. A number names one for ever (docs/format.md section 3), so
// that what was sealed with it can always be opened, whatever later repositories use.
enum class CipherSuite : std::uint8_t {
  aes_256_gcm = 1,
  aes_256_gcm_chacha20_poly1305 = 2,  // AES-256-GCM, and its result in ChaCha20-Poly1305 under a key of its own
};
inline constexpr std::array kCipherSuites = {CipherSuite::aes_256_gcm, CipherSuite::aes_256_gcm_chacha20_poly1305};

constexpr bool is_layered(CipherSuite suite) {
  return suite == CipherSuite::aes_256_gcm_chacha20_poly1305;
}
// By how much sealed bytes are longer than plain ones: a tag for each layer.
constexpr std::size_t seal_overhead(CipherSuite suite) {
  return is_layered(suite) ? 2 * kAeadTagSize : kAeadTagSize;
}

// "aes-256-gcm", "aes-256-gcm+chacha20-poly1305".
std::string_view cipher_suite_name(CipherSuite suite);
std::optional<CipherSuite> find_cipher_suite(std::string_view name);
std::optional<CipherSuite> find_cipher_suite(std::uint8_t number);
// Throws unsupported for a number that this program does not know.
CipherSuite require_cipher_suite(std::uint8_t number);

// A suite under keys derived from one secret. The caller never uses a nonce twice with equal (secret, salt, info).
// Not thread-safe: one for each thread.
class SuiteCipher {
 public:
  // The keys are HKDF(secret, salt, info); of a layered suite HKDF(secret, salt, "inner " ‖ info) and "outer ", of
  // which none tells anything of the other.
  SuiteCipher(CipherSuite suite, ByteView secret, ByteView salt, const std::string& info);

  CipherSuite suite() const { return suite_; }
  // out.size() is plain.size() + seal_overhead(suite()). `out` may begin at `plain`.
  void seal(const AeadNonce& nonce, ByteView aad, ByteView plain, MutableByteView out);
  // Needs room for the innermost tags as well: room.size() == sealed.size() - kAeadTagSize. The plain bytes are the
  // first sealed.size() - seal_overhead(suite()) of it. False, and these wiped, when a tag does not match.
  [[nodiscard]] bool open(const AeadNonce& nonce, ByteView aad, ByteView sealed, MutableByteView room);

 private:
  CipherSuite suite_;
  Aead inner_;
  std::optional<Aead> outer_;
};

}  // namespace igudar
