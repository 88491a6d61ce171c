#pragma once

#include <set>
#include <stop_token>

#include "ops/prune/pack_usage.h"
#include "ops/run_monitor.h"
#include "repo/frame_reader.h"
#include "repo/snapshot_catalogue.h"
#include "repo/table_cursor.h"

namespace igudar {

// Marks what snapshots refer to, reading each page of their reference sets once, however many share it. Needs the index
// key only. Not thread-safe.
class ReferenceMarker {
 public:
  ReferenceMarker(const Repository& repository, const BlobIndex& index, PackUsage& usage);

  // Returns how many chunks that the snapshot names are nowhere, less those found missing with an earlier one. Throws
  // damaged, naming the snapshot, when its reference set cannot be read.
  std::uint64_t mark(const CataloguedSnapshot& snapshot, std::stop_token stop);

 private:
  ChunkReader chunks_;
  PackUsage& usage_;
  std::set<ChunkId> visited_;
};

// Reports that `chunks` which the snapshot needs are nowhere, unless there are none.
void report_missing(const CataloguedSnapshot& snapshot, std::uint64_t chunks, RunMonitor& monitor);

// The snapshots, provided that all of them can be read: throws damaged, with what to do, when a record is damaged or
// lost (also one that only this machine remembers), since nothing tells then what it needs.
SnapshotCatalogue load_complete_catalogue(const Repository& repository, std::stop_token stop);
// Throws damaged, with what to do, when there is such a pack: it has to go, but snapshots need what could not be copied.
void require_none_unreadable(const std::set<PackName>& packs);

}  // namespace igudar
