#include "ops/stored_references.h"

#include <algorithm>

#include "repo/indexed_frames.h"

namespace igudar {

RefSet read_references(const Repository& repository, BlobIndex& index, const TableRoot& refset,
                       const std::vector<OrdinalRange>& pages, std::stop_token stop) {
  RefSet references;
  for (const OrdinalRange& page : pages) references.add_range(page.session, page.stream, page.first, page.count);
  ChunkReader chunks(repository, index, [&](const ChunkLocation& copy, const Error&) { index.set_lost(copy); });
  TableCursor blocks(chunks, ChunkType::refset, refset);
  while (blocks.next(stop)) references.merge(decode_ref_key(blocks.key()), RefBits::decode(blocks.value()));
  return references;
}

bool all_present(const RefSet& references, const BlobIndex& index) {
  RefSet held;
  visit_frames(index, is_present, [&](const IndexedFrame& frame) {
    const FrameInfo& info = frame.info;
    if (!frame.lost && references.contains_any(frame.session, info.stream, info.first_ordinal, info.chunks))
      held.add_range(frame.session, info.stream, info.first_ordinal, info.chunks);
  });
  return std::all_of(references.blocks().begin(), references.blocks().end(), [&](const auto& block) {
    const auto found = held.blocks().find(block.first);
    if (found == held.blocks().end()) return block.second.count() == 0;
    RefBits both = found->second;
    both.merge(block.second);
    return both == found->second;
  });
}

bool any_in_packs(const RefSet& references, const BlobIndex& index, const std::set<PackName>& packs) {
  bool any = false;
  const auto is_wanted = [&](const BlobIndex::LoadedSegment& segment, std::uint32_t pack) {
    return packs.contains(segment.rows->pack(pack).name);
  };
  visit_frames(index, is_wanted, [&](const IndexedFrame& frame) {
    const FrameInfo& info = frame.info;
    any = any || references.contains_any(frame.session, info.stream, info.first_ordinal, info.chunks);
  });
  return any;
}

}  // namespace igudar
