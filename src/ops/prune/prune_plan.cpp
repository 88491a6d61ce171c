#include "ops/prune/prune_plan.h"

#include <algorithm>
#include <tuple>

namespace igudar {

namespace {

constexpr std::size_t kManySmall = 8;  // more small packs of a type, or segments, are merged
constexpr std::uint64_t kSmallSegmentChunks = kMostSegmentChunks / 4;

double dead_share(const PackUse& pack) {
  return static_cast<double>(pack.dead) / static_cast<double>(pack.size);
}

// Sorts packs into what stays, what goes and what has to be weighed.
class Planner {
 public:
  Planner(const PackUsage& usage, const PruneLimits& limits) : usage_(usage), limits_(limits) {}

  PrunePlan plan() {
    for (std::uint32_t i = 0; i < usage_.packs().size(); ++i) place(i);
    repack_until_tolerable();
    repack_small(PackType::data);
    repack_small(PackType::metadata);
    plan_.kept.insert(plan_.kept.end(), weighed_.begin(), weighed_.end());
    for (std::vector<std::uint32_t>* list : {&plan_.kept, &plan_.repacked, &plan_.dead})
      std::sort(list->begin(), list->end());
    for (const std::uint32_t i : plan_.kept) plan_.unused_kept += unused(i);
    plan_.gone = limits_.gone;
    plan_.segments = choose_segments(plan_, usage_);
    return std::move(plan_);
  }

 private:
  const PackUse& pack(std::uint32_t i) const { return usage_.packs()[i]; }
  // Of a pack with nothing live all of it, its table of contents included.
  std::uint64_t unused(std::uint32_t i) const { return pack(i).live == 0 ? pack(i).size : pack(i).dead; }

  void place(std::uint32_t i) {
    const PackUse& use = pack(i);
    const bool must_go = limits_.must_go.contains(use.name);
    const bool must_stay = use.stored_at >= limits_.newest_free || (!use.indexed && limits_.keep_unindexed);
    if (must_stay && !must_go)
      plan_.kept.push_back(i);
    else if (use.live == 0)
      plan_.dead.push_back(i);
    else if (must_go || limits_.copied.contains(use.name) || (use.dead > 0 && limits_.no_tolerance.contains(use.name)))
      plan_.repacked.push_back(i);
    else
      weighed_.push_back(i);
  }

  void repack_until_tolerable() {
    std::uint64_t unused_bytes = 0;
    std::uint64_t size_after = 0;
    for (const std::vector<std::uint32_t>* list : {&plan_.kept, &weighed_})
      for (const std::uint32_t i : *list) {
        unused_bytes += unused(i);
        size_after += pack(i).size;
      }
    for (const std::uint32_t i : plan_.repacked) size_after += pack(i).live;
    // The emptiest last, to be taken off the end.
    std::sort(weighed_.begin(), weighed_.end(), [&](std::uint32_t a, std::uint32_t b) {
      const double share_a = dead_share(pack(a));
      const double share_b = dead_share(pack(b));
      return std::tie(share_a, pack(b).name) < std::tie(share_b, pack(a).name);
    });
    const auto tolerable = [&] {
      return static_cast<double>(unused_bytes) <= limits_.max_unused_percent / 100 * static_cast<double>(size_after);
    };
    while (!weighed_.empty() && pack(weighed_.back()).dead > 0 && !tolerable()) {
      unused_bytes -= pack(weighed_.back()).dead;
      size_after -= pack(weighed_.back()).dead;
      plan_.repacked.push_back(weighed_.back());
      weighed_.pop_back();
    }
  }

  void repack_small(PackType type) {
    const auto is_small = [&](std::uint32_t i) { return pack(i).type == type && pack(i).size < limits_.pack_size / 4; };
    if (static_cast<std::size_t>(std::count_if(weighed_.begin(), weighed_.end(), is_small)) <= kManySmall) return;
    const auto small =
        std::stable_partition(weighed_.begin(), weighed_.end(), [&](std::uint32_t i) { return !is_small(i); });
    plan_.repacked.insert(plan_.repacked.end(), small, weighed_.end());
    weighed_.erase(small, weighed_.end());
  }

  const PackUsage& usage_;
  const PruneLimits& limits_;
  std::vector<std::uint32_t> weighed_;
  PrunePlan plan_;
};

// Takes packs out of those that go, and chooses the segments anew.
void keep(PrunePlan& plan, const PackUsage& usage, const std::set<std::uint32_t>& spared) {
  for (std::vector<std::uint32_t>* list : {&plan.repacked, &plan.dead}) {
    const auto going =
        std::stable_partition(list->begin(), list->end(), [&](std::uint32_t i) { return !spared.contains(i); });
    for (auto i = going; i != list->end(); ++i) plan.unused_kept += usage.packs()[*i].dead;
    plan.kept.insert(plan.kept.end(), going, list->end());
    list->erase(going, list->end());
  }
  plan.segments = choose_segments(plan, usage);
}

}  // namespace

std::vector<std::uint32_t> PrunePlan::going() const {
  std::vector<std::uint32_t> packs = dead;
  packs.insert(packs.end(), repacked.begin(), repacked.end());
  return packs;
}

PrunePlan plan_prune(const PackUsage& usage, const PruneLimits& limits) {
  return Planner(usage, limits).plan();
}

void spare_packs(PrunePlan& plan, const PackUsage& usage, const std::set<PackName>& damaged,
                 const std::set<PackName>& must_go) {
  if (damaged.empty()) return;
  std::set<std::uint32_t> spared = usage.packs_with_copies(damaged);
  std::erase_if(spared, [&](std::uint32_t i) { return must_go.contains(usage.packs()[i].name); });
  keep(plan, usage, spared);
}

bool settle_for_less(PrunePlan& plan, const PackUsage& usage, const std::set<PackName>& must_go) {
  std::vector<std::uint32_t> may_stay;
  for (const std::uint32_t i : plan.repacked)
    if (!must_go.contains(usage.packs()[i].name)) may_stay.push_back(i);
  if (may_stay.empty()) {
    // Index entries of packs that are gone count for nothing, so they can stay for a while.
    if (!plan.repacked.empty() || plan.dead.empty() || plan.segments.empty()) return false;
    plan.segments.clear();
    return true;
  }
  const std::size_t copied = plan.dead.empty() ? may_stay.size() / 2 : 0;
  if (plan.dead.empty() && copied == 0) return false;
  std::stable_sort(may_stay.begin(), may_stay.end(), [&](std::uint32_t a, std::uint32_t b) {
    return dead_share(usage.packs()[b]) < dead_share(usage.packs()[a]);
  });
  keep(plan, usage, {may_stay.begin() + static_cast<std::ptrdiff_t>(copied), may_stay.end()});
  return true;
}

std::vector<std::uint32_t> choose_segments(const PrunePlan& plan, const PackUsage& usage) {
  std::set<PackName> staying = plan.gone;
  for (const std::uint32_t i : plan.kept) staying.insert(usage.packs()[i].name);
  std::vector<std::uint32_t> chosen;
  std::vector<std::uint32_t> small;
  for (std::uint32_t i = 0; i < usage.segments().size(); ++i) {
    const MappedSegment& rows = *usage.segments()[i].rows;
    bool all_stay = true;
    for (std::uint32_t p = 0; p < rows.pack_count(); ++p) all_stay = all_stay && staying.contains(rows.pack(p).name);
    if (!all_stay)
      chosen.push_back(i);
    else if (rows.chunk_count() < kSmallSegmentChunks)
      small.push_back(i);
  }
  if (small.size() > kManySmall) chosen.insert(chosen.end(), small.begin(), small.end());
  return chosen;
}

}  // namespace igudar
