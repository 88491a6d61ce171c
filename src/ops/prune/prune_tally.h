#pragma once

#include <cstdint>
#include <vector>

#include "ops/prune/pack_usage.h"
#include "ops/prune/prune.h"
#include "ops/prune/prune_plan.h"
#include "ops/prune/repack.h"
#include "ops/prune/sweep.h"

namespace igudar {

// Counts what a prune does, generation after generation, so that in the summary each pack that was there at the
// beginning counts once. Not thread-safe.
class PruneTally {
 public:
  // The earlier generation, still open, that this prune swept before its own; or could not.
  void earlier(const SweepResult& swept);
  // Held off before it began: all packs stay.
  void untouched(const std::vector<ObjectInfo>& packs);

  // What the plan comes to, not executed.
  void foreseen(const PrunePlan& plan, const PackUsage& usage, bool nothing_to_do);
  // What was written in place of what goes. Of a generation that was given up for a smaller one, the last counts.
  void copied(const RepackResult& copies);
  // A generation that others follow: what it wrote will be among the packs that are surveyed next.
  void part(const PrunePlan& plan, const PackUsage& usage, const SweepResult& swept);
  // The last generation.
  void last(const PrunePlan& plan, const PackUsage& usage, const SweepResult& swept);

  const PruneSummary& summary() const { return summary_; }

 private:
  void surveyed(const PrunePlan& plan, const PackUsage& usage);

  PruneSummary summary_;
  std::uint64_t packs_copied_ = 0;  // those written, of this generation
  std::uint64_t bytes_copied_ = 0;
};

}  // namespace igudar
