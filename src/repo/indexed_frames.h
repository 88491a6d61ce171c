#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "repo/blob_index.h"

namespace igudar {

// A frame by what the index says of it.
struct IndexedFrame {
  PackName pack;
  SessionId session;
  FrameInfo info;  // info.session is an ordinal in its segment: go by `session`
  bool lost = false;
};

// Calls visit(frame) for the frames of each pack that wanted(segment, ordinal of the pack) names, segment by segment. A
// pack that is in several segments comes several times.
template <typename Wanted, typename Visit>
void visit_frames(const BlobIndex& index, Wanted&& wanted, Visit&& visit) {
  const std::shared_ptr<const BlobIndex::Segments> segments = index.segments();
  for (const BlobIndex::LoadedSegment& segment : *segments) {
    const MappedSegment& rows = *segment.rows;
    std::vector<bool> packs(static_cast<std::size_t>(rows.pack_count()));
    for (std::uint32_t i = 0; i < packs.size(); ++i) packs[i] = wanted(segment, i);
    if (std::find(packs.begin(), packs.end(), true) == packs.end()) continue;
    for (std::uint32_t i = 0; i < rows.frame_count(); ++i) {
      const SegmentFrame frame = rows.frame(i);
      if (packs[frame.pack])
        visit(IndexedFrame{rows.pack(frame.pack).name, rows.session(frame.info.session).id, frame.info,
                           segment.lost->contains(i)});
    }
  }
}

// For visit_frames.
inline bool is_absent(const BlobIndex::LoadedSegment& segment, std::uint32_t pack) {
  return segment.absent[pack];
}
inline bool is_present(const BlobIndex::LoadedSegment& segment, std::uint32_t pack) {
  return !segment.absent[pack];
}

}  // namespace igudar
