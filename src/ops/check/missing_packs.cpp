#include "ops/check/missing_packs.h"

#include <map>
#include <tuple>

#include "base/translate.h"
#include "repo/gone_frames.h"
#include "repo/indexed_frames.h"

namespace igudar {

namespace {

struct GoneFrame {
  PackName pack;
  std::uint32_t chunks = 0;
};
using FrameId = std::tuple<SessionId, std::uint32_t, std::uint64_t>;  // session, stream, first ordinal

FrameId id_of(const IndexedFrame& frame) {
  return {frame.session, frame.info.stream, frame.info.first_ordinal};
}

// Whether each chunk of a frame that `references` names lies somewhere else as well.
bool has_other_copies(const BlobIndex& index, const GoneFrames& gone, const FrameId& frame, std::uint32_t chunks,
                      const RefSet& references) {
  const auto& [session, stream, first] = frame;
  for (std::uint64_t ordinal = first; ordinal < first + chunks; ++ordinal) {
    if (!references.contains(session, stream, ordinal)) continue;
    const std::optional<GoneFrames::Chunk> chunk = gone.find(session, stream, ordinal);
    if (!chunk || !index.find(chunk->id)) return false;
  }
  return true;
}

}  // namespace

void report_missing_packs(const BlobIndex& index, const RefSet& references, Findings& findings) {
  const std::shared_ptr<const BlobIndex::Segments> segments = index.segments();
  std::set<PackName> missing;
  for (const BlobIndex::LoadedSegment& segment : *segments)
    for (std::uint32_t i = 0; i < segment.rows->pack_count(); ++i)
      if (segment.absent[i]) missing.insert(segment.rows->pack(i).name);
  if (missing.empty()) return;

  std::map<FrameId, GoneFrame> needed;
  std::set<PackName> replaced;
  std::set<PackName> lost;
  visit_frames(index, is_absent, [&](const IndexedFrame& frame) {
    const FrameInfo& info = frame.info;
    if (references.contains_any(frame.session, info.stream, info.first_ordinal, info.chunks))
      needed[id_of(frame)] = {frame.pack, info.chunks};
  });
  visit_frames(index, is_present, [&](const IndexedFrame& frame) { needed.erase(id_of(frame)); });
  const GoneFrames gone(index);
  for (const auto& [id, frame] : needed)
    (has_other_copies(index, gone, id, frame.chunks, references) ? replaced : lost).insert(frame.pack);
  for (const PackName& pack : missing) {
    const std::string name = pack_object(pack).to_string();
    if (lost.contains(pack))
      findings.absence(Topic::pack, name, tr("it is missing, and snapshots need what it held"));
    else if (replaced.contains(pack))
      findings.remark(name, tr("it is missing, but other packs hold all that snapshots need of it"));
    else
      findings.remark(name, tr("the index names it, but it is gone; no snapshot needs it"));
  }
}

}  // namespace igudar
