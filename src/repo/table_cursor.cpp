#include "repo/table_cursor.h"

#include <algorithm>

#include "base/error.h"

namespace igudar {

TableCursor::TableCursor(ChunkReader& chunks, ChunkType type, const TableRoot& root, std::string_view from)
    : chunks_(chunks), type_(type), root_(root), from_(from) {}

void TableCursor::descend(ChunkId page, std::uint8_t level, std::stop_token stop) {
  for (; level > 0; --level) {
    Step& step = path_.emplace_back(Step{decode_page(chunks_.read(type_, page, stop), level), 0});
    const auto& children = step.page.children;
    // The last child that begins at or before the wanted key; later ones begin at their first.
    const auto after =
        std::upper_bound(children.begin(), children.end(), from_,
                         [](const std::string& key, const ChildPage& child) { return key < child.first_key; });
    step.child = after == children.begin() ? 0 : static_cast<std::size_t>(after - children.begin()) - 1;
    page = children[step.child].page;
  }
  leaf_bytes_.clear();
  leaf_bytes_.append(chunks_.read(type_, page, stop));
  leaf_.emplace(leaf_bytes_.view());
}

bool TableCursor::next_leaf(std::stop_token stop) {
  leaf_.reset();
  while (!path_.empty() && path_.back().child + 1 == path_.back().page.children.size()) path_.pop_back();
  if (path_.empty()) return false;
  Step& step = path_.back();
  ++step.child;
  from_.clear();
  descend(step.page.children[step.child].page, static_cast<std::uint8_t>(step.page.level - 1), stop);
  return true;
}

bool TableCursor::next(std::stop_token stop) {
  if (!started_) {
    started_ = true;
    descend(root_.page, root_.level, stop);
  }
  for (;;) {
    while (leaf_ && next_in_leaf())
      if (from_.empty() || leaf_->key() >= from_) return true;
    if (!next_leaf(stop)) return false;
  }
}

bool TableCursor::next_in_leaf() {
  try {
    return leaf_->next();
  } catch (const Error&) {
    leaf_.reset();
    throw;
  }
}

void visit_pages(ChunkReader& chunks, ChunkType type, const TableRoot& root, const PageVisitor& visitor,
                 std::stop_token stop) {
  if (!visitor.enter(root.page, root.level)) return;
  const Bytes page = copy_of(chunks.read(type, root.page, stop));
  visitor.visit(root.page, root.level, page);
  if (root.level == 0) return;
  for (const ChildPage& child : decode_page(page, root.level).children)
    visit_pages(chunks, type, {child.page, static_cast<std::uint8_t>(root.level - 1)}, visitor, stop);
}

}  // namespace igudar
