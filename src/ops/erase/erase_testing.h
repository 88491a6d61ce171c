#pragma once

#include <string>
#include <vector>

#include "base/hex.h"
#include "ops/check/check.h"
#include "ops/erase/erase.h"
#include "ops/prune/prune_testing.h"

namespace igudar::testing {

// The prune and the check that an erasure is run with.
inline EraseSteps erase_steps() {
  EraseSteps steps;
  steps.prune = [](Repository& in, const std::set<PackName>& packs, bool everything) {
    PruneOptions options{.no_tolerance = packs};
    if (everything) options.max_unused_percent = 0;
    const PruneSummary summary = PruneFixture::run_prune(in, options);
    return EraseSteps::Pruned{summary.sweep_postponed, summary.held_by};
  };
  steps.is_sound = [](Repository& in) {
    RunMonitor silent;
    return check(in, {}, silent, {}).damage.empty();
  };
  return steps;
}

// Plans the erasure of what the patterns match; the id of the plan.
inline std::string plan_erasure_of(Repository& repository, const std::vector<std::string>& patterns) {
  RunMonitor silent;
  return to_hex(plan_erasure(repository, {.patterns = patterns}, silent, {}).plan.id.view());
}

inline ErasureDone run_planned_erasure(Repository& in, const std::string& plan) {
  RunMonitor silent;
  return run_erasure(in, plan, {}, erase_steps(), silent, {});
}

}  // namespace igudar::testing
