#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/secret.h"

namespace igudar {

// Fernet (github.com/fernet/spec, version 0x80): AES-128-CBC and HMAC-SHA-256 over them, tokens and keys in base64url.
// Thread-safe functions.

// The 32 bytes of a key as Python's `cryptography` writes it: 44 characters, a line end allowed. nullopt when it is
// none.
std::optional<SecretBytes> parse_fernet_key(ByteView text);

// The token, as text. `seconds` since 1970 goes into it in clear.
Bytes fernet_encrypt(ByteView key, ByteView message, std::uint64_t seconds, const Id16& iv);
// nullopt when it was made with another key, altered or is no token. However old it is.
std::optional<SecretBytes> fernet_decrypt(ByteView key, ByteView token);

}  // namespace igudar
