#include "ops/prune/stand_ins.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <tuple>

#include "base/translate.h"
#include "ops/prune/verified_pack.h"
#include "repo/damaged_object.h"

namespace igudar {

namespace {

constexpr std::size_t kRecordBatch = 1024;
constexpr std::uint32_t kNone = ~std::uint32_t{0};

// What keeps a copy from being relied on, though it may be there another day.
bool is_unreadable(const Error& error) {
  return is_loss(error) || error.code() == ErrorCode::io;
}

struct RottenFrames {
  std::vector<std::size_t> places;  // among the frames of a VerifiedPack
  std::optional<Error> why;
  Buffer bytes;
};

// Frame by frame where a longer run is damaged.
void read(const VerifiedPack& pack, const VerifiedPack::Run& run, RottenFrames& rotten, const std::stop_token& stop) {
  try {
    pack.read(run, rotten.bytes, stop);
  } catch (const Error& error) {
    if (!is_unreadable(error)) throw;
    if (run.last - run.first == 1) {
      rotten.places.push_back(run.first);
      rotten.why = error;
      return;
    }
    for (std::size_t i = run.first; i < run.last; ++i) read(pack, pack.run_of(i), rotten, stop);
  }
}

}  // namespace

bool StandIns::mark(const std::vector<std::uint32_t>& going, std::stop_token stop) {
  going_.assign(usage_.packs().size(), false);
  for (const std::uint32_t pack : going) going_[pack] = true;
  locate_frames();
  const std::vector<FrameUse>& frames = usage_.frames();
  has_live_.assign(by_segment_.size(), false);
  for (const FrameUse& frame : frames)
    if (frame.live) has_live_[frame.segment] = true;

  std::set<std::uint32_t> unverified;
  visit_duplicates(stop, [&](const std::vector<std::uint32_t>& copies) {
    for (const std::uint32_t copy : copies)
      if (frames[copy].live && !verified_[copy]) unverified.insert(copy);
  });
  bool changed = verify({unverified.begin(), unverified.end()}, stop);
  if (!any_lost_) return false;

  visit_duplicates(stop, [&](const std::vector<std::uint32_t>& copies) {
    const auto serves = [&](std::uint32_t copy) { return frames[copy].live && !frames[copy].lost; };
    if (std::any_of(copies.begin(), copies.end(), serves)) return;
    for (const std::uint32_t copy : copies) {
      changed = changed || !frames[copy].needed;
      usage_.mark(copy);
    }
  });
  return changed;
}

bool StandIns::goes(std::uint32_t frame) const {
  const FrameUse& use = usage_.frames()[frame];
  return going_[use.pack] && !use.live;
}

void StandIns::locate_frames() {
  if (!by_segment_.empty()) return;
  verified_.resize(usage_.frames().size());
  for (const BlobIndex::LoadedSegment& segment : usage_.segments())
    by_segment_.emplace_back(static_cast<std::size_t>(segment.rows->frame_count()), kNone);
  for (std::uint32_t i = 0; i < usage_.frames().size(); ++i) {
    const FrameUse& use = usage_.frames()[i];
    by_segment_[use.segment][use.frame] = i;
  }
}

template <typename Visit>
void StandIns::visit_duplicates(const std::stop_token& stop, Visit&& visit) const {
  std::array<MappedSegment::ChunkRecord, kRecordBatch> records;
  for (std::uint32_t s = 0; s < by_segment_.size(); ++s) {
    const std::vector<std::uint32_t>& frames = by_segment_[s];
    const auto goes_from_here = [&](std::uint32_t frame) { return frame != kNone && goes(frame); };
    if (std::none_of(frames.begin(), frames.end(), goes_from_here)) continue;
    ChunkId id;
    std::vector<std::uint32_t> copies;  // of it; equal ids stand together
    const auto finish = [&] {
      if (!std::any_of(copies.begin(), copies.end(), goes_from_here)) return;
      add_live_segments(s, id, copies);
      if (std::any_of(copies.begin(), copies.end(), [&](std::uint32_t copy) { return usage_.frames()[copy].live; }))
        visit(copies);
    };
    const MappedSegment& rows = *usage_.segments()[s].rows;
    for (std::uint64_t at = 0; at < rows.chunk_count(); at += records.size()) {
      if (stop.stop_requested()) throw Error(ErrorCode::interrupted, tr("stopped"));
      const std::uint64_t count = std::min<std::uint64_t>(records.size(), rows.chunk_count() - at);
      rows.read_records(at, count, records.data());
      for (std::size_t i = 0; i < count; ++i) {
        if (records[i].id != id) {
          finish();
          copies.clear();
          id = records[i].id;
        }
        if (const std::uint32_t frame = frames.at(records[i].frame); frame != kNone) copies.push_back(frame);
      }
    }
    finish();
  }
}

void StandIns::add_live_segments(std::uint32_t but, const ChunkId& id, std::vector<std::uint32_t>& copies) const {
  for (std::uint32_t s = 0; s < by_segment_.size(); ++s) {
    const MappedSegment& rows = *usage_.segments()[s].rows;
    if (s == but || !has_live_[s] || !rows.may_contain(id)) continue;
    rows.find(id, [&](const MappedSegment::ChunkRecord& record) {
      if (const std::uint32_t frame = by_segment_[s].at(record.frame); frame != kNone) copies.push_back(frame);
      return false;
    });
  }
}

std::uint64_t StandIns::offset_of(std::uint32_t frame) const {
  const FrameUse& use = usage_.frames()[frame];
  return usage_.segments()[use.segment].rows->frame(use.frame).offset;
}

// True when any of them turns out to be lost.
bool StandIns::verify(std::vector<std::uint32_t> frames, const std::stop_token& stop) {
  if (frames.empty()) return false;
  std::uint64_t bytes = 0;
  for (const std::uint32_t frame : frames) {
    verified_[frame] = true;
    bytes += usage_.frames()[frame].sealed_size;
  }
  monitor_.phase(tr("Verifying what stays of equal copies"));
  monitor_.totals(0, bytes);
  const auto pack_of = [&](std::uint32_t frame) { return usage_.frames()[frame].pack; };
  std::sort(frames.begin(), frames.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tuple(pack_of(a), offset_of(a)) < std::tuple(pack_of(b), offset_of(b));
  });
  bool found = false;
  for (auto first = frames.begin(); first != frames.end();) {
    const auto last = std::find_if(first, frames.end(), [&](std::uint32_t f) { return pack_of(f) != pack_of(*first); });
    for (const std::uint32_t frame : rotten({first, last}, stop)) {
      usage_.set_lost(frame);
      found = any_lost_ = true;
    }
    first = last;
  }
  return found;
}

std::vector<std::uint32_t> StandIns::rotten(const std::vector<std::uint32_t>& frames, const std::stop_token& stop) {
  const PackUse& pack = usage_.packs()[usage_.frames()[frames.front()].pack];
  std::vector<FrameSpan> spans;
  for (const std::uint32_t frame : frames) spans.push_back({offset_of(frame), usage_.frames()[frame].sealed_size});
  RottenFrames rotten;
  std::vector<std::uint32_t> found;
  try {
    const VerifiedPack reader(repository_.store(), pack.name, pack.size, spans, stop);
    for (std::size_t first = 0; first < frames.size();) {
      const VerifiedPack::Run run = reader.run_from(first);
      read(reader, run, rotten, stop);
      for (; first < run.last; ++first) monitor_.advance(0, spans[first].size);
    }
    for (const std::size_t i : rotten.places) found.push_back(frames[i]);
  } catch (const Error& error) {
    if (!is_unreadable(error)) throw;
    found = frames;
    rotten.why = error;
  }
  if (rotten.why)
    monitor_.problem(pack_object(pack.name).to_string(),
                     Error(ErrorCode::damaged,
                           trf("{}; other copies of what is damaged are kept in its place", rotten.why->message()),
                           tr("Run 'igudar check --read-data' to see what is affected.")));
  return found;
}

}  // namespace igudar
