#include "ops/prune/prune.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "base/clock.h"
#include "base/translate.h"
#include "ops/prune/index_rewrite.h"
#include "ops/prune/prune_plan.h"
#include "ops/prune/references.h"
#include "ops/prune/repack.h"
#include "ops/prune/sweep.h"
#include "repo/gc_state.h"
#include "repo/leases.h"
#include "repo/local_state.h"

namespace igudar {

namespace {

// When the writer of a lease began at the earliest, by the storage's clock: each renewal comes a quarter of the lease's
// time after the one before, or sooner. An unreadable lease may be that of any writer.
TimeNs earliest_begin(const ListedLease& listed) {
  constexpr TimeNs kLongestTtl = TimeNs{7} * 24 * 3600 * kNsPerSecond;
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
    require_rights();
    if (finish_open_generation()) {  // P1
      survey();                      // P2
      if (options_.dry_run || nothing_to_do())
        foresee();
      else
        free_space();  // P2 to P8
    }
    summary_.seconds = std::chrono::duration<double>(steady_clock() - started).count();
    return summary_;
  }

 private:
  void require_rights() const;
  bool finish_open_generation();
  void survey();
  void remove_leftovers(const SnapshotCatalogue& catalogue, const std::vector<ListedLease>& leases);
  void mark_references(const SnapshotCatalogue& catalogue);
  bool nothing_to_do() const { return plan_.empty() && !supersede_; }
  void foresee();
  void free_space();
  [[noreturn]] void refuse_for_want_of_room(Error error) const;
  void store_replacements();
  void store_index(std::vector<IndexSegment> parts);
  Condemnation condemnation() const;
  void condemn();
  void count_packs();
  void count_untouched();
  void count_earlier(const SweepResult& swept);
  void count_part(const SweepResult& swept);
  void count_generation(const SweepResult& swept);
  void count_sweep(const SweepResult& swept);
  std::uint64_t size_of(const std::vector<std::uint32_t>& packs) const;

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
  std::uint64_t packs_copied_ = 0;  // those written, of this generation
  std::uint64_t bytes_copied_ = 0;
  PruneSummary summary_;
};

void Prune::require_rights() const {
  repository_.config().require_support(Operation::delete_);
  if (repository_.keys().capability() != Capability::write) return;
  throw Error(ErrorCode::permission, tr("this key slot does not allow to delete anything"),
              tr("Use the password of a slot with the capability 'full' or 'maintain'."));
}

// P1: no new generation before the last one is swept. False when that is held off.
bool Prune::finish_open_generation() {
  std::vector<DamagedObject> damaged;
  gc_ = read_gc_state(repository_, damaged, stop_);
  summary_.generation = gc_.generation;
  for (const DamagedObject& object : damaged) monitor_.problem(object.name.to_string(), object.error);
  supersede_ = gc_.swept && !damaged.empty();
  if (gc_.swept || options_.dry_run) return true;
  // A damaged mark counts as absent; one that can be read takes its place.
  for (const DamagedObject& object : damaged) repository_.store().remove(object.name, stop_);
  do {
    const SweepResult swept = sweep(repository_, gc_.generation, {}, monitor_, stop_);
    count_sweep(swept);
    if (!swept.swept) {
      count_untouched();
      return false;
    }
    count_earlier(swept);
    gc_ = read_gc_state(repository_, stop_);
  } while (!gc_.swept);  // another prune may have made one meanwhile
  return true;
}

// P2: snapshots, index and packs, in this order.
void Prune::survey() {
  monitor_.phase(tr("Looking for what is needed"));
  const std::vector<ListedLease> leases = list_leases(repository_, stop_);
  const TimeNs newest_free = newest_free_time(repository_, leases, stop_);
  const SnapshotCatalogue catalogue = load_complete_catalogue(repository_, stop_);
  remove_leftovers(catalogue, leases);
  index_ = BlobIndex::load(repository_, {}, {}, stop_);
  usage_.emplace(index_->segments(), repository_.store().list(ObjectKind::pack, stop_));
  mark_references(catalogue);
  usage_->settle(gc_.condemned);
  plan_ = plan_prune(*usage_, {.max_unused_percent = options_.max_unused_percent,
                               .pack_size = repository_.config().pack_size,
                               .newest_free = newest_free,
                               .keep_unindexed = chunks_missing_,
                               .must_go = gc_.condemned});
}

void Prune::remove_leftovers(const SnapshotCatalogue& catalogue, const std::vector<ListedLease>& leases) {
  if (options_.dry_run) return;
  LocalState(repository_).remember_heads(catalogue);
  for (const SnapshotId& id : catalogue.leftovers()) remove_snapshot(repository_, id, stop_);
  for (const ListedLease& lease : leases)
    if (lease.liveness == LeaseLiveness::lapsed) repository_.store().remove(lease.name, stop_);  // W8
}

void Prune::mark_references(const SnapshotCatalogue& catalogue) {
  ReferenceMarker marker(repository_, *index_, *usage_);
  for (const CataloguedSnapshot& snapshot : catalogue.snapshots()) {
    surveyed_.insert(snapshot.id);
    const std::uint64_t missing = marker.mark(snapshot, stop_);
    chunks_missing_ = chunks_missing_ || missing > 0;
    report_missing(snapshot, missing, monitor_);
  }
}

std::uint64_t Prune::size_of(const std::vector<std::uint32_t>& packs) const {
  std::uint64_t total = 0;
  for (const std::uint32_t i : packs) total += usage_->packs()[i].size;
  return total;
}

void Prune::count_packs() {
  summary_.packs_total += usage_->packs().size();
  summary_.packs_kept = plan_.kept.size();
  summary_.packs_repacked += plan_.repacked.size();
  summary_.bytes_unused_kept = plan_.unused_kept;
  for (const PackUse& pack : usage_->packs()) summary_.bytes_before += pack.size;
}

// Held off before it began.
void Prune::count_untouched() {
  for (const ObjectInfo& object : repository_.store().list(ObjectKind::pack, stop_)) {
    ++summary_.packs_total;
    ++summary_.packs_kept;
    summary_.bytes_before += object.size;
    summary_.bytes_after += object.size;
  }
}

// What the plan comes to, not executed.
void Prune::foresee() {
  count_packs();
  summary_.nothing_to_do = nothing_to_do() && summary_.packs_deleted == 0;
  summary_.packs_deleted += plan_.dead.size();
  std::uint64_t to_copy = 0;
  for (const std::uint32_t i : plan_.repacked) to_copy += usage_->packs()[i].live;
  summary_.bytes_repacked += to_copy;
  summary_.bytes_after = size_of(plan_.kept) + to_copy;
}

// One or a few segments for all that the condemned ones say of packs that stay, and for the copies.
void Prune::store_index(std::vector<IndexSegment> parts) {
  std::set<PackName> wanted;
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
  for (const std::vector<std::uint32_t>* list : {&plan_.dead, &plan_.repacked})
    for (const std::uint32_t i : *list) record.packs.push_back(usage_->packs()[i].name);
  std::sort(record.packs.begin(), record.packs.end());
  for (const std::uint32_t i : plan_.segments) record.segments.push_back(usage_->segments()[i].name);
  record.time = wall_clock_ns();
  return record;
}

// In one generation; or, where the storage has no room for all copies, in several, each of which makes room for the next.
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
    const SweepResult swept = sweep(repository_, summary_.generation, surveyed_, monitor_, stop_);  // P5 to P8
    count_sweep(swept);
    if (!in_part || !swept.swept) return count_generation(swept);
    count_part(swept);
    gc_ = read_gc_state(repository_, stop_);
    survey();
    if (nothing_to_do()) return foresee();
    in_part = false;
  }
}

void Prune::refuse_for_want_of_room(Error error) const {
  const std::uint64_t freed = summary_.packs_deleted;
  throw error.with_hint(
      freed > 0 ? trf("{} packs that nothing needed were deleted. To free more, prune needs room for copies of what is "
                      "still needed in the others.",
                      freed)
                : std::string(tr("Nothing was deleted: before it deletes, prune needs room for copies of what is still "
                                 "needed. Make some room, or forget more snapshots.")));
}

// What is to be there in place of what goes, durable.
void Prune::store_replacements() {
  monitor_.phase(tr("Repacking"));
  std::uint64_t to_copy = 0;
  for (const std::uint32_t i : plan_.repacked) to_copy += usage_->packs()[i].live;
  monitor_.totals(plan_.repacked.size(), to_copy);
  RepackResult copied = repack(repository_, *usage_, plan_.repacked, monitor_, stop_);
  bytes_copied_ = copied.bytes_written;
  packs_copied_ = 0;
  for (const IndexSegment& part : copied.parts) packs_copied_ += part.packs.size();
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
  summary_.generation = gc_.generation + 1;
}

// Of a generation that others follow: what it wrote will be among the packs that are surveyed next.
void Prune::count_part(const SweepResult& swept) {
  summary_.packs_total += plan_.dead.size() + plan_.repacked.size() - packs_copied_;
  summary_.packs_deleted += plan_.dead.size();
  summary_.packs_repacked += plan_.repacked.size();
  summary_.bytes_repacked += bytes_copied_;
  summary_.bytes_before += size_of(plan_.dead) + size_of(plan_.repacked) - bytes_copied_ - swept.bytes_rescued;
}

void Prune::count_generation(const SweepResult& swept) {
  count_packs();
  summary_.bytes_repacked += bytes_copied_;
  if (swept.swept) summary_.packs_deleted += plan_.dead.size();
  summary_.bytes_after = size_of(plan_.kept) + bytes_copied_ + swept.bytes_rescued;
  if (!swept.swept) summary_.bytes_after += size_of(plan_.dead) + size_of(plan_.repacked);
}

// What was deleted of an earlier prune's is part of what there was before; what was rescued of it, of what is surveyed
// next.
void Prune::count_earlier(const SweepResult& swept) {
  summary_.packs_total += swept.packs_deleted;
  summary_.packs_deleted += swept.packs_deleted;
  summary_.bytes_before += swept.bytes_deleted - std::min(swept.bytes_deleted, swept.bytes_rescued);
}

void Prune::count_sweep(const SweepResult& swept) {
  summary_.sweep_postponed = !swept.swept;
  summary_.held_by = swept.held_by;
}

}  // namespace

PruneSummary prune(Repository& repository, const PruneOptions& options, RunMonitor& monitor, std::stop_token stop) {
  return Prune(repository, options, monitor, stop).run();
}

}  // namespace igudar
