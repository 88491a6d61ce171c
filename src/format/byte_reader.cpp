#include "format/byte_reader.h"

#include "base/translate.h"

namespace igudar {

void ByteReader::fail() const {
  throw Error(ErrorCode::damaged, trf("a record is malformed: {}", what_));
}

std::uint64_t ByteReader::long_varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    const std::uint8_t byte = u8();
    if (shift == 63 && byte > 1) fail();
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (byte == 0 && shift > 0) fail();
      return value;
    }
  }
  fail();
}

std::uint64_t ByteReader::varint_up_to(std::uint64_t most) {
  const std::uint64_t value = varint();
  if (value > most) fail();
  return value;
}

std::size_t ByteReader::count(std::size_t least_size) {
  return static_cast<std::size_t>(varint_up_to(rest_.size() / least_size));
}

std::int64_t ByteReader::zigzag() {
  const std::uint64_t value = varint();
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

ByteView ByteReader::take(std::size_t size) {
  if (size > rest_.size()) fail();
  const ByteView taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

void ByteReader::expect_done() const {
  if (!done()) fail();
}

}  // namespace igudar
