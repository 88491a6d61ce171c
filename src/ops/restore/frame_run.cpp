#include "ops/restore/frame_run.h"

#include <algorithm>
#include <tuple>

#include "base/hex.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::size_t kWindowChunks = 32 * 1024;
constexpr std::size_t kRunBytes = 4U << 20;   // frames read together
constexpr std::uint64_t kRunGap = 64U << 10;  // unwanted bytes worth reading over

std::uint64_t end_of(const FrameLocation& frame) {
  return frame.offset + frame.info.sealed_size();
}

bool belongs_to(const FrameRun& run, const FrameLocation& frame) {
  const FrameLocation& last = run.frames.back().location;
  if (last.pack.name != frame.pack.name || frame.offset < end_of(last)) return false;
  return frame.offset - end_of(last) <= kRunGap && run.bytes() + frame.info.sealed_size() <= kRunBytes;
}

}  // namespace

std::size_t FrameRun::bytes() const {
  return frames.empty() ? 0 : static_cast<std::size_t>(end_of(frames.back().location) - frames.front().location.offset);
}

std::size_t FrameRun::memory_cost() const {
  constexpr std::size_t kCostOfWrite = sizeof(ChunkWrite) + sizeof(RestoredFile) + 256;
  std::size_t cost = bytes();
  for (const Frame& frame : frames) cost += frame.writes.size() * kCostOfWrite;
  return cost;
}

ChunkLocation FrameRunPlanner::locate(const Extent& extent, const std::stop_token& stop) {
  const ChunkId& id = *extent.chunk;
  std::optional<ChunkLocation> location = index_->find(id);
  if (!location && newest_.look_again(index_, ReaderIndex::Missing::chunk, stop)) {
    hand_out(stop);  // what is planned by the older one, to plan on by the newer
    location = index_->find(id);
  }
  if (!location || location->size != extent.size)
    throw Error(ErrorCode::damaged, trf("chunk {} is missing: no pack in the index has it", to_hex(id.view())),
                tr("Run 'igudar check' to see what is affected."));
  return *location;
}

void FrameRunPlanner::add(const RestoredFilePtr& file, const Extent& extent, std::uint64_t offset,
                          const std::stop_token& stop) {
  const ChunkLocation location = locate(extent, stop);
  const FrameLocation frame = index_->frame(location);
  file->chunks_left.fetch_add(1);
  window_.push_back(
      {location, frame.pack.name, frame.offset, {file, *extent.chunk, offset, location.offset, location.size}});
}

bool FrameRunPlanner::full() const {
  return window_.size() >= kWindowChunks;
}

void FrameRunPlanner::hand_out(const std::stop_token& stop) {
  std::sort(window_.begin(), window_.end(), [](const PlannedWrite& a, const PlannedWrite& b) {
    return std::tie(a.pack, a.pack_offset, a.write.frame_offset) <
           std::tie(b.pack, b.pack_offset, b.write.frame_offset);
  });
  FrameRun run;
  std::uint64_t current_frame = ~std::uint64_t{0};
  for (PlannedWrite& planned : window_) {
    if (run.frames.empty() || planned.location.frame_key() != current_frame) {
      const FrameLocation frame = index_->frame(planned.location);
      if (!run.frames.empty() && !belongs_to(run, frame)) push(run, stop);
      current_frame = planned.location.frame_key();
      run.frames.push_back({frame, {}});
    }
    run.frames.back().writes.push_back(std::move(planned.write));
  }
  if (!run.frames.empty()) push(run, stop);
  window_.clear();
  index_ = newest_.current();
}

void FrameRunPlanner::push(FrameRun& run, const std::stop_token& stop) {
  run.index = index_;
  const std::size_t cost = run.memory_cost();
  runs_.push(std::exchange(run, {}), cost, stop);
}

}  // namespace igudar
