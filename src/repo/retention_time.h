#pragma once

#include <map>

#include "repo/snapshot_catalogue.h"

namespace igudar {

// The time that retention reckons with, so that nobody's wrong clock makes a policy drop good snapshots.
struct RetentionTime {
  // The earliest of the client's time, the storage's time recorded in the snapshot and the time its record was stored:
  // a clock that runs ahead cannot make a snapshot look newer than it is.
  TimeNs time = 0;
  // It claims to be more than a day older than what its writer had seen already, or, if its writer had seen nothing,
  // than when it was stored while there were others: a clock that was behind, or somebody who wants it out of the
  // policy's way.
  bool backdated = false;
};

// The retention times of all snapshots of a catalogue. Thread-safe.
std::map<SnapshotId, RetentionTime> retention_times(const SnapshotCatalogue& catalogue);

}  // namespace igudar
