#pragma once

#include <array>

#include "base/bytes.h"
#include "base/secret.h"

namespace igudar {

// Ed25519 (RFC 8032, FIPS 186-5). Thread-safe.
using Signature = std::array<std::uint8_t, 64>;

struct SigningKey {
  Id32 public_key;
  SecretBytes seed;  // 32 bytes
};

SigningKey generate_signing_key();
SigningKey signing_key_from_seed(ByteView seed);
Signature sign(const SigningKey& key, ByteView message);
[[nodiscard]] bool verify_signature(const Id32& public_key, ByteView message, ByteView signature);

}  // namespace igudar
