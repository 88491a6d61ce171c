#pragma once

#include <array>
#include <optional>

#include "base/bytes.h"
#include "base/secret.h"

// The curve P-256 (NIST SP 800-186) through OpenSSL's EVP: key pairs, and ECDH as NIST SP 800-56A has it (section
// 5.7.1.2), whoever of OpenSSL's providers does it. For crypto/ alone. Thread-safe functions.
namespace igudar::p256 {

constexpr std::size_t kSecretSize = 32;
constexpr std::size_t kCompressedSize = 33;
constexpr std::size_t kPointSize = 65;

// SEC 1 (section 2.3.3): 4, x, y; and 2 or 3 by whether y is odd, x.
using Point = std::array<std::uint8_t, kPointSize>;
using CompressedPoint = std::array<std::uint8_t, kCompressedSize>;

struct KeyPair {
  Point public_point;
  SecretBytes secret;  // big-endian, 1 to the curve's order
};

KeyPair generate();
// The pair of a secret; nullopt when it is 0 or not less than the order. Throws damaged when it is not 32 bytes long.
std::optional<KeyPair> pair_of(ByteView secret);

CompressedPoint compressed(const Point& point);
// nullopt unless the bytes are such a point of the curve, in either form, and not that at infinity.
std::optional<Point> point_of(ByteView encoded);

// The x coordinate, 32 bytes; nullopt when `peer` is no point of the curve.
std::optional<SecretBytes> agree(ByteView secret, const Point& peer);

}  // namespace igudar::p256
