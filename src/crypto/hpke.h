#pragma once

#include <optional>

#include "crypto/aead.h"
#include "crypto/p256.h"

// HPKE (RFC 9180) in the mode "base", with DHKEM(P-256, HKDF-SHA256) and HKDF-SHA256, for one message. For crypto/
// alone. Thread-safe functions. P-256 keys, HKDF as a two-step key derivation (NIST SP 800-56C) and AES-GCM are all
// approved.
namespace igudar::hpke {

// The AEADs of section 7.3 that the key schedule is told apart by.
struct AeadId {
  std::uint16_t number;
  std::size_t key_size;
};
constexpr AeadId kAes128Gcm{0x0001, 16};
constexpr AeadId kAes256Gcm{0x0002, 32};

// Section 7.1.3: the pair that follows from key material, 32 random bytes or more.
p256::KeyPair derive_key_pair(ByteView key_material);

// Section 4.1. The shared secret, 32 bytes; nullopt when the point is none of the curve.
std::optional<SecretBytes> encapsulate(const p256::KeyPair& ephemeral, const p256::Point& recipient);
std::optional<SecretBytes> decapsulate(const p256::Point& encapsulated, const p256::KeyPair& recipient);

// Section 5.1.
struct MessageKey {
  SecretBytes key;
  AeadNonce nonce{};  // of the first message
};
MessageKey key_schedule(ByteView shared_secret, ByteView info, const AeadId& aead);

// With AES-256-GCM: the ephemeral public point, then what it sealed. Each pair is used for one message only. nullopt
// when the recipient's point is none of the curve.
std::optional<Bytes> seal(const p256::KeyPair& ephemeral, const p256::Point& recipient, ByteView info, ByteView aad,
                          ByteView message);
// nullopt when it was sealed to another key, with another info, or altered.
std::optional<SecretBytes> open(const p256::KeyPair& recipient, ByteView info, ByteView aad, ByteView sealed);

constexpr std::size_t kOverhead = p256::kPointSize + kAeadTagSize;

}  // namespace igudar::hpke
