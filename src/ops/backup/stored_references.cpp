#include "ops/backup/stored_references.h"

#include <algorithm>

namespace igudar {

namespace {

// Calls visit(session, frame, lost) for the frames of each pack that `wanted` (segment, ordinal of the pack) names.
template <typename Wanted, typename Visit>
void visit_frames(const BlobIndex& index, Wanted&& wanted, Visit&& visit) {
  const std::shared_ptr<const BlobIndex::Segments> segments = index.segments();
  for (const BlobIndex::LoadedSegment& segment : *segments) {
    std::vector<bool> packs(static_cast<std::size_t>(segment.rows->pack_count()));
    for (std::uint32_t i = 0; i < packs.size(); ++i) packs[i] = wanted(segment, i);
    if (std::find(packs.begin(), packs.end(), true) == packs.end()) continue;
    for (std::uint32_t i = 0; i < segment.rows->frame_count(); ++i) {
      const SegmentFrame frame = segment.rows->frame(i);
      if (packs[frame.pack]) visit(segment.rows->session(frame.info.session).id, frame.info, segment.lost->contains(i));
    }
  }
}

}  // namespace

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
  visit_frames(
      index, [](const BlobIndex::LoadedSegment& segment, std::uint32_t pack) { return !segment.absent[pack]; },
      [&](const SessionId& session, const FrameInfo& frame, bool lost) {
        if (!lost && references.contains_any(session, frame.stream, frame.first_ordinal, frame.chunks))
          held.add_range(session, frame.stream, frame.first_ordinal, frame.chunks);
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
  visit_frames(
      index,
      [&](const BlobIndex::LoadedSegment& segment, std::uint32_t pack) {
        return packs.contains(segment.rows->pack(pack).name);
      },
      [&](const SessionId& session, const FrameInfo& frame, bool) {
        any = any || references.contains_any(session, frame.stream, frame.first_ordinal, frame.chunks);
      });
  return any;
}

}  // namespace igudar
