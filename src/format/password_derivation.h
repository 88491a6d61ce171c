#pragma once

#include "crypto/kdf.h"
#include "format/byte_reader.h"
#include "format/byte_writer.h"

namespace igudar {

// How a password becomes a key, as key slots and sealed identities say it: 25 bytes (docs/format.md section 5.1).
struct PasswordDerivation {
  PasswordKdfParams kdf;
  Id16 salt;
};
void write_derivation(ByteWriter& writer, const PasswordDerivation& derivation);
// As it stands there: the kdf may be one that only a newer program knows, and the costs be out of bounds. Throws
// damaged when it is cut short.
PasswordDerivation read_derivation(ByteReader& reader);

}  // namespace igudar
