#include "ops/check/lost_frames.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/hex.h"
#include "base/translate.h"
#include "format/entry_codec.h"
#include "repo/extent_walk.h"

namespace igudar {

namespace {

using LostChunks = std::unordered_set<ChunkId>;

bool is_lost(const BlobIndex::LoadedSegment& segment, std::uint32_t frame, const LostFrames& lost) {
  const SegmentFrame found = segment.rows->frame(frame);
  return segment.absent[found.pack] || lost.contains(segment.rows->pack(found.pack).name, found.offset);
}

bool has_other_copy(const BlobIndex::Segments& segments, const ChunkId& id, const LostFrames& lost) {
  return std::any_of(segments.begin(), segments.end(), [&](const BlobIndex::LoadedSegment& segment) {
    return segment.rows->may_contain(id) && segment.rows->find(id, [&](const MappedSegment::ChunkRecord& record) {
      return !is_lost(segment, record.frame, lost);
    });
  });
}

LostChunks lost_chunks(const BlobIndex& index, const LostFrames& lost) {
  LostChunks chunks;
  const std::shared_ptr<const BlobIndex::Segments> segments = index.segments();
  for (const BlobIndex::LoadedSegment& segment : *segments) {
    std::vector<bool> lost_here(static_cast<std::size_t>(segment.rows->frame_count()));
    for (std::uint32_t i = 0; i < lost_here.size(); ++i) lost_here[i] = is_lost(segment, i, lost);
    if (std::find(lost_here.begin(), lost_here.end(), true) == lost_here.end()) continue;
    MappedSegment::ChunkRecord record;
    for (std::uint64_t i = 0; i < segment.rows->chunk_count(); ++i) {
      segment.rows->read_records(i, 1, &record);
      if (lost_here[record.frame] && !has_other_copy(*segments, record.id, lost)) chunks.insert(record.id);
    }
  }
  return chunks;
}

// Looks through trees for lost chunks.
class LossReport {
 public:
  LossReport(const Repository& repository, const BlobIndex& index, LostChunks lost, Findings& findings,
             const std::stop_token& stop)
      : chunks_(repository, index), lost_(std::move(lost)), findings_(findings), stop_(stop) {}

  // Whether the snapshot needs any.
  bool look_through(const CataloguedSnapshot& snapshot) {
    name_ = "snapshots/" + to_hex(snapshot.id.view());
    const bool needs = page_needs_lost(snapshot.snapshot.tree.page, snapshot.snapshot.tree.level);
    if (needs) findings_.affect(snapshot.id);
    return needs;
  }

 private:
  bool page_needs_lost(const ChunkId& id, std::uint8_t level) {
    if (const auto known = pages_.find(id); known != pages_.end()) return known->second;
    bool needs = true;
    try {
      if (!lost_.contains(id)) {
        const TablePage page = decode_page(chunks_.read(ChunkType::page, id, stop_), level);
        needs = false;
        for (const ChildPage& child : page.children)
          needs = page_needs_lost(child.page, static_cast<std::uint8_t>(level - 1)) || needs;
        for (const LeafEntry& entry : page.entries) needs = entry_needs_lost(entry) || needs;
      }
    } catch (const Error& error) {
      if (!is_about_object(error)) throw;
    }
    pages_[id] = needs;
    return needs;
  }

  bool entry_needs_lost(const LeafEntry& entry) {
    const Entry decoded = decode_entry(entry.key, entry.value);
    if (!content_needs_lost(decoded.content)) return false;
    findings_.damage(Topic::file, name_,
                     trf("/{} cannot be restored whole: some of its content is damaged", decoded.path));
    return true;
  }

  bool content_needs_lost(const Content& content) {
    const auto is_kept = [&](const VisitedExtent& visited) {
      return !visited.extent.chunk || !lost_.contains(*visited.extent.chunk);
    };
    return !visit_extents(content, chunks_, is_kept, stop_);
  }

  ChunkReader chunks_;
  const LostChunks lost_;
  Findings& findings_;
  const std::stop_token stop_;
  std::string name_;
  std::unordered_map<ChunkId, bool> pages_;
};

}  // namespace

void LostFrames::add(const PackName& pack, std::uint64_t offset) {
  state_.with([&](State& state) { state.frames.emplace(pack, offset); });
}

void LostFrames::add_pack(const PackName& pack) {
  state_.with([&](State& state) { state.packs.insert(pack); });
}

bool LostFrames::contains(const PackName& pack, std::uint64_t offset) const {
  return state_.with([&](const State& state) {
    return state.packs.contains(pack) || state.frames.contains({pack, offset});
  });
}

bool LostFrames::empty() const {
  return state_.with([](const State& state) { return state.packs.empty() && state.frames.empty(); });
}

void report_lost_frames(const Repository& repository, const BlobIndex& index, const SnapshotCatalogue& catalogue,
                        const LostFrames& lost, Findings& findings, std::stop_token stop) {
  bool any_needed = false;
  if (LostChunks chunks = lost_chunks(index, lost); !chunks.empty()) {
    LossReport report(repository, index, std::move(chunks), findings, stop);
    for (const CataloguedSnapshot& snapshot : catalogue.snapshots())
      any_needed = report.look_through(snapshot) || any_needed;
  }
  if (!any_needed)
    findings.remark("packs", tr("no file of any snapshot is lost to the frames that cannot be used: nobody needs them, "
                                "or there are other copies"));
}

}  // namespace igudar
