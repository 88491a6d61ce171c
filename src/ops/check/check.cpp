#include "ops/check/check.h"

#include "base/clock.h"
#include "base/hex.h"
#include "concurrency/task_scope.h"
#include "ops/check/index_check.h"
#include "ops/check/lost_frames.h"
#include "ops/check/missing_packs.h"
#include "ops/check/packs_check.h"
#include "ops/check/record_check.h"
#include "ops/check/signature_check.h"
#include "ops/check/time_stamp_check.h"
#include "ops/check/tree_check.h"

namespace igudar {

namespace {

constexpr int kMostAttempts = 3;

// What a prune changes, to see whether one was at work.
std::vector<ObjectName> list_what_prunes_change(const Repository& repository, const std::stop_token& stop) {
  std::vector<ObjectName> names;
  for (const ObjectKind kind : {ObjectKind::gc, ObjectKind::snapshot, ObjectKind::index, ObjectKind::pack})
    for (ObjectInfo& object : repository.store().list(kind, stop)) names.push_back(std::move(object.name));
  return names;
}

// One look at the whole repository. The steps of run() are the steps of the operation.
class Examination {
 public:
  Examination(CheckRun run, LocalState& local) : run_(std::move(run)), local_(local) {}

  void run() {
    check_records();
    check_index();
    check_contents();
    report_consequences();
    if (!run_.findings.any_damage()) local_.remember_heads(*catalogue_);
  }

 private:
  bool reads_trees() const { return run_.repository.keys().can_read(); }

  void check_records() {
    run_.monitor.phase(tr("Checking the records"));
    check_config_and_slots(run_.repository, run_.findings, run_.stop);
    check_grants(run_.repository, run_.findings, run_.stop);
    check_leases(run_.repository, run_.findings, run_.stop);
    gc_ = check_generations(run_.repository, run_.findings, run_.stop);
    catalogue_ = check_catalogue(run_.repository, gc_, run_.findings, run_.stop);
    check_registry(run_.repository, run_.findings, run_.stop);
    check_known_heads(local_, *catalogue_, run_.findings);
    const std::vector<StoredTimeStamp> stamps = read_time_stamps(run_, *catalogue_);
    if (run_.options.signatures) {
      run_.summary.signatures = check_signatures(run_.repository, *catalogue_, local_, run_.stop);
      check_time_stamps(run_, *catalogue_, stamps, run_.summary.signatures);
    }
    run_.summary.snapshots = catalogue_->snapshots().size();
  }

  // After the snapshots: so nothing that they need can be missing but by a prune (W2).
  void check_index() {
    run_.monitor.phase(tr("Checking the index"));
    indexed_ = igudar::check_index(run_.repository, gc_, run_.findings, run_.stop);
    const auto told_already = [](const ObjectName&, const Error&) {};
    index_ = BlobIndex::load(run_.repository, {}, told_already, run_.stop);
    run_.summary.chunks = index_->chunk_count();
  }

  // Trees and packs at the same time: both are needed, and neither keeps all processors busy to its end.
  void check_contents() {
    packs_.emplace(run_, *index_, indexed_, lost_);
    packs_->choose(local_.pack_ledger());
    TaskScope scope(run_.stop);
    trees_.emplace(run_.repository, *index_, run_.findings, lost_);
    scope.spawn("check trees", [this](std::stop_token stop) { check_trees(stop); });
    packs_->check();
    scope.join();
    run_.throw_if_stopped();
    packs_->note_read(local_.pack_ledger());
  }

  void check_trees(const std::stop_token& stop) {
    for (const CataloguedSnapshot& snapshot : catalogue_->snapshots()) {
      if (stop.stop_requested()) return;
      try {
        trees_->check(snapshot, stop);
      } catch (const Error& error) {
        if (!is_about_object(error)) throw;
        run_.findings.absence(Topic::page, "snapshots/" + to_hex(snapshot.id.view()), error.what());
        run_.findings.affect(snapshot.id);
      }
    }
  }

  // What the damage found so far means for snapshots and files.
  void report_consequences() {
    if (!reads_trees())
      run_.findings.remark("snapshots",
                           tr("this key slot does not allow to read the trees of snapshots: they were not checked"));
    report_missing_packs(*index_, trees_->references(), run_.findings);
    if (!lost_.empty() && reads_trees())
      report_lost_frames(run_.repository, *index_, *catalogue_, lost_, run_.findings, run_.stop);
    if (packs_->unindexed() > 0 && run_.findings.any_absence())
      run_.findings.damage(
          Topic::index, "index",
          trf_plural("{} pack is in no index segment while something is missing: a segment was lost. Put it back from "
                     "a copy of the repository; if there is none, back up the same folders again.",
                     "{} packs are in no index segment while something is missing: a segment was lost. Put it back "
                     "from a copy of the repository; if there is none, back up the same folders again.",
                     packs_->unindexed(), packs_->unindexed()));
  }

  const CheckRun run_;
  LocalState& local_;
  GcState gc_;
  std::optional<SnapshotCatalogue> catalogue_;
  IndexedPacks indexed_;
  std::unique_ptr<BlobIndex> index_;
  LostFrames lost_;
  std::optional<PacksCheck> packs_;
  std::optional<TreeCheck> trees_;
};

}  // namespace

CheckSummary check(Repository& repository, const CheckOptions& options, RunMonitor& monitor, std::stop_token stop) {
  repository.config().require_support(Operation::check);
  const std::chrono::nanoseconds started = steady_clock();
  CheckSummary summary;
  LocalState local(repository);
  for (int attempt = 1;; ++attempt) {
    summary = {};
    Findings findings;
    const std::vector<ObjectName> before = list_what_prunes_change(repository, stop);
    Examination({repository, options, monitor, summary, findings, stop}, local).run();
    // R2: what a prune took away meanwhile is not damage.
    if (findings.any_absence() && attempt < kMostAttempts && list_what_prunes_change(repository, stop) != before)
      continue;
    for (const std::string& text : local.remarks()) findings.remark(tr("this machine"), text);
    remark_untested_recovery_keys(repository, findings, stop);
    findings.report(summary);
    break;
  }
  summary.seconds = std::chrono::duration<double>(steady_clock() - started).count();
  return summary;
}

}  // namespace igudar
