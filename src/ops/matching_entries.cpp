#include "ops/matching_entries.h"

#include "format/entry_codec.h"

namespace igudar {

MatchCount MatchingEntries::count(const ChunkId& page, std::uint8_t level, const std::stop_token& stop) {
  if (const auto known = known_.find(page); known != known_.end()) return known->second;
  MatchCount sum;
  const TablePage decoded = decode_page(pages_.read(ChunkType::page, page, stop), level);
  for (const ChildPage& child : decoded.children) {
    const MatchCount below = count(child.page, static_cast<std::uint8_t>(level - 1), stop);
    sum.entries += below.entries;
    sum.files += below.files;
    sum.bytes += below.bytes;
  }
  for (const LeafEntry& leaf : decoded.entries) {
    const Entry entry = decode_entry(leaf.key, leaf.value);
    if (!wanted_(entry.path, entry.meta.type == EntryType::directory)) continue;
    const PageSums sums = sums_of(entry);
    ++sum.entries;
    sum.files += sums.files;
    sum.bytes += sums.bytes;
  }
  return known_[page] = sum;
}

}  // namespace igudar
