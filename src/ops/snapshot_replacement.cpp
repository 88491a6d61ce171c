#include "ops/snapshot_replacement.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "ops/stored_references.h"
#include "repo/leases.h"
#include "repo/local_state.h"

namespace igudar {

namespace {

constexpr const char* kRewrittenFrom = "rewritten-from";
constexpr const char* kRewrittenBy = "rewritten-by";
constexpr int kMostAttempts = 3;

[[noreturn]] void fail_pruned() {
  throw Error(ErrorCode::conflict, tr("the repository was pruned again and again meanwhile"),
              tr("Run it again when no prune is running: it goes on from there."));
}

}  // namespace

SnapshotReplacer::SnapshotReplacer(const Repository& repository, ReplacementTask task, RunMonitor& monitor,
                                   std::stop_token stop)
    : repository_(repository), task_(std::move(task)), monitor_(monitor), stop_(std::move(stop)) {}

void SnapshotReplacer::round(const std::function<void(RewritingView&)>& body) {
  const OwnSession session = repository_.keys().new_session();
  LeaseHolder lease(repository_, session.ref.id, LeaseRole::writer);
  RewritingView view(repository_);
  SnapshotCommit commit(repository_, lease, view, monitor_);
  commit_ = &commit;
  forgotten_ = {};
  try {
    view.look_around(lease.begin(stop_), stop_);
    find_earlier(view);
    holds_ = legal_holds(Registry::load(repository_, stop_), wall_clock_ns());
    body(view);
    put_forgotten();
    commit.release_lease(stop_);
  } catch (const Error&) {
    try {
      commit.retire_unconfirmed();
      lease.release({});
    } catch (const Error& error) {
      monitor_.problem(tr("cleaning up after an interruption"), error);
    }
    throw;
  }
}

void SnapshotReplacer::find_earlier(const RewritingView& view) {
  earlier_.clear();
  needless_.clear();
  begun_before_ = false;
  for (const CataloguedSnapshot& each : view.catalogue().snapshots()) {
    const auto& annotations = each.snapshot.description->annotations;
    const auto by = annotations.find(kRewrittenBy);
    const auto from = annotations.find(kRewrittenFrom);
    if (by == annotations.end() || from == annotations.end()) continue;
    const bool is_ours = by->second == task_.name;
    begun_before_ = begun_before_ || is_ours;
    const std::optional<Bytes> digits = from_hex(from->second);
    if (!digits || digits->size() != SnapshotId::kSize) continue;
    const CataloguedSnapshot* old = view.catalogue().get(SnapshotId::from(*digits));
    if (old == nullptr) continue;
    if (is_ours) {
      earlier_.emplace(old->id, each);
    } else if (task_.supersedes && task_.supersedes(by->second) && is_whole(view, old->snapshot)) {
      needless_.insert(each.id);
      forget(each);
    }
  }
}

bool SnapshotReplacer::is_replacement(const CataloguedSnapshot& snapshot) const {
  return needless_.contains(snapshot.id) ||
         std::any_of(earlier_.begin(), earlier_.end(), [&](const auto& each) { return each.second.id == snapshot.id; });
}

Replacement SnapshotReplacer::replace(RewritingView& view, const CataloguedSnapshot& old) {
  const std::optional<SnapshotId> earlier = whole_replacement(view, old.id);
  const Replacement now = earlier ? Replacement{*earlier} : store(view, old);
  take_place(old, now.id);
  return now;
}

void SnapshotReplacer::rewrap(RewritingView& view, const CataloguedSnapshot& old) {
  std::optional<SnapshotId> now = whole_replacement(view, old.id);
  if (!now) {
    const Snapshot& from = old.snapshot;
    const SessionRef session = repository_.keys().rewrapped(from.session);
    const StoredTree tree{from.scan_time, from.base, from.tree, from.refset, from.refset_pages};
    now = commit_->run(
        tree, [&] { return described(view, old, tree, session); }, repository_.keys().session_secret(session), stop_);
    if (!now) fail_pruned();
  }
  take_place(old, *now);
}

void SnapshotReplacer::take_place(const CataloguedSnapshot& old, const SnapshotId& now) {
  for (auto [each, last] = earlier_.equal_range(old.id); each != last; ++each)
    if (each->second.id != now) forget(each->second);
  pass_holds(old.id, now);
  forget(old);
}

void SnapshotReplacer::forget(const CataloguedSnapshot& snapshot) {
  forgotten_.forgotten.push_back({snapshot.id, snapshot.snapshot.heads});
}

std::optional<SnapshotId> SnapshotReplacer::whole_replacement(const RewritingView& view, const SnapshotId& old) const {
  for (auto [each, last] = earlier_.equal_range(old); each != last; ++each)
    if (is_whole(view, each->second.snapshot)) return each->second.id;
  return std::nullopt;
}

bool SnapshotReplacer::is_whole(const RewritingView& view, const Snapshot& snapshot) const {
  try {
    return all_present(read_references(repository_, view.index(), snapshot.refset, snapshot.refset_pages, stop_),
                       view.index());
  } catch (const Error& error) {
    if (!is_loss(error)) throw;
    return false;
  }
}

Replacement SnapshotReplacer::store(RewritingView& view, const CataloguedSnapshot& old) {
  for (int attempt = 1; attempt <= kMostAttempts; ++attempt) {
    const OwnSession session = repository_.keys().new_session();
    WriteSession writing(repository_, view.index(), session.clone(), {});
    const RewrittenTree tree = store_rewritten(writing, view, old.snapshot, task_.leaves_out, monitor_, stop_);
    const auto describe = [&] {
      Snapshot snapshot = described(view, old, tree.stored, session.ref);
      snapshot.statistics.entries = tree.entries;
      snapshot.statistics.files = tree.files;
      snapshot.statistics.bytes = tree.bytes;
      return snapshot;
    };
    if (const std::optional<SnapshotId> id = commit_->run(tree.stored, describe, session.secret, stop_))
      return {*id, tree.left_out, tree.left_out_bytes};
  }
  fail_pruned();
}

// In the place of the old one: it names the heads that that one named, so that retention sees it there.
Snapshot SnapshotReplacer::described(const RewritingView& view, const CataloguedSnapshot& old, const StoredTree& tree,
                                     const SessionRef& session) const {
  Snapshot snapshot = old.snapshot;
  snapshot.tree = tree.tree;
  snapshot.refset = tree.refset;
  snapshot.refset_pages = tree.refset_pages;
  snapshot.generation = view.gc().generation;
  snapshot.session = session;
  SnapshotDescription& about = *snapshot.description;
  if (task_.describe) task_.describe(about);
  about.annotations[kRewrittenFrom] = to_hex(old.id.view());
  about.annotations[kRewrittenBy] = task_.name;
  return snapshot;
}

void SnapshotReplacer::pass_holds(const SnapshotId& old, const SnapshotId& now) const {
  const auto names = [](const LegalHold& hold, const SnapshotId& id) {
    return std::find(hold.snapshots.begin(), hold.snapshots.end(), id) != hold.snapshots.end();
  };
  for (const LegalHold& hold : holds_)
    if (names(hold, old) && !names(hold, now)) extend_hold(repository_, hold, now, stop_);
}

// The tombstone first, and durable: from then on the snapshots are forgotten, and their records only leftovers.
void SnapshotReplacer::put_forgotten() {
  if (forgotten_.forgotten.empty()) return;
  forgotten_.time = wall_clock_ns();
  forgotten_.storage_time = repository_.store().now(stop_);
  forgotten_.heads = SnapshotCatalogue::load(repository_, CatalogueSource::cache, stop_, Descriptions::closed).heads();
  const Id32 id = put_tombstone(repository_, forgotten_, stop_);
  LocalState(repository_).remember_written(id, forgotten_.heads);
  for (const ForgottenSnapshot& each : forgotten_.forgotten) remove_snapshot(repository_, each.id, stop_);
}

}  // namespace igudar
