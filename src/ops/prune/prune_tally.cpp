#include "ops/prune/prune_tally.h"

#include <algorithm>

namespace igudar {

void PruneTally::earlier(const SweepResult& swept) {
  summary_.sweep_postponed = !swept.swept;
  summary_.held_by = swept.held_by;
  if (!swept.swept) return;
  // What was deleted is part of what there was before; what was rescued, of what is surveyed next.
  summary_.packs_total += swept.packs_deleted;
  summary_.packs_deleted += swept.packs_deleted;
  summary_.bytes_before += swept.bytes_deleted - std::min(swept.bytes_deleted, swept.bytes_rescued);
}

void PruneTally::untouched(const std::vector<ObjectInfo>& packs) {
  for (const ObjectInfo& pack : packs) {
    ++summary_.packs_total;
    ++summary_.packs_kept;
    summary_.bytes_before += pack.size;
    summary_.bytes_after += pack.size;
  }
}

void PruneTally::surveyed(const PrunePlan& plan, const PackUsage& usage) {
  summary_.packs_total += usage.packs().size();
  summary_.packs_kept = plan.kept.size();
  summary_.packs_repacked += plan.repacked.size();
  summary_.bytes_unused_kept = plan.unused_kept;
  for (const PackUse& pack : usage.packs()) summary_.bytes_before += pack.size;
}

void PruneTally::foreseen(const PrunePlan& plan, const PackUsage& usage, bool nothing_to_do) {
  surveyed(plan, usage);
  summary_.nothing_to_do = nothing_to_do && summary_.packs_deleted == 0;
  summary_.packs_deleted += plan.dead.size();
  const std::uint64_t to_copy = usage.total(plan.repacked, &PackUse::live);
  summary_.bytes_repacked += to_copy;
  summary_.bytes_after = usage.total(plan.kept, &PackUse::size) + to_copy;
}

void PruneTally::copied(const RepackResult& copies) {
  bytes_copied_ = copies.bytes_written;
  packs_copied_ = 0;
  for (const IndexSegment& part : copies.parts) packs_copied_ += part.packs.size();
}

void PruneTally::part(const PrunePlan& plan, const PackUsage& usage, const SweepResult& swept) {
  summary_.packs_total += plan.dead.size() + plan.repacked.size() - packs_copied_;
  summary_.packs_deleted += plan.dead.size();
  summary_.packs_repacked += plan.repacked.size();
  summary_.bytes_repacked += bytes_copied_;
  summary_.bytes_before += usage.total(plan.dead, &PackUse::size) + usage.total(plan.repacked, &PackUse::size) -
                           bytes_copied_ - swept.bytes_rescued;
}

void PruneTally::last(const PrunePlan& plan, const PackUsage& usage, const SweepResult& swept) {
  surveyed(plan, usage);
  summary_.sweep_postponed = !swept.swept;
  summary_.held_by = swept.held_by;
  summary_.bytes_repacked += bytes_copied_;
  summary_.bytes_after = usage.total(plan.kept, &PackUse::size) + bytes_copied_ + swept.bytes_rescued;
  if (swept.swept)
    summary_.packs_deleted += plan.dead.size();
  else
    summary_.bytes_after += usage.total(plan.dead, &PackUse::size) + usage.total(plan.repacked, &PackUse::size);
}

}  // namespace igudar
