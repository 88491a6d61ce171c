#pragma once

#include <functional>
#include <vector>

#include "format/chunk_hasher.h"
#include "format/table_page.h"

namespace igudar {

// Builds a table (docs/format.md section 10.1) from entries in ascending order of keys. Equal entries make equal pages,
// whatever the table they are in and whoever builds it.
//
// Not thread-safe. Memory: one open page for each level.
class TableBuilder {
 public:
  // Is handed each finished page once, children before parents. The bytes are valid during the call only.
  using PutPage = std::function<void(const ChunkId& id, ByteView page)>;

  TableBuilder(ChunkType type, const PageCutter& cutter, ChunkHasher hasher, PutPage put_page);

  // Throws failed when `key` is not greater than the one before.
  void add(std::string_view key, ByteView value, const PageSums& sums);
  TableRoot finish();

 private:
  struct Level {
    PageEncoder page;
    PageSums sums;
    std::size_t measure = 0;
  };
  void close_page(std::size_t level);
  void add_child(std::size_t level, ChildPage child);

  ChunkType type_;
  const PageCutter& cutter_;
  ChunkHasher hasher_;
  PutPage put_page_;
  std::vector<Level> levels_;
  std::string last_key_;
  bool any_ = false;
  ChildPage last_child_;  // of the highest level
};

}  // namespace igudar
