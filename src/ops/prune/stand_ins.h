#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "ops/prune/pack_usage.h"
#include "ops/run_monitor.h"
#include "repo/repository.h"

namespace igudar {

// Keeps the last good copy of a chunk from being deleted. Where a chunk is stored several times, the copy that
// snapshots name may have rotted, and the one that nobody names be the only good one: so before the latter goes, the
// former is read, and where it is damaged the other copies stay in its place. Needs no key but that of the index, for
// it is the packs' block hashes that tell; few chunks are stored twice, so little is read.
//
// Not thread-safe. Memory: 4 bytes for each frame of the index, and one read of about 4 MiB.
class StandIns {
 public:
  StandIns(const Repository& repository, PackUsage& usage, RunMonitor& monitor)
      : repository_(repository), usage_(usage), monitor_(monitor) {}

  // For a settled usage of which the packs `going` (ordinals) are to be deleted, what is live in them being copied
  // before. True when that would take away copies that are needed: they are marked, and the usage is to be settled
  // anew. Damage is reported. A copy is read once, however often this is called.
  bool mark(const std::vector<std::uint32_t>& going, std::stop_token stop);

 private:
  bool goes(std::uint32_t frame) const;
  void locate_frames();
  // Calls visit(copies) for each chunk with a copy that goes and one that is live: its copies, as ordinals of frames,
  // in a segment with one that goes and those with live frames. So a chunk may come several times.
  template <typename Visit>
  void visit_duplicates(const std::stop_token& stop, Visit&& visit) const;
  void add_live_segments(std::uint32_t but, const ChunkId& id, std::vector<std::uint32_t>& copies) const;
  bool verify(std::vector<std::uint32_t> frames, const std::stop_token& stop);
  // Frames of one pack, by offset. Returns those that are not what was stored.
  std::vector<std::uint32_t> rotten(const std::vector<std::uint32_t>& frames, const std::stop_token& stop);
  std::uint64_t offset_of(std::uint32_t frame) const;

  const Repository& repository_;
  PackUsage& usage_;
  RunMonitor& monitor_;
  bool any_lost_ = false;
  std::vector<bool> going_;                             // by pack
  std::vector<bool> has_live_;                          // by segment
  std::vector<bool> verified_;                          // by frame
  std::vector<std::vector<std::uint32_t>> by_segment_;  // ordinals of frames, by their place in the index
};

}  // namespace igudar
