#pragma once

#include <cstdint>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "format/chunk.h"
#include "ops/run_monitor.h"

namespace igudar {

class Repository;

struct PruneOptions {
  double max_unused_percent = 5;         // unused bytes tolerated, of the whole size
  std::set<PackName> no_tolerance = {};  // of these packs nothing unused stays
  std::set<PackName> copied = {};        // these are copied though all in them is needed, for the sake of their tables
  bool dry_run = false;
  std::set<std::string> as_if_forgotten = {};  // in a dry run: ids of snapshots that count as forgotten already
};

// What a prune would do, or did.
struct PruneSummary {
  std::uint64_t packs_total = 0;
  std::uint64_t packs_kept = 0;
  std::uint64_t packs_deleted = 0;
  std::uint64_t packs_repacked = 0;  // their live frames copied, then deleted
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;
  std::uint64_t bytes_repacked = 0;
  std::uint64_t bytes_unused_kept = 0;  // unused, but not worth or not possible to free
  std::uint64_t generation = 0;         // of garbage collection, after this run
  bool nothing_to_do = false;
  bool sweep_postponed = false;      // a running backup holds it off: a later prune deletes
  std::vector<std::string> held_by;  // "amina@host, since …": who
  double seconds = 0;
};

// Frees what no snapshot needs, while others may back up (docs/adr/0002-gc-protocol.md).
PruneSummary prune(Repository& repository, const PruneOptions& options, RunMonitor& monitor, std::stop_token stop);

}  // namespace igudar
