#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/secret.h"

namespace igudar {

// An X25519 key pair that anyone may seal to and only the holder of the secret opens (libsodium crypto_box_seal:
// ephemeral X25519, XSalsa20-Poly1305, nonce = BLAKE2b-192(ephemeral ‖ recipient)).
struct BoxKeyPair {
  Id32 public_key;
  SecretBytes secret_key;  // 32 bytes
};
constexpr std::size_t kSealedBoxOverhead = 48;

BoxKeyPair generate_box_key_pair();
// The pair that a secret key belongs to. Throws damaged when it is not 32 bytes long.
BoxKeyPair box_key_pair_of(ByteView secret_key);
Bytes seal_to(const Id32& public_key, ByteView message);
// nullopt when the box was not sealed to this key or was altered. Thread-safe.
std::optional<SecretBytes> open_sealed(const Id32& public_key, ByteView secret_key, ByteView box);

}  // namespace igudar
