#pragma once

#include <array>
#include <compare>
#include <optional>

#include "base/bytes.h"
#include "base/secret.h"

namespace igudar {

// Boxes that anyone may seal to a public key and only the holder of the secret key opens. Thread-safe functions.

// How: by libsodium's crypto_box_seal (ephemeral X25519, XSalsa20-Poly1305, nonce = BLAKE2b-192(ephemeral ‖
// recipient)), or, in repositories that keep to FIPS 140, by HPKE (RFC 9180) with P-256, HKDF-SHA-256 and AES-256-GCM.
enum class BoxKind : std::uint8_t { x25519, p256 };
inline constexpr std::array kBoxKinds = {BoxKind::x25519, BoxKind::p256};
// "x25519+xsalsa20-poly1305", "hpke-p256-sha256-aes-256-gcm".
std::string_view box_kind_name(BoxKind kind);

// By how much a box is longer than what is in it.
constexpr std::size_t box_overhead(BoxKind kind) {
  return kind == BoxKind::x25519 ? 48 : 65 + 16;
}

// A public key: of X25519 32 bytes, of P-256 a compressed point (SEC 1), 33 bytes. Its length tells its kind.
class BoxPublicKey {
 public:
  BoxPublicKey() = default;
  BoxPublicKey(const Id32& x25519);  // NOLINT(google-explicit-constructor): every such id is one
  // nullopt when the bytes have the form of no kind. Whether they are a point of the curve shows when they are used.
  static std::optional<BoxPublicKey> from(ByteView bytes);

  BoxKind kind() const { return size_ == Id32::kSize ? BoxKind::x25519 : BoxKind::p256; }
  ByteView view() const { return {bytes_.data(), size_}; }
  auto operator<=>(const BoxPublicKey&) const = default;

 private:
  static constexpr std::size_t kLongest = 33;
  std::array<std::uint8_t, kLongest> bytes_{};
  std::uint8_t size_ = Id32::kSize;
};

struct BoxKeyPair {
  BoxPublicKey public_key;
  SecretBytes secret_key;  // 32 bytes
};

// Throws unsupported for X25519 in FIPS mode, as everything here does.
BoxKeyPair generate_box_key_pair(BoxKind kind);
// The pair that an X25519 secret key belongs to. Throws damaged when it is not 32 bytes long.
BoxKeyPair box_key_pair_of(ByteView secret_key);
// The pair that follows from 32 random bytes: of X25519 they are the secret key, of P-256 RFC 9180 section 7.1.3 says
// how it is made from them.
BoxKeyPair derive_box_key_pair(BoxKind kind, ByteView key_material);

// Throws damaged when the public key is none that can be sealed to.
Bytes seal_to(const BoxPublicKey& public_key, ByteView message);
// nullopt when the box was not sealed to this key or was altered. Throws damaged when the keys are none.
std::optional<SecretBytes> open_sealed(const BoxPublicKey& public_key, ByteView secret_key, ByteView box);

}  // namespace igudar
