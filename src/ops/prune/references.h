#pragma once

#include <optional>
#include <set>
#include <stop_token>

#include "ops/prune/pack_usage.h"
#include "ops/run_monitor.h"
#include "repo/frame_reader.h"
#include "repo/gone_frames.h"
#include "repo/snapshot_catalogue.h"
#include "repo/table_cursor.h"

namespace igudar {

// Marks what snapshots refer to, reading each page of their reference sets once, however many share it. Where the copy
// of a chunk that a set names is gone, another one takes its place. Needs the index key only. Not thread-safe.
class ReferenceMarker {
 public:
  ReferenceMarker(const Repository& repository, const BlobIndex& index, PackUsage& usage);

  // Returns how many chunks that the snapshot names are nowhere, less those found missing with an earlier one. Throws
  // damaged, naming the snapshot, when its reference set cannot be read.
  std::uint64_t mark(const CataloguedSnapshot& snapshot, std::stop_token stop);
  // Packs that are gone and held what the snapshots marked so far name. Only by its index entries can other copies,
  // those of later backups too, be known to stand in for what they held.
  const std::set<PackName>& gone_packs() const { return gone_packs_; }

 private:
  std::uint64_t mark_block(const RefKey& key, const RefBits& bits);
  // Adds another copy of what was stored as this and is gone; false when there is none.
  bool add_other_copy(const SessionId& session, std::uint32_t stream, std::uint64_t ordinal, RefSet& others);

  const BlobIndex& index_;
  ChunkReader chunks_;
  PackUsage& usage_;
  std::set<ChunkId> visited_;
  std::optional<GoneFrames> gone_;  // made when it is needed
  std::set<PackName> gone_packs_;
};

// Reports that `chunks` which the snapshot needs are nowhere, unless there are none.
void report_missing(const CataloguedSnapshot& snapshot, std::uint64_t chunks, RunMonitor& monitor);

// The snapshots, provided that all of them can be read: throws damaged, with what to do, when a record is damaged or
// lost (also one that only this machine remembers), since nothing tells then what it needs.
SnapshotCatalogue load_complete_catalogue(const Repository& repository, std::stop_token stop);
// Throws damaged, with what to do, when there is such a pack: it has to go, but snapshots need what could not be
// copied.
void require_none_unreadable(const std::set<PackName>& packs);

}  // namespace igudar
