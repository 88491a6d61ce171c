#include "ops/erase/copy_erasure.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "ops/erase/absence_proof.h"
#include "ops/legal_holds.h"
#include "ops/rewriting_view.h"
#include "ops/snapshot_rewrite.h"
#include "ops/stored_references.h"
#include "repo/leases.h"
#include "repo/local_state.h"

namespace igudar {

namespace {

constexpr const char* kRewrittenFrom = "rewritten-from";
constexpr const char* kRewrittenBy = "rewritten-by";
constexpr int kMostAttempts = 3;
constexpr int kMostRounds = 8;

class CopyErasure {
 public:
  CopyErasure(Repository& repository, const ErasurePlan& plan, const EraseSteps& steps, RunMonitor& monitor,
              std::stop_token stop)
      : repository_(repository),
        plan_(plan),
        plan_digits_(to_hex(plan.id.view())),
        target_(target_of(plan)),
        patterns_(plan.patterns),
        steps_(steps),
        monitor_(monitor),
        stop_(std::move(stop)) {
    if (target_.is_of_paths())
      leaves_out_ = [this](std::string_view path, bool folder) { return patterns_.matches(path, folder); };
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
  // Rewrites and forgets what concerns the erasure by now. False when there was nothing.
  bool round() {
    const OwnSession session = repository_.keys().new_session();
    LeaseHolder lease(repository_, session.ref.id, LeaseRole::writer);
    RewritingView view(repository_);
    SnapshotCommit commit(repository_, lease, view, monitor_);
    try {
      view.look_around(lease.begin(stop_), stop_);
      const bool any = rewrite(view, commit);
      commit.release_lease(stop_);
      return any;
    } catch (const Error&) {
      abandon(commit, lease);
      throw;
    }
  }

  void abandon(SnapshotCommit& commit, LeaseHolder& lease) {
    try {
      commit.retire_unconfirmed();
      lease.release({});
    } catch (const Error& error) {
      monitor_.problem(tr("cleaning up after the erasure"), error);
    }
  }

  bool rewrite(RewritingView& view, SnapshotCommit& commit) {
    ErasedContent content = find_erased(repository_, view.readable(), view.catalogue(), target_, monitor_, stop_);
    packs_ = content.frames.packs(view.readable());
    erased_.merge(content.chunks);
    copy_.chunks_shared = std::max(copy_.chunks_shared, content.chunks_shared);
    view.doom(std::move(content.frames));
    const Registry registry = Registry::load(repository_, stop_);
    find_earlier(view.catalogue(), registry);

    Tombstone tombstone;
    const std::vector<CataloguedSnapshot> snapshots = view.catalogue().snapshots();
    const std::vector<LegalHold> holds = legal_holds(registry, wall_clock_ns());
    monitor_.phase(tr("Storing anew what stays"));
    for (const CataloguedSnapshot& each : snapshots) {
      if (target_.snapshots.contains(each.id)) {
        tombstone.forgotten.push_back({each.id, each.snapshot.heads});
        ++copy_.snapshots_erased;
        copy_.entries += each.snapshot.statistics.entries;
        copy_.bytes += each.snapshot.statistics.bytes;
        continue;
      }
      if (is_replacement_of_present(each)) continue;  // judged with the one whose place it takes
      const std::vector<const CataloguedSnapshot*> earlier = earlier_for(each.id);
      if (earlier.empty() && !is_concerned(view, each.snapshot)) continue;
      const SnapshotId now = replacement(view, commit, each, earlier);
      for (const CataloguedSnapshot* other : earlier)
        if (other->id != now) tombstone.forgotten.push_back({other->id, other->snapshot.heads});
      keep_held(holds, each.id, now);
      tombstone.forgotten.push_back({each.id, each.snapshot.heads});
      ++copy_.snapshots_rewritten;
    }
    forget(std::move(tombstone));
    return copy_.snapshots_rewritten + copy_.snapshots_erased >
           std::exchange(handled_, copy_.snapshots_rewritten + copy_.snapshots_erased);
  }

  // Snapshots that an interrupted run of this plan put in the place of others.
  void find_earlier(const SnapshotCatalogue& catalogue, const Registry& registry) {
    const std::optional<ErasureDone> done = erasure_done(registry, plan_.id);
    const bool is_first_look = handled_ == 0 && !(done && done->complete());
    earlier_.clear();
    for (const CataloguedSnapshot& each : catalogue.snapshots()) {
      const auto& annotations = each.snapshot.description->annotations;
      const auto by = annotations.find(kRewrittenBy);
      const auto from = annotations.find(kRewrittenFrom);
      if (by == annotations.end() || from == annotations.end() || by->second != plan_digits_) continue;
      resumed_ = resumed_ || is_first_look;
      const std::optional<Bytes> old = from_hex(from->second);
      if (old && old->size() == SnapshotId::kSize && catalogue.get(SnapshotId::from(*old)) != nullptr)
        earlier_.emplace(SnapshotId::from(*old), each);
    }
    for (const SnapshotId& id : target_.snapshots) resumed_ = resumed_ || (is_first_look && !catalogue.get(id));
  }

  bool is_replacement_of_present(const CataloguedSnapshot& snapshot) const {
    return std::any_of(earlier_.begin(), earlier_.end(),
                       [&](const auto& each) { return each.second.id == snapshot.id; });
  }
  std::vector<const CataloguedSnapshot*> earlier_for(const SnapshotId& old) const {
    std::vector<const CataloguedSnapshot*> found;
    for (auto [at, end] = earlier_.equal_range(old); at != end; ++at) found.push_back(&at->second);
    return found;
  }
  // Its run may have ended before it was confirmed (W6).
  bool is_whole(const RewritingView& view, const Snapshot& snapshot) const {
    try {
      return all_present(read_references(repository_, view.index(), snapshot.refset, snapshot.refset_pages, stop_),
                         view.index());
    } catch (const Error& error) {
      if (!is_loss(error)) throw;
      return false;
    }
  }

  bool is_concerned(const RewritingView& view, const Snapshot& snapshot) const {
    const std::vector<std::string>& paths = snapshot.description->paths;
    if (target_.is_of_paths() &&
        std::any_of(paths.begin(), paths.end(), [&](const auto& path) { return names_erased(path); }))
      return true;
    return view.doomed().any_named_by(
        read_references(repository_, view.index(), snapshot.refset, snapshot.refset_pages, stop_));
  }

  bool names_erased(const std::string& path) const { return patterns_.matches(path, true); }

  SnapshotId replacement(RewritingView& view, SnapshotCommit& commit, const CataloguedSnapshot& old,
                         const std::vector<const CataloguedSnapshot*>& earlier) {
    for (const CataloguedSnapshot* each : earlier)
      if (is_whole(view, each->snapshot)) return each->id;
    for (int attempt = 1; attempt <= kMostAttempts; ++attempt) {
      const OwnSession session = repository_.keys().new_session();
      WriteSession writing(repository_, view.index(), session.clone(), {});
      const RewrittenTree tree = store_rewritten(writing, view, old.snapshot, leaves_out_, monitor_, stop_);
      const auto describe = [&] { return described(view, old, tree, session); };
      if (const std::optional<SnapshotId> id = commit.run(tree.stored, describe, session.secret, stop_)) {
        copy_.entries += tree.left_out;
        copy_.bytes += tree.left_out_bytes;
        return *id;
      }
    }
    throw Error(ErrorCode::conflict, tr("the repository was pruned again and again during the erasure"),
                tr("Run it again when no prune is running: it goes on from there."));
  }

  // In the place of the old one: it names the heads that that one named, so that retention sees it there.
  Snapshot described(const RewritingView& view, const CataloguedSnapshot& old, const RewrittenTree& tree,
                     const OwnSession& session) const {
    Snapshot snapshot = old.snapshot;
    snapshot.tree = tree.stored.tree;
    snapshot.refset = tree.stored.refset;
    snapshot.refset_pages = tree.stored.refset_pages;
    snapshot.generation = view.gc().generation;
    snapshot.session = session.ref;
    snapshot.statistics.entries = tree.entries;
    snapshot.statistics.files = tree.files;
    snapshot.statistics.bytes = tree.bytes;
    SnapshotDescription& about = *snapshot.description;
    if (target_.is_of_paths()) std::erase_if(about.paths, [&](const auto& path) { return names_erased(path); });
    about.annotations[kRewrittenFrom] = to_hex(old.id.view());
    about.annotations[kRewrittenBy] = plan_digits_;
    return snapshot;
  }

  void keep_held(const std::vector<LegalHold>& holds, const SnapshotId& old, const SnapshotId& now) const {
    const auto names = [](const LegalHold& hold, const SnapshotId& id) {
      return std::find(hold.snapshots.begin(), hold.snapshots.end(), id) != hold.snapshots.end();
    };
    for (const LegalHold& hold : holds)
      if (names(hold, old) && !names(hold, now)) extend_hold(repository_, hold, now, stop_);
  }

  // The tombstone first, and durable: from then on the snapshots are forgotten, and their records only leftovers.
  void forget(Tombstone tombstone) const {
    if (tombstone.forgotten.empty()) return;
    tombstone.time = wall_clock_ns();
    tombstone.storage_time = repository_.store().now(stop_);
    tombstone.heads = SnapshotCatalogue::load(repository_, CatalogueSource::cache, stop_, Descriptions::closed).heads();
    const Id32 id = put_tombstone(repository_, tombstone, stop_);
    LocalState(repository_).remember_written(id, tombstone.heads);
    for (const ForgottenSnapshot& each : tombstone.forgotten) remove_snapshot(repository_, each.id, stop_);
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
  const std::string plan_digits_;
  const ErasureTarget target_;
  const PathPatterns patterns_;
  const EraseSteps& steps_;
  RunMonitor& monitor_;
  const std::stop_token stop_;
  LeavesOut leaves_out_;
  ErasedCopy copy_;
  std::unordered_set<ChunkId> erased_;
  std::set<PackName> packs_;                               // that hold any of it, as last seen
  std::multimap<SnapshotId, CataloguedSnapshot> earlier_;  // by whose place they take, if that is there
  std::uint64_t handled_ = 0;                              // snapshots, in the rounds before
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
