#pragma once

#include <set>
#include <stop_token>
#include <unordered_set>

#include "ops/doomed_frames.h"
#include "ops/path_patterns.h"
#include "ops/run_monitor.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

// What an erasure is of: entries in all snapshots, or snapshots.
struct ErasureTarget {
  std::vector<std::string> patterns = {};
  std::set<SnapshotId> snapshots = {};

  bool is_of_paths() const { return !patterns.empty(); }
};

// What goes with it from the storage.
struct ErasedContent {
  // Pages that name erased entries, and the content of these that nothing else needs.
  std::unordered_set<ChunkId> chunks;
  // Where any of that lies, beside whatever.
  DoomedFrames frames;
  std::uint64_t chunks_shared = 0;  // of the content, what others need as well: it stays
};

// Looks through all pages that the index has, those too that no snapshot needs any more, for entries that the patterns
// match; and through the trees of the snapshots for who else needs their content. Snapshots are compared by their
// reference sets. What cannot be read and no snapshot needs is left aside; what one needs is damaged.
//
// Thread-safe. Memory: 48 bytes for each chunk of what is erased and for each page; with snapshots two reference sets.
ErasedContent find_erased(const Repository& repository, BlobIndex& index, const SnapshotCatalogue& catalogue,
                          const ErasureTarget& target, RunMonitor& monitor, const std::stop_token& stop);

}  // namespace igudar
