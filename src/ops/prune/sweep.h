#pragma once

#include <cstdint>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "ops/run_monitor.h"
#include "repo/repository.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

struct SweepResult {
  bool swept = false;                // false: somebody holds it off, nothing was deleted
  std::vector<std::string> held_by;  // who, for people
  std::uint64_t packs_deleted = 0;
  std::uint64_t bytes_deleted = 0;
  std::uint64_t bytes_rescued = 0;  // of packs written for what is needed again
};

// Rules P5 to P8 of docs/adr/0002-gc-protocol.md: deletes what the newest generation condemns, once no running writer
// can rely on it. `settled` are snapshots that are known to need nothing of it: those the generation was made with.
// Every step can be repeated, also by another prune at the same time.
SweepResult sweep(const Repository& repository, std::uint64_t generation, const std::set<SnapshotId>& settled,
                  RunMonitor& monitor, std::stop_token stop);

}  // namespace igudar
