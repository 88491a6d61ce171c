#pragma once

#include <array>
#include <memory>

#include "base/bytes.h"

namespace igudar {

constexpr std::size_t kAeadKeySize = 32;
constexpr std::size_t kAeadTagSize = 16;
using AeadNonce = std::array<std::uint8_t, 12>;

// The nonce whose last 8 bytes are `counter`, big-endian, after 4 zero bytes.
AeadNonce counter_nonce(std::uint64_t counter);

// AES-256-GCM (NIST SP 800-38D) and ChaCha20-Poly1305 (RFC 8439): both have keys, nonces and tags of equal sizes.
enum class AeadCipher : std::uint8_t { aes_256_gcm, chacha20_poly1305 };

// One of them under one key, through OpenSSL's EVP. The caller never uses a nonce twice.
// Not thread-safe: one for each thread.
class Aead {
 public:
  // `key` is 32 bytes. Throws unsupported where the system's OpenSSL lacks the cipher, and for ChaCha20 in FIPS
  // mode.
  Aead(AeadCipher cipher, ByteView key);
  ~Aead();
  Aead(Aead&&) noexcept;
  Aead& operator=(Aead&&) noexcept;

  // Goes on under another key, without what a new one of these costs: where each message has a key of its own.
  void set_key(ByteView key);

  // Writes ciphertext ‖ tag to `out`, whose size is plain.size() + kAeadTagSize. `out` may begin at `plain`.
  void seal(const AeadNonce& nonce, ByteView aad, ByteView plain, MutableByteView out);
  // False, and `out` wiped, when the tag does not match; out.size() == sealed.size() - kAeadTagSize.
  [[nodiscard]] bool open(const AeadNonce& nonce, ByteView aad, ByteView sealed, MutableByteView out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace igudar
