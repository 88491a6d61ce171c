#pragma once

#include <functional>
#include <vector>

#include "format/entry_codec.h"

namespace igudar {

// Gathers the extents of a file of any size into the content of its entry, moving them out to extent lists
// (docs/format.md section 10.3) when they are many. Equal extents make equal lists.
//
// Not thread-safe. Memory: one open list for each level, however large the file.
class ExtentListBuilder {
 public:
  // Stores an extent list and returns its id.
  using PutList = std::function<ChunkId(ByteView list)>;
  explicit ExtentListBuilder(PutList put_list) : put_list_(std::move(put_list)) {}

  void add(const Extent& extent) { add_at(0, extent); }
  // The content; the builder is empty again.
  Content finish();

 private:
  void add_at(std::size_t level, const Extent& extent);
  void move_out(std::size_t level);

  PutList put_list_;
  // By level: extents not yet moved out. A level moves out nothing before it has more than an entry may hold.
  std::vector<std::vector<Extent>> levels_;
  std::vector<bool> indirect_;
};

}  // namespace igudar
