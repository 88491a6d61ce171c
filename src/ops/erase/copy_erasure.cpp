#include "ops/erase/copy_erasure.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "ops/erase/absence_proof.h"
#include "ops/snapshot_replacement.h"
#include "repo/leases.h"

namespace igudar {

namespace {

constexpr int kMostRounds = 8;

class CopyErasure {
 public:
  CopyErasure(Repository& repository, const ErasurePlan& plan, const EraseSteps& steps, RunMonitor& monitor,
              std::stop_token stop)
      : repository_(repository),
        plan_(plan),
        target_(target_of(plan)),
        patterns_(plan.patterns),
        steps_(steps),
        monitor_(monitor),
        stop_(std::move(stop)),
        replacer_(repository, task(), monitor, stop_) {
    copy_.location = repository.store().location();
  }

  ErasedCopy run() {
    repository_.config().require_support(Operation::delete_);
    int rounds = 0;
    while (round()) {
      if (++rounds == kMostRounds)
        throw Error(ErrorCode::conflict, tr("new snapshots with what is to be erased come again and again"),
                    tr("Run it again when the backups have ended."));
    }
    const EraseSteps::Pruned pruned = steps_.prune(repository_, packs_, resumed_);
    const AbsenceProof tested = prove_absence(repository_, target_, erased_, monitor_, stop_);
    copy_.tested = wall_clock_ns();
    copy_.passed = tested.passed() && steps_.is_sound(repository_);
    copy_.chunks_erased = erased_.size();
    note_residue(pruned);
    for (const std::string& finding : tested.findings) monitor_.note(finding);
    return copy_;
  }

 private:
  // Stores anew and forgets what concerns the erasure by now. False when there was nothing.
  bool round() {
    const std::uint64_t handled = copy_.snapshots_rewritten + copy_.snapshots_erased;
    replacer_.round([this](RewritingView& view) { rewrite(view); });
    is_first_round_ = false;
    return copy_.snapshots_rewritten + copy_.snapshots_erased > handled;
  }

  void rewrite(RewritingView& view) {
    ErasedContent content = find_erased(repository_, view.readable(), view.catalogue(), target_, monitor_, stop_);
    packs_ = content.frames.packs(view.readable());
    erased_.merge(content.chunks);
    copy_.chunks_shared = std::max(copy_.chunks_shared, content.chunks_shared);
    view.doom(std::move(content.frames));
    if (is_first_round_) resumed_ = goes_on(view.catalogue());

    monitor_.phase(tr("Storing anew what stays"));
    const std::vector<CataloguedSnapshot> snapshots = view.catalogue().snapshots();
    for (const CataloguedSnapshot& each : snapshots) {
      if (target_.snapshots.contains(each.id)) {
        replacer_.forget(each);
        ++copy_.snapshots_erased;
        copy_.entries += each.snapshot.statistics.entries;
        copy_.bytes += each.snapshot.statistics.bytes;
        continue;
      }
      if (replacer_.is_replacement(each)) continue;  // judged with the one whose place it takes
      if (!replacer_.has_replacement(each.id) && !is_concerned(view, each.snapshot)) continue;
      const Replacement now = replacer_.replace(view, each);
      copy_.entries += now.left_out;
      copy_.bytes += now.left_out_bytes;
      ++copy_.snapshots_rewritten;
    }
  }

  // Whether an earlier run of this plan was interrupted.
  bool goes_on(const SnapshotCatalogue& catalogue) const {
    const std::optional<ErasureDone> done = erasure_done(Registry::load(repository_, stop_), plan_.id);
    if (done && done->complete()) return false;
    return replacer_.was_begun_before() ||
           std::any_of(target_.snapshots.begin(), target_.snapshots.end(),
                       [&](const SnapshotId& id) { return catalogue.get(id) == nullptr; });
  }

  bool is_concerned(const RewritingView& view, const Snapshot& snapshot) const {
    const std::vector<std::string>& paths = snapshot.description->paths;
    if (target_.is_of_paths() &&
        std::any_of(paths.begin(), paths.end(), [&](const auto& path) { return names_erased(path); }))
      return true;
    return view.needs_doomed(snapshot, stop_);
  }

  bool names_erased(const std::string& path) const { return patterns_.matches(path, true); }

  ReplacementTask task() const {
    ReplacementTask task{.name = to_hex(plan_.id.view())};
    if (!target_.is_of_paths()) return task;
    task.leaves_out = [this](std::string_view path, bool folder) { return patterns_.matches(path, folder); };
    task.describe = [this](SnapshotDescription& about) {
      std::erase_if(about.paths, [&](const auto& path) { return names_erased(path); });
    };
    return task;
  }

  // What a running writer holds off goes when its lease has lapsed, at the latest.
  void note_residue(const EraseSteps::Pruned& pruned) {
    constexpr std::uint64_t kLongestLease = 7 * 24 * 3600;
    copy_.held_by = pruned.held_by;
    if (!pruned.postponed && copy_.passed) return;
    TimeNs until = repository_.store().now(stop_);
    bool any_writer = pruned.postponed;
    for (const ListedLease& lease : list_leases(repository_, stop_)) {
      if (lease.liveness != LeaseLiveness::live) continue;
      any_writer = true;
      const std::uint64_t seconds = lease.lease ? std::min(lease.lease->seconds, kLongestLease) : kLongestLease;
      until = std::max(until, lease.stored_at + static_cast<TimeNs>(seconds + seconds / 4) * kNsPerSecond);
    }
    if (any_writer) copy_.residual_until = until;
  }

  Repository& repository_;
  const ErasurePlan& plan_;
  const ErasureTarget target_;
  const PathPatterns patterns_;
  const EraseSteps& steps_;
  RunMonitor& monitor_;
  const std::stop_token stop_;
  SnapshotReplacer replacer_;
  ErasedCopy copy_;
  std::unordered_set<ChunkId> erased_;
  std::set<PackName> packs_;  // that hold any of it, as last seen
  bool is_first_round_ = true;
  bool resumed_ = false;
};

}  // namespace

ErasureTarget target_of(const ErasurePlan& plan) {
  return {plan.patterns, {plan.snapshots.begin(), plan.snapshots.end()}};
}

ErasedCopy erase_from_copy(Repository& repository, const ErasurePlan& plan, const EraseSteps& steps,
                           RunMonitor& monitor, const std::stop_token& stop) {
  return CopyErasure(repository, plan, steps, monitor, stop).run();
}

}  // namespace igudar
