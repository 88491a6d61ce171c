#pragma once

#include <optional>
#include <vector>

#include "format/table_page.h"
#include "repo/frame_reader.h"

namespace igudar {

// Walks the entries of a stored table in order, from any key on.
//
// Not thread-safe. Memory: one leaf and one inner page for each level. Errors: those of ChunkReader; damaged for
// malformed pages. After an error the walk can go on: the next entry is the first behind the page that could not be
// read.
class TableCursor {
 public:
  TableCursor(ChunkReader& chunks, ChunkType type, const TableRoot& root, std::string_view from = {});

  // Moves to the next entry; false at the end.
  bool next(std::stop_token stop);
  const std::string& key() const { return leaf_->key(); }
  ByteView value() const { return leaf_->value(); }

 private:
  struct Step {
    TablePage page;
    std::size_t child = 0;  // the one being read
  };
  void descend(ChunkId page, std::uint8_t level, std::stop_token stop);
  bool next_leaf(std::stop_token stop);
  bool next_in_leaf();

  ChunkReader& chunks_;
  ChunkType type_;
  TableRoot root_;
  std::string from_;
  bool started_ = false;
  std::vector<Step> path_;
  Buffer leaf_bytes_;
  std::optional<LeafReader> leaf_;
};

// Visits every page of a table below `root`, parents first. `enter` says whether to read the page (and so its
// children): a page that was visited before need not be read again. `visit` gets the page's bytes.
struct PageVisitor {
  std::function<bool(const ChunkId& id, std::uint8_t level)> enter;
  std::function<void(const ChunkId& id, std::uint8_t level, ByteView page)> visit;
};
void visit_pages(ChunkReader& chunks, ChunkType type, const TableRoot& root, const PageVisitor& visitor,
                 std::stop_token stop);

}  // namespace igudar
