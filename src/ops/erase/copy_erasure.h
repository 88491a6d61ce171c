#pragma once

#include "ops/erase/erase.h"
#include "ops/erase/erased_content.h"

namespace igudar {

// Erases from one copy of a repository, tests that nothing is left, and says what was done:
//
//   rounds (find ─▶ store anew what shares frames with it ─▶ tombstone) until nothing is left to do ─▶ prune ─▶ test
//
// A snapshot that takes the place of another says so in its annotations, with the plan, before the other is forgotten:
// so a run that was interrupted is gone on with by the next one. Not thread-safe.
ErasedCopy erase_from_copy(Repository& repository, const ErasurePlan& plan, const EraseSteps& steps,
                           RunMonitor& monitor, const std::stop_token& stop);

// What a plan is of.
ErasureTarget target_of(const ErasurePlan& plan);

}  // namespace igudar
