#include "ops/prune/sweep.h"

#include <algorithm>

#include "base/clock.h"
#include "base/translate.h"
#include "concurrency/task_scope.h"
#include "ops/prune/index_rewrite.h"
#include "ops/prune/pack_usage.h"
#include "ops/prune/references.h"
#include "ops/prune/repack.h"
#include "repo/gc_state.h"
#include "repo/leases.h"

namespace igudar {

namespace {

constexpr unsigned kDeletingThreads = 4;

std::string describe(const ListedLease& listed) {
  const std::string since = format_local_time(listed.stored_at);
  if (!listed.lease) return trf("an unreadable lease, stored {} ({})", since, listed.unreadable->message());
  if (listed.lease->role == LeaseRole::pruner)
    return trf("a prune (process {}), last heard of {}", listed.lease->pid, since);
  return trf("a backup (process {}), last heard of {}", listed.lease->pid, since);
}

// P5. A listing that took so long that a lease may have been renewed past it says nothing: it is done again.
std::vector<std::string> holders(const Repository& repository, std::uint64_t generation, std::stop_token stop) {
  for (;;) {
    const std::chrono::nanoseconds begun = boot_clock();
    const std::vector<ListedLease> leases = list_leases(repository, stop);
    if (boot_clock() - begun > LeaseTiming{}.ttl / 2) continue;
    std::vector<std::string> held_by;
    std::string last_session;
    for (const ListedLease& listed : leases) {
      const bool holds =
          listed.liveness == LeaseLiveness::live && (!listed.lease || listed.lease->generation < generation);
      const std::string session = listed.name.id.substr(0, listed.name.id.find('.'));
      if (holds && session != last_session) held_by.push_back(describe(listed));
      if (holds) last_session = session;
    }
    return held_by;
  }
}

Condemnation newest_condemnation(const Repository& repository, std::uint64_t generation, std::stop_token stop) {
  try {
    return read_condemnation(repository, generation, stop);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    throw Error(ErrorCode::conflict, tr("another prune runs on this repository and was faster"),
                tr("Run this one again when it has ended."));
  }
}

class Sweep {
 public:
  Sweep(const Repository& repository, std::uint64_t generation, RunMonitor& monitor, std::stop_token stop)
      : repository_(repository),
        condemned_(newest_condemnation(repository, generation, stop)),
        monitor_(monitor),
        stop_(stop) {}

  SweepResult run(const std::set<SnapshotId>& settled) {
    result_.held_by = holders(repository_, condemned_.generation, stop_);
    if (!result_.held_by.empty()) return result_;
    rescue(settled);
    remove_condemned();
    put_swept(repository_, {condemned_.generation, wall_clock_ns()}, stop_);  // P8
    remove_old_gc_records(repository_, condemned_.generation, stop_);
    result_.swept = true;
    return result_;
  }

 private:
  // P6. Snapshots that were stored since the generation was made may need what it condemns.
  void rescue(const std::set<SnapshotId>& settled) {
    const SnapshotCatalogue catalogue = load_complete_catalogue(repository_, stop_);
    std::vector<const CataloguedSnapshot*> unsettled;
    for (const CataloguedSnapshot& snapshot : catalogue.snapshots())
      if (snapshot.snapshot.generation < condemned_.generation && !settled.contains(snapshot.id))
        unsettled.push_back(&snapshot);
    if (unsettled.empty() || condemned_.packs.empty()) return;
    const std::unique_ptr<BlobIndex> index = BlobIndex::load(repository_, {}, {}, stop_, BlobIndex::Verify::everything);
    PackUsage usage(index->segments(), repository_.store().list(ObjectKind::pack, stop_));
    ReferenceMarker marker(repository_, *index, usage);
    for (const CataloguedSnapshot* snapshot : unsettled)
      report_missing(*snapshot, marker.mark(*snapshot, stop_), monitor_);
    const std::set<PackName> packs(condemned_.packs.begin(), condemned_.packs.end());
    usage.settle(packs);
    std::vector<std::uint32_t> needed;
    for (std::uint32_t i = 0; i < usage.packs().size(); ++i)
      if (usage.packs()[i].live > 0 && packs.contains(usage.packs()[i].name)) needed.push_back(i);
    if (needed.empty()) return;
    RepackResult copied = repack(repository_, usage, needed, monitor_, stop_);
    repository_.store().flush(stop_);
    store_segments(repository_, std::move(copied.parts), stop_);
    result_.bytes_rescued = copied.bytes_written;
    require_none_unreadable(copied.damaged);
  }

  // P7: the segments first, so that no entry names a pack that is gone.
  void remove_condemned() {
    std::map<PackName, std::uint64_t> present;
    for (const ObjectInfo& object : repository_.store().list(ObjectKind::pack, stop_))
      if (const std::optional<PackName> name = parse_pack_id(object.name.id)) present[*name] = object.size;
    parallel_for(condemned_.segments.size(), kDeletingThreads, stop_,
                 [&](std::size_t i) { repository_.store().remove(index_object(condemned_.segments[i]), stop_); });
    monitor_.phase(tr("Deleting packs"));
    monitor_.totals(condemned_.packs.size(), 0);
    parallel_for(condemned_.packs.size(), kDeletingThreads, stop_, [&](std::size_t i) {
      repository_.store().remove(pack_object(condemned_.packs[i]), stop_);
      monitor_.advance(1, 0);
    });
    for (const PackName& name : condemned_.packs) {
      const auto found = present.find(name);
      if (found == present.end()) continue;
      ++result_.packs_deleted;
      result_.bytes_deleted += found->second;
    }
    if (stop_.stop_requested()) throw Error(ErrorCode::interrupted, tr("stopped"));
  }

  const Repository& repository_;
  const Condemnation condemned_;
  RunMonitor& monitor_;
  const std::stop_token stop_;
  SweepResult result_;
};

}  // namespace

SweepResult sweep(const Repository& repository, std::uint64_t generation, const std::set<SnapshotId>& settled,
                  RunMonitor& monitor, std::stop_token stop) {
  return Sweep(repository, generation, monitor, stop).run(settled);
}

}  // namespace igudar
