#pragma once

#include <cstdint>
#include <set>
#include <stop_token>
#include <vector>

#include "format/index_segment.h"
#include "ops/prune/pack_usage.h"
#include "ops/run_monitor.h"
#include "repo/repository.h"

namespace igudar {

struct RepackResult {
  std::vector<IndexSegment> parts;  // what the new packs hold, each sorted
  std::set<PackName> damaged;       // packs with live frames that could not be copied: reported, and not to be deleted
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;  // of the new packs
};

// Copies the live frames of `packs` (ordinals in usage.packs()) into new packs, sealed as they are. The secrets of
// their sessions are sealed to the newest epoch where the slot can open them. Every block that is read is verified by
// the packs' own hashes, so that what has rotted is not copied and then trusted. Of a damaged pack what is sound is
// copied; a slot that can open a frame next to the damage tells by that whether it is.
//
// The new packs are finished but neither durable nor visible before the store's flush().
// Needs the index key only. Memory: about 40 MiB, and 36 bytes for each chunk that is copied.
RepackResult repack(const Repository& repository, const PackUsage& usage, const std::vector<std::uint32_t>& packs,
                    RunMonitor& monitor, std::stop_token stop);

}  // namespace igudar
