#include "format/password_derivation.h"

namespace igudar {

void write_derivation(ByteWriter& writer, const PasswordDerivation& derivation) {
  writer.u8(static_cast<std::uint8_t>(derivation.kdf.kdf));
  writer.u32(derivation.kdf.passes);
  writer.u32(derivation.kdf.memory_kib);
  writer.raw(derivation.salt.view());
}

PasswordDerivation read_derivation(ByteReader& reader) {
  PasswordDerivation derivation;
  derivation.kdf = {static_cast<PasswordKdf>(reader.u8()), reader.u32(), reader.u32()};
  derivation.salt = reader.id<16>();
  return derivation;
}

}  // namespace igudar
