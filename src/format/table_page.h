#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "format/chunk.h"

namespace igudar {

// Pages of the sorted tables that trees and reference sets are stored as (docs/format.md section 10.1).

// Sums over the entries below a page; of `newest` the maximum.
struct PageSums {
  std::uint64_t entries = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::int64_t newest = std::numeric_limits<std::int64_t>::min();

  void add(const PageSums& other);
  bool operator==(const PageSums&) const = default;
};

struct TableRoot {
  ChunkId page;
  std::uint8_t level = 0;
  bool operator==(const TableRoot&) const = default;
};

struct LeafEntry {
  std::string key;
  Bytes value;
};
struct ChildPage {
  std::string first_key;
  ChunkId page;
  PageSums sums;
};

// A decoded page: `entries` at level 0, `children` above.
struct TablePage {
  std::uint8_t level = 0;
  std::vector<LeafEntry> entries;
  std::vector<ChildPage> children;
};

constexpr std::uint8_t kHighestLevel = 15;

// Builds one page's bytes, entry by entry. Not thread-safe.
class PageEncoder {
 public:
  explicit PageEncoder(std::uint8_t level) : level_(level) {}

  void add_entry(std::string_view key, ByteView value);
  void add_child(const ChildPage& child);
  std::size_t count() const { return count_; }
  const std::string& first_key() const { return first_key_; }
  // The finished page; the encoder is then empty again.
  Bytes finish();

 private:
  void add_key(std::string_view key);

  std::uint8_t level_;
  std::size_t count_ = 0;
  std::string first_key_;
  std::string last_key_;
  Bytes body_;
};

// Reads a leaf entry by entry without allocating for each: key() and value() stay valid until the next call of next().
class LeafReader {
 public:
  // Throws damaged unless `page` is a leaf.
  explicit LeafReader(ByteView page);

  // False at the end. Throws damaged when the page is malformed or its keys do not ascend.
  bool next();
  const std::string& key() const { return key_; }
  ByteView value() const { return value_; }

 private:
  ByteView rest_;
  std::size_t left_ = 0;
  bool first_ = true;
  std::string key_;
  ByteView value_;
};

// Decodes a page whole. `level` is the one its parent or root says it has. Throws damaged.
TablePage decode_page(ByteView page, std::uint8_t level);

// By which hash: SipHash-2-4, or in a repository that keeps to FIPS 140 HMAC-SHA-256.
enum class CutHash : std::uint8_t { siphash, hmac };

// Decides where pages end. Const and thread-safe after construction.
class PageCutter {
 public:
  explicit PageCutter(ByteView chunker_key, CutHash hash = CutHash::siphash);
  // Whether a leaf whose measure became `measure` with an entry of `entry_measure` (key plus value) ends after it.
  bool ends_leaf(std::string_view key, std::size_t entry_measure, std::size_t measure) const;
  // Whether an inner page of `level` that now has `children` ends after the one with `first_key`.
  bool ends_inner(std::uint8_t level, std::string_view first_key, std::size_t children) const;

 private:
  std::uint64_t hash(std::uint8_t level, std::string_view key) const;
  CutHash hash_;
  SecretBytes key_;
};

}  // namespace igudar
