#pragma once

#include <string_view>

#include "base/bytes.h"

namespace igudar {

// Appends the primitives of docs/format.md section 1 to a byte string. Not thread-safe.
class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { fixed(value, 2); }
  void u32(std::uint32_t value) { fixed(value, 4); }
  void u64(std::uint64_t value) { fixed(value, 8); }
  void i64(std::int64_t value) { fixed(static_cast<std::uint64_t>(value), 8); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<std::uint8_t>(value | 0x80));
    out_.push_back(static_cast<std::uint8_t>(value));
  }
  void zigzag(std::int64_t value) {
    varint(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
  }
  void raw(ByteView bytes) { append(out_, bytes); }
  void bytes(ByteView value) {
    varint(value.size());
    raw(value);
  }
  void text(std::string_view value) { bytes(view_of(value)); }
  // A field of a field list.
  void field(std::uint64_t tag, ByteView value) {
    varint(tag);
    bytes(value);
  }
  void field(std::uint64_t tag, std::string_view value) { field(tag, view_of(value)); }
  void field_u8(std::uint64_t tag, std::uint8_t value) { field(tag, ByteView(&value, 1)); }
  void field_u16(std::uint64_t tag, std::uint16_t value) { field_fixed(tag, value, 2); }
  void field_u32(std::uint64_t tag, std::uint32_t value) { field_fixed(tag, value, 4); }
  void field_u64(std::uint64_t tag, std::uint64_t value) { field_fixed(tag, value, 8); }
  void field_i64(std::uint64_t tag, std::int64_t value) { field_fixed(tag, static_cast<std::uint64_t>(value), 8); }

 private:
  void fixed(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i, value >>= 8) out_.push_back(static_cast<std::uint8_t>(value));
  }
  void field_fixed(std::uint64_t tag, std::uint64_t value, std::size_t size) {
    varint(tag);
    varint(size);
    fixed(value, size);
  }

  Bytes& out_;
};

}  // namespace igudar
