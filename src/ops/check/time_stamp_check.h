#pragma once

#include "ops/check/check_run.h"
#include "repo/snapshot_catalogue.h"
#include "repo/time_stamps.h"

namespace igudar {

// Reads every time-stamp. Damaged ones are findings; those of snapshots that are not there any more are remarks, and
// left out of what is returned.
std::vector<StoredTimeStamp> read_time_stamps(const CheckRun& run, const SnapshotCatalogue& catalogue);

// What each stamp is worth, put to its snapshot in `signatures`. Forged stamps, and those that contradict their
// snapshot, are findings as well. Throws usage for a file of certificates that is none.
void check_time_stamps(const CheckRun& run, const SnapshotCatalogue& catalogue,
                       const std::vector<StoredTimeStamp>& stamps, std::vector<SnapshotSignature>& signatures);

}  // namespace igudar
