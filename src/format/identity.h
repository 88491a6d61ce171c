#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/kdf.h"
#include "crypto/sealed_box.h"

namespace igudar {

// Recipients and identity files as text (docs/format.md section 16); their keys are of X25519. Thread-safe functions.

// "igudar-recipient-1-…", one line with a checksum.
std::string encode_recipient(const BoxPublicKey& public_key);
// Whether this claims to be one.
bool looks_like_recipient(std::string_view text);
// Throws usage when it was mistyped.
BoxPublicKey decode_recipient(std::string_view text);

// The recipient among the lines of a file, an identity file's as well; nullopt when there is none. Throws usage as
// above.
std::optional<BoxPublicKey> find_recipient(ByteView text);

// The secret key, in clear or sealed with a passphrase, and the public key beside it.
struct IdentityFile {
  BoxPublicKey public_key;
  SecretBytes secret_key;  // empty when it is sealed
  PasswordKdfParams kdf;
  Id16 kdf_salt;
  Bytes sealed;  // empty when the key is in clear
};
// The whole file's text.
SecretBytes encode_identity(const BoxKeyPair& keys);
SecretBytes encode_identity(const BoxKeyPair& keys, ByteView passphrase, const PasswordKdfParams& kdf);
// Throws usage when it is no identity file or was altered.
IdentityFile parse_identity(ByteView text);
// The secret key of a sealed one; nullopt when the passphrase is not the one. Throws usage when the two keys do not
// belong together.
std::optional<SecretBytes> open_identity(const IdentityFile& file, ByteView passphrase);

}  // namespace igudar
