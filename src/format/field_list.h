#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/sealed_box.h"
#include "format/byte_reader.h"

namespace igudar {

// A parsed field list (docs/format.md section 1): views into the input, which must outlive it. Tags it does not know
// are the caller's to ignore. Thread safety: const once parsed. Throws Error(damaged) on malformed input.
class FieldList {
 public:
  FieldList(ByteView input, const char* what);

  std::optional<ByteView> find(std::uint64_t tag) const;  // the first of that tag
  std::vector<ByteView> find_all(std::uint64_t tag) const;
  ByteView require(std::uint64_t tag) const;                    // throws when absent
  ByteView require(std::uint64_t tag, std::size_t size) const;  // or of another size
  std::uint8_t u8(std::uint64_t tag) const { return require(tag, 1)[0]; }
  std::uint16_t u16(std::uint64_t tag) const { return reader(tag, 2).u16(); }
  std::uint32_t u32(std::uint64_t tag) const { return reader(tag, 4).u32(); }
  std::uint64_t u64(std::uint64_t tag) const { return reader(tag, 8).u64(); }
  std::int64_t i64(std::uint64_t tag) const { return reader(tag, 8).i64(); }
  std::string text(std::uint64_t tag) const { return std::string(text_of(require(tag))); }
  std::vector<std::string> texts(std::uint64_t tag) const;
  BoxPublicKey box_key(std::uint64_t tag) const;   // of either kind, by its length
  std::vector<Id32> ids(std::uint64_t tag) const;  // every field of that tag, 32 bytes each
  ByteReader reader(std::uint64_t tag) const { return {require(tag), what_}; }

 private:
  ByteReader reader(std::uint64_t tag, std::size_t size) const { return {require(tag, size), what_}; }
  [[noreturn]] void fail() const { ByteReader({}, what_).fail(); }

  std::vector<std::pair<std::uint64_t, ByteView>> fields_;
  const char* what_;
};

}  // namespace igudar
