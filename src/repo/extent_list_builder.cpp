#include "repo/extent_list_builder.h"

#include <algorithm>
#include <utility>

namespace igudar {

void ExtentListBuilder::add_at(std::size_t level, const Extent& extent) {
  if (level == levels_.size()) {
    levels_.emplace_back();
    indirect_.push_back(false);
  }
  levels_[level].push_back(extent);
  if (!indirect_[level] && levels_[level].size() > kMostDirectExtents) {
    // Too many for the entry itself: from here on they go to lists, from the first one on.
    indirect_[level] = true;
    std::vector<Extent> gathered = std::exchange(levels_[level], {});
    for (const Extent& each : gathered) {
      levels_[level].push_back(each);
      if (ends_extent_list(each, levels_[level].size())) move_out(level);
    }
    return;
  }
  if (indirect_[level] && ends_extent_list(extent, levels_[level].size())) move_out(level);
}

void ExtentListBuilder::move_out(std::size_t level) {
  const std::vector<Extent> list = std::exchange(levels_[level], {});
  std::uint64_t covered = 0;
  for (const Extent& extent : list) covered += extent.size;
  add_at(level + 1, {covered, put_list_(encode_extent_list(list))});
}

Content ExtentListBuilder::finish() {
  Content content;
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    if (indirect_[level]) {
      if (!levels_[level].empty()) move_out(level);
      continue;
    }
    content.level = static_cast<std::uint8_t>(level);
    content.extents = std::move(levels_[level]);
    break;
  }
  levels_.clear();
  indirect_.clear();
  return content;
}

}  // namespace igudar
