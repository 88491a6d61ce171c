#include "repo/table_builder.h"

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

TableBuilder::TableBuilder(ChunkType type, const PageCutter& cutter, ChunkHasher hasher, PutPage put_page)
    : type_(type), cutter_(cutter), hasher_(std::move(hasher)), put_page_(std::move(put_page)) {
  levels_.push_back({PageEncoder(0), {}, 0});
}

void TableBuilder::add(std::string_view key, ByteView value, const PageSums& sums) {
  if (any_ && !(last_key_ < key)) throw Error(ErrorCode::failed, tr("the entries of a table are out of order"));
  any_ = true;
  last_key_ = key;
  Level& leaf = levels_[0];
  leaf.page.add_entry(key, value);
  leaf.sums.add(sums);
  leaf.measure += key.size() + value.size();
  if (cutter_.ends_leaf(key, key.size() + value.size(), leaf.measure)) close_page(0);
}

void TableBuilder::close_page(std::size_t level) {
  Level& open = levels_[level];
  ChildPage child{open.page.first_key(), {}, open.sums};
  const Bytes page = open.page.finish();
  open.sums = {};
  open.measure = 0;
  child.page = hasher_.id(type_, page);
  put_page_(child.page, page);
  add_child(level + 1, std::move(child));
}

void TableBuilder::add_child(std::size_t level, ChildPage child) {
  if (level == levels_.size()) levels_.push_back({PageEncoder(static_cast<std::uint8_t>(level)), {}, 0});
  Level& parent = levels_[level];
  parent.page.add_child(child);
  parent.sums.add(child.sums);
  const bool ends = cutter_.ends_inner(static_cast<std::uint8_t>(level), child.first_key, parent.page.count());
  if (level + 1 == levels_.size()) last_child_ = std::move(child);
  if (ends) close_page(level);
}

TableRoot TableBuilder::finish() {
  for (std::size_t level = 0;; ++level) {
    const bool empty_table = level == 0 && !any_;
    if (levels_[level].page.count() > 0 || empty_table) close_page(level);
    const bool parent_is_highest = level + 2 == levels_.size();
    if (parent_is_highest && levels_[level + 1].page.count() == 1)
      return {last_child_.page, static_cast<std::uint8_t>(level)};
  }
}

}  // namespace igudar
