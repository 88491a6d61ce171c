#pragma once

#include <stop_token>
#include <vector>

#include "ops/check/check.h"
#include "repo/local_state.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

// Who signed each snapshot, by the key slots that are there. `local` is asked for what it saw before. Not thread-safe.
// Errors: those of list_slots().
std::vector<SnapshotSignature> check_signatures(const Repository& repository, const SnapshotCatalogue& catalogue,
                                                LocalState& local, std::stop_token stop);

}  // namespace igudar
