#include "ops/backup/parent_tree.h"

#include <algorithm>

#include "base/translate.h"
#include "repo/damaged_object.h"
#include "repo/extent_walk.h"

namespace igudar {

StoredParent::StoredParent(const Snapshot& snapshot, ChunkReader& chunks, ChunkReader& lists, FindPlace find_place,
                           RunMonitor& monitor)
    : ParentTree(std::move(find_place)),
      scan_time_(snapshot.scan_time),
      cursor_(chunks, ChunkType::page, snapshot.tree),
      lists_(lists),
      monitor_(monitor) {}

void StoredParent::advance(const std::stop_token& stop) {
  for (;;) {
    try {
      position_ = cursor_.next(stop) ? Position::at_entry : Position::end;
      return;
    } catch (const Error& error) {
      if (!is_loss(error)) throw;
      if (!std::exchange(has_gaps_, true))
        monitor_.note(trf("a part of the snapshot that this one is compared with is lost ({}): its files are read anew",
                          error.what()));
    }
  }
}

std::optional<ParentTree::Found> StoredParent::find(const std::string& key, const std::stop_token& stop) {
  if (position_ == Position::before) advance(stop);
  while (position_ == Position::at_entry && cursor_.key() < key) advance(stop);
  if (position_ == Position::end || cursor_.key() != key) return std::nullopt;
  return Found{cursor_.value(), {}};
}

bool StoredParent::find_places(const Found&, const Content& content, std::vector<OrdinalRange>& places,
                               const std::stop_token& stop) {
  std::vector<ChunkId> read;  // lists: which copies of them are lost shows when they are read
  const auto visit = [&](const VisitedExtent& visited) {
    if (!visited.extent.chunk) return true;
    if (visited.level == 0) return find_place(*visited.extent.chunk, places);
    read.push_back(*visited.extent.chunk);
    return true;
  };
  try {
    return visit_extents(content, lists_, visit, stop) &&
           std::all_of(read.begin(), read.end(), [&](const ChunkId& id) { return find_place(id, places); });
  } catch (const Error& error) {
    if (!is_loss(error)) throw;
    return false;  // the file is read anew, and its lists are stored again
  }
}

std::optional<ParentTree::Found> CachedParent::find(const std::string& key, const std::stop_token&) {
  const CachedEntry* entry = cache_.find(key);
  if (entry == nullptr) return std::nullopt;
  return Found{entry->value, entry->below};
}

bool CachedParent::find_places(const Found& found, const Content& content, std::vector<OrdinalRange>& places,
                               const std::stop_token&) {
  const auto find = [&](const ChunkId& id) { return find_place(id, places); };
  if (content.level > 0) return !found.below.empty() && std::all_of(found.below.begin(), found.below.end(), find);
  return std::all_of(content.extents.begin(), content.extents.end(),
                     [&](const Extent& extent) { return !extent.chunk || find(*extent.chunk); });
}

}  // namespace igudar
