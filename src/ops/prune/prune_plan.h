#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "format/chunk.h"
#include "ops/prune/pack_usage.h"

namespace igudar {

// What bounds a plan besides the packs' use.
struct PruneLimits {
  double max_unused_percent = 5;
  std::uint64_t pack_size = 64U << 20;
  TimeNs newest_free = 0;           // packs stored at or after it may be a running writer's: they stay
  bool keep_unindexed = false;      // snapshots miss chunks, which may lie in packs that lost their index
  std::set<PackName> no_tolerance;  // of these packs nothing unused stays
  std::set<PackName> copied;        // these are copied in any case
  std::set<PackName> must_go;       // condemned before, and still there
  std::set<PackName> gone;          // not there, but their index entries stay (ReferenceMarker::gone_packs)
};

// What a prune means to do with the packs and the index: ordinals in PackUsage::packs() and in its segments.
struct PrunePlan {
  std::vector<std::uint32_t> dead;      // nothing in them is needed
  std::vector<std::uint32_t> repacked;  // what is needed is copied
  std::vector<std::uint32_t> kept;
  std::vector<std::uint32_t> segments;  // to be replaced
  std::set<PackName> gone;              // whose index entries stay with those of the packs kept
  std::uint64_t unused_kept = 0;        // bytes

  bool empty() const { return dead.empty() && repacked.empty() && segments.empty(); }
  // The packs that are condemned: dead and repacked ones.
  std::vector<std::uint32_t> going() const;
};

// A pure function. Packs are repacked the emptiest first until no more than the tolerated share is unused; many small
// packs, or index segments, are made into a few.
PrunePlan plan_prune(const PackUsage& usage, const PruneLimits& limits);
// Keeps packs after all that turned out to be damaged, and those with another copy of what is needed in one of them,
// but for those that must go; chooses the segments anew.
void spare_packs(PrunePlan& plan, const PackUsage& usage, const std::set<PackName>& damaged,
                 const std::set<PackName>& must_go);
// Makes of a plan one that needs less room, for a storage that has none for its copies: without copies where packs can
// go without any, and in the end without a new index; else with half of the copies, those that free the most. False
// when there is no such plan. `must_go` as in PruneLimits.
bool settle_for_less(PrunePlan& plan, const PackUsage& usage, const std::set<PackName>& must_go);
// The segments that a plan replaces: those that name packs that go, or are gone and not in plan.gone, and many small
// ones.
std::vector<std::uint32_t> choose_segments(const PrunePlan& plan, const PackUsage& usage);

}  // namespace igudar
