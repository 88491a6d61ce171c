#include "ops/prune/prune.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "base/clock.h"
#include "base/hex.h"
#include "base/translate.h"
#include "ops/prune/index_rewrite.h"
#include "ops/prune/prune_plan.h"
#include "ops/prune/prune_tally.h"
#include "ops/prune/references.h"
#include "ops/prune/repack.h"
#include "ops/prune/stand_ins.h"
#include "ops/prune/sweep.h"
#include "repo/audit_store.h"
#include "repo/gc_state.h"
#include "repo/leases.h"
#include "repo/local_state.h"
#include "repo/time_stamps.h"

namespace igudar {

namespace {

// When the writer of a lease began at the earliest, by the storage's clock: each renewal comes a quarter of the lease's
// time after the one before, or sooner. An unreadable lease may be that of any writer.
TimeNs earliest_begin(const ListedLease& listed) {
  constexpr TimeNs kLongestTtl = 7 * kNsPerDay;
  constexpr TimeNs kEver = std::numeric_limits<TimeNs>::min();
  const std::string& id = listed.name.id;
  const std::size_t dot = id.find('.');
  TimeNs renewals = 0;
  if (!listed.lease || dot == std::string::npos) return kEver;
  if (std::from_chars(id.data() + dot + 1, id.data() + id.size(), renewals).ec != std::errc{}) return kEver;
  if (renewals == 0) return listed.stored_at;
  const TimeNs ttl = std::min<TimeNs>(
      static_cast<TimeNs>(std::min<std::uint64_t>(listed.lease->seconds, 1U << 30)) * kNsPerSecond, kLongestTtl);
  // One lease's time more, for the renewals themselves take time.
  if (renewals > listed.stored_at / (ttl / 4 + 1) - 4) return kEver;
  return listed.stored_at - ttl / 4 * (renewals + 4);
}

// Packs from this time on may be those of a running writer, which no snapshot names yet. To condemn them would be safe,
// but the writer would have to store them again.
TimeNs newest_free_time(const Repository& repository, const std::vector<ListedLease>& leases, std::stop_token stop) {
  TimeNs time = repository.store().now(stop);
  for (const ListedLease& listed : leases)
    if (listed.liveness == LeaseLiveness::live) time = std::min(time, earliest_begin(listed));
  return time;
}

// One prune. The steps of run() are the rules of docs/adr/0002-gc-protocol.md in their order.
class Prune {
 public:
  Prune(const Repository& repository, const PruneOptions& options, RunMonitor& monitor, std::stop_token stop)
      : repository_(repository), options_(options), monitor_(monitor), stop_(stop) {}

  PruneSummary run() {
    const std::chrono::nanoseconds started = steady_clock();
    repository_.config().require_support(Operation::delete_);
    require_pruning_rights(repository_.keys());
    if (finish_open_generation()) {  // P1
      survey();                      // P2
      if (options_.dry_run || nothing_to_do())
        tally_.foreseen(plan_, *usage_, nothing_to_do());
      else
        free_space();  // P2 to P8
    }
    if (!options_.dry_run) (void)merge_audit_entries(repository_, stop_);
    PruneSummary summary = tally_.summary();
    summary.generation = gc_.generation;
    summary.seconds = std::chrono::duration<double>(steady_clock() - started).count();
    return summary;
  }

 private:
  bool finish_open_generation();
  void survey();
  void note_unreadable(const std::vector<ListedLease>& leases) const;
  void remove_leftovers(const SnapshotCatalogue& catalogue, const std::vector<ListedLease>& leases);
  std::set<PackName> mark_references(const SnapshotCatalogue& catalogue);
  bool nothing_to_do() const { return plan_.empty() && !supersede_; }
  void free_space();
  [[noreturn]] void refuse_for_want_of_room(Error error) const;
  void store_replacements();
  void store_index(std::vector<IndexSegment> parts);
  Condemnation condemnation() const;
  void condemn();

  const Repository& repository_;
  const PruneOptions& options_;
  RunMonitor& monitor_;
  const std::stop_token stop_;
  GcState gc_;
  bool supersede_ = false;  // the newest record is damaged: another generation takes its place
  std::set<SnapshotId> surveyed_;
  std::unique_ptr<BlobIndex> index_;
  std::optional<PackUsage> usage_;
  bool chunks_missing_ = false;
  PrunePlan plan_;
  PruneTally tally_;
};

// P1: no new generation before the last one is swept. False when that is held off.
bool Prune::finish_open_generation() {
  std::vector<DamagedObject> damaged;
  gc_ = read_gc_state(repository_, damaged, stop_);
  for (const DamagedObject& object : damaged) monitor_.problem(object.name.to_string(), object.error);
  supersede_ = gc_.swept && !damaged.empty();
  if (gc_.swept || options_.dry_run) return true;
  // A damaged mark counts as absent; one that can be read takes its place.
  for (const DamagedObject& object : damaged) repository_.store().remove(object.name, stop_);
  do {
    const SweepResult swept = sweep(repository_, gc_.generation, {}, monitor_, stop_);
    tally_.earlier(swept);
    if (!swept.swept) {
      tally_.untouched(repository_.store().list(ObjectKind::pack, stop_));
      return false;
    }
    gc_ = read_gc_state(repository_, stop_);
  } while (!gc_.swept);  // another prune may have made one meanwhile
  return true;
}

// P2: snapshots, index and packs, in this order.
void Prune::survey() {
  monitor_.phase(tr("Looking for what is needed"));
  const std::vector<ListedLease> leases = list_leases(repository_, stop_);
  note_unreadable(leases);
  const TimeNs newest_free = newest_free_time(repository_, leases, stop_);
  const SnapshotCatalogue catalogue = load_complete_catalogue(repository_, stop_);
  remove_leftovers(catalogue, leases);
  index_ = BlobIndex::load(repository_, {}, {}, stop_, BlobIndex::Verify::everything);
  usage_.emplace(index_->segments(), repository_.store().list(ObjectKind::pack, stop_));
  const std::set<PackName> gone_packs = mark_references(catalogue);
  const PruneLimits limits{.max_unused_percent = options_.max_unused_percent,
                           .pack_size = repository_.config().pack_size,
                           .newest_free = newest_free,
                           .keep_unindexed = chunks_missing_,
                           .no_tolerance = options_.no_tolerance,
                           .copied = options_.copied,
                           .must_go = gc_.condemned,
                           .gone = gone_packs};
  // What an open generation condemns (this is a dry run then) was copied when it was made: that is not read again.
  StandIns stand_ins(repository_, *usage_, monitor_);
  do {
    usage_->settle(gc_.condemned);
    plan_ = plan_prune(*usage_, limits);
  } while (gc_.swept && stand_ins.mark(plan_.going(), stop_));
}

void Prune::note_unreadable(const std::vector<ListedLease>& leases) const {
  for (const ListedLease& lease : leases)
    if (lease.unreadable && lease.liveness == LeaseLiveness::live)
      monitor_.note(trf("{} cannot be read, so nothing is freed that a backup may be using: {}", lease.name.to_string(),
                        lease.unreadable->what()));
}

void Prune::remove_leftovers(const SnapshotCatalogue& catalogue, const std::vector<ListedLease>& leases) {
  if (options_.dry_run) return;
  LocalState(repository_).remember_heads(catalogue);
  for (const SnapshotId& id : catalogue.leftovers()) remove_snapshot(repository_, id, stop_);
  remove_time_stamps(
      repository_, [&](const SnapshotId& id) { return catalogue.is_forgotten(id); }, stop_);
  for (const ListedLease& lease : leases)
    if (lease.liveness == LeaseLiveness::lapsed) repository_.store().remove(lease.name, stop_);  // W8
}

// Returns the packs that are gone, though what they held is needed.
std::set<PackName> Prune::mark_references(const SnapshotCatalogue& catalogue) {
  ReferenceMarker marker(repository_, *index_, *usage_);
  for (const CataloguedSnapshot& snapshot : catalogue.snapshots()) {
    if (options_.dry_run && options_.as_if_forgotten.contains(to_hex(snapshot.id.view()))) continue;
    surveyed_.insert(snapshot.id);
    const std::uint64_t missing = marker.mark(snapshot, stop_);
    chunks_missing_ = chunks_missing_ || missing > 0;
    report_missing(snapshot, missing, monitor_);
  }
  return marker.gone_packs();
}

// One or a few segments for all that the condemned ones say of packs that stay, and for the copies.
void Prune::store_index(std::vector<IndexSegment> parts) {
  std::set<PackName> wanted = plan_.gone;
  for (const std::uint32_t i : plan_.kept) wanted.insert(usage_->packs()[i].name);
  const std::set<std::uint32_t> condemned(plan_.segments.begin(), plan_.segments.end());
  const BlobIndex::Segments& segments = usage_->segments();
  for (std::uint32_t i = 0; i < segments.size(); ++i)
    for (std::uint32_t p = 0; !condemned.contains(i) && p < segments[i].rows->pack_count(); ++p)
      wanted.erase(segments[i].rows->pack(p).name);
  for (const std::uint32_t i : plan_.segments) {
    const MappedSegment& rows = *segments[i].rows;
    parts.push_back(part_of_segment(rows, [&](std::uint32_t pack) { return wanted.contains(rows.pack(pack).name); }));
    for (const SegmentPack& pack : parts.back().packs) wanted.erase(pack.name);
  }
  store_segments(repository_, std::move(parts), stop_);
}

Condemnation Prune::condemnation() const {
  Condemnation record;
  record.generation = gc_.generation + 1;
  for (const std::uint32_t i : plan_.going()) record.packs.push_back(usage_->packs()[i].name);
  std::sort(record.packs.begin(), record.packs.end());
  for (const std::uint32_t i : plan_.segments) record.segments.push_back(usage_->segments()[i].name);
  record.time = wall_clock_ns();
  return record;
}

// In one generation; or, where the storage has no room for all copies, in several, each of which makes room for the
// next.
void Prune::free_space() {
  bool in_part = false;
  for (;;) {
    try {
      store_replacements();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::no_space) throw;
      repository_.store().drop_deferred();
      if (!settle_for_less(plan_, *usage_, gc_.condemned)) refuse_for_want_of_room(error);
      in_part = true;
      continue;
    }
    condemn();
    const SweepResult swept = sweep(repository_, gc_.generation, surveyed_, monitor_, stop_);  // P5 to P8
    if (!in_part || !swept.swept) return tally_.last(plan_, *usage_, swept);
    tally_.part(plan_, *usage_, swept);
    gc_ = read_gc_state(repository_, stop_);
    survey();
    if (nothing_to_do()) return tally_.foreseen(plan_, *usage_, true);
    in_part = false;
  }
}

void Prune::refuse_for_want_of_room(Error error) const {
  const std::uint64_t freed = tally_.summary().packs_deleted;
  throw error.with_hint(
      freed > 0 ? trf_plural("{} pack that nothing needed was deleted. To free more, prune needs room for copies of "
                             "what is still needed in the others.",
                             "{} packs that nothing needed were deleted. To free more, prune needs room for copies of "
                             "what is still needed in the others.",
                             freed, freed)
                : std::string(tr("Nothing was deleted: before it deletes, prune needs room for copies of what is still "
                                 "needed. Make some room, or forget more snapshots.")));
}

// What is to be there in place of what goes, durable.
void Prune::store_replacements() {
  monitor_.phase(tr("Repacking"));
  monitor_.totals(plan_.repacked.size(), usage_->total(plan_.repacked, &PackUse::live));
  RepackResult copied = repack(repository_, *usage_, plan_.repacked, monitor_, stop_);
  tally_.copied(copied);
  spare_packs(plan_, *usage_, copied.damaged, gc_.condemned);
  repository_.store().flush(stop_);
  store_index(std::move(copied.parts));
  std::erase_if(copied.damaged, [&](const PackName& name) { return !gc_.condemned.contains(name); });
  require_none_unreadable(copied.damaged);
}

// P3 and P4.
void Prune::condemn() {
  if (!create_condemnation(repository_, condemnation(), stop_))
    throw Error(ErrorCode::conflict, tr("another prune runs on this repository and was faster"),
                tr("It does the work. Nothing is lost; run this one again when it has ended, if there is still "
                   "something to free."));
  ++gc_.generation;
}

}  // namespace

PruneSummary prune(Repository& repository, const PruneOptions& options, RunMonitor& monitor, std::stop_token stop) {
  return Prune(repository, options, monitor, stop).run();
}

}  // namespace igudar
