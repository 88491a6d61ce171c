#pragma once

#include <map>
#include <utility>
#include <vector>

#include "format/chunk.h"

namespace igudar {

// Reference sets: which stored chunk copies a snapshot needs (docs/format.md section 10.4).

constexpr std::uint32_t kRefBlock = 65536;  // ordinals a block covers

struct RefKey {
  SessionId session;
  std::uint32_t stream = 0;
  std::uint32_t block = 0;
  auto operator<=>(const RefKey&) const = default;
};
std::string encode_ref_key(const RefKey& key);
RefKey decode_ref_key(std::string_view key);

// The ordinals of one block as a bitmap of 65,536 bits.
class RefBits {
 public:
  void set(std::uint32_t ordinal) { words_[ordinal >> 6] |= std::uint64_t{1} << (ordinal & 63); }
  void set_range(std::uint32_t first, std::uint32_t count);
  void reset(std::uint32_t ordinal) { words_[ordinal >> 6] &= ~(std::uint64_t{1} << (ordinal & 63)); }
  bool test(std::uint32_t ordinal) const { return (words_[ordinal >> 6] >> (ordinal & 63) & 1) != 0; }
  // Whether any of `count` ordinals from `first` on is set.
  bool any(std::uint32_t first, std::uint32_t count) const;
  std::uint32_t count() const;
  void merge(const RefBits& other);

  Bytes encode() const;
  static RefBits decode(ByteView value);
  bool operator==(const RefBits&) const = default;

 private:
  std::vector<std::uint64_t> words_ = std::vector<std::uint64_t>(kRefBlock / 64);
};

// A whole set in memory: 8 KiB for each block of 65,536 ordinals. Not thread-safe.
class RefSet {
 public:
  void add(const SessionId& session, std::uint32_t stream, std::uint64_t ordinal);
  void add_range(const SessionId& session, std::uint32_t stream, std::uint64_t first, std::uint64_t count);
  bool contains(const SessionId& session, std::uint32_t stream, std::uint64_t ordinal) const;
  bool contains_any(const SessionId& session, std::uint32_t stream, std::uint64_t first, std::uint64_t count) const;
  void merge(const RefKey& key, const RefBits& bits);
  const std::map<RefKey, RefBits>& blocks() const { return blocks_; }
  std::uint64_t count() const;

 private:
  std::map<RefKey, RefBits> blocks_;
};

}  // namespace igudar
