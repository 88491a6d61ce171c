#pragma once

#include "base/bytes.h"
#include "base/error.h"

namespace igudar {

// Reads the primitives of docs/format.md section 1 from a byte string, checking every length against what is left. Not
// thread-safe.
// Errors: all methods throw Error(damaged) naming `what` when the input ends early or is not canonical.
class ByteReader {
 public:
  // `what` names the record in errors ("index segment"): untranslated, must outlive the reader.
  ByteReader(ByteView input, const char* what) : rest_(input), what_(what) {}

  std::uint8_t u8() { return take(1)[0]; }
  std::uint16_t u16() { return fixed<std::uint16_t>(); }
  std::uint32_t u32() { return fixed<std::uint32_t>(); }
  std::uint64_t u64() { return fixed<std::uint64_t>(); }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  std::uint64_t varint() {
    if (!rest_.empty() && rest_[0] < 0x80) {
      const std::uint8_t value = rest_[0];
      rest_ = rest_.subspan(1);
      return value;
    }
    return long_varint();
  }
  // A varint that must not exceed `most`.
  std::uint64_t varint_up_to(std::uint64_t most);
  std::uint32_t varint32() { return static_cast<std::uint32_t>(varint_up_to(0xffffffffU)); }
  // A count of things that take at least `least_size` bytes each: bounded by what is left, so that it may size a
  // vector.
  std::size_t count(std::size_t least_size);
  std::int64_t zigzag();
  ByteView take(std::size_t size);
  ByteView bytes() { return take(static_cast<std::size_t>(varint_up_to(rest_.size()))); }
  std::string text() { return std::string(text_of(bytes())); }
  template <std::size_t N>
  FixedId<N> id() {
    return FixedId<N>::from(take(N));
  }

  ByteView rest() const { return rest_; }
  bool done() const { return rest_.empty(); }
  // Throws unless everything was read.
  void expect_done() const;
  [[noreturn]] void fail() const;

 private:
  template <typename T>
  T fixed() {
    const ByteView raw = take(sizeof(T));
    T value = 0;
    for (std::size_t i = sizeof(T); i-- > 0;) value = static_cast<T>(static_cast<std::uint64_t>(value) << 8 | raw[i]);
    return value;
  }
  std::uint64_t long_varint();

  ByteView rest_;
  const char* what_;
};

}  // namespace igudar
