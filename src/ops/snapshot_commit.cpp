#include "ops/snapshot_commit.h"

#include "base/hex.h"
#include "base/translate.h"
#include "concurrency/deadline.h"
#include "ops/stored_references.h"
#include "repo/damaged_object.h"
#include "repo/local_state.h"

namespace igudar {

SnapshotCommit::SnapshotCommit(const Repository& repository, LeaseHolder& lease, WriterView& view, RunMonitor& monitor)
    : repository_(repository), lease_(lease), view_(view), monitor_(monitor) {}

std::optional<SnapshotId> SnapshotCommit::run(const StoredTree& tree, const Describe& describe,
                                              const SecretBytes& session_secret, const std::stop_token& stop) {
  while (validate(tree, stop)) {
    const Deadline deadline(LeaseTiming{}.ttl / 8, stop);
    const Snapshot snapshot = describe();
    const std::optional<SnapshotId> id = put(snapshot, session_secret, deadline.token(), stop);
    if (!id) {
      begin_anew(stop);
      break;
    }
    if (!confirmed(tree, stop)) {
      unconfirmed_.push_back({*id, snapshot.heads});
      continue;
    }
    LocalState(repository_).remember_written(*id, snapshot.heads);
    retire_or_report();
    return id;
  }
  return std::nullopt;
}

// The snapshot is there: that what is left to do cannot be done is reported, and no failure of the backup.
void SnapshotCommit::retire_or_report() {
  try {
    retire_unconfirmed();
  } catch (const Error&) {
    report_unconfirmed();
  }
}

void SnapshotCommit::release_lease(const std::stop_token& stop) {
  try {
    lease_.release(stop);  // W7
  } catch (const Error& error) {
    monitor_.problem(tr("the lease of this backup"),
                     Error(error.code(), trf("it could not be removed: {}", error.what()),
                           tr("The snapshot is complete. The lease ends by itself; until then it may hold off a "
                              "prune.")));
  }
}

// W3 and W4. True when under the newest generation all is there that the snapshot needs.
bool SnapshotCommit::validate(const StoredTree& tree, const std::stop_token& stop) {
  for (;;) {
    GcState now = read_gc_state(repository_, stop);
    if (lease_.lapsed() || now.generation > view_.gc().generation + 1) {
      begin_anew(stop);
      return false;
    }
    if (now.generation == view_.gc().generation) return true;
    const std::optional<RefSet> needed = references(tree, stop);
    view_.look_around(std::move(now), stop);  // the lease stays as it is, and holds off the sweep of this generation
    if (!needed || !all_present(*needed, view_.index())) return false;
  }
}

void SnapshotCommit::begin_anew(const std::stop_token& stop) {
  view_.look_around(lease_.begin(stop), stop);
}

// W5. None when storing it took so long that the lease could have lapsed.
std::optional<SnapshotId> SnapshotCommit::put(const Snapshot& snapshot, const SecretBytes& session_secret,
                                              const std::stop_token& deadline, const std::stop_token& stop) {
  try {
    return put_snapshot(repository_, snapshot, session_secret, deadline);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::interrupted || stop.stop_requested()) throw;
    return std::nullopt;
  }
}

// W6. That condemned packs still exist is no excuse.
bool SnapshotCommit::confirmed(const StoredTree& tree, const std::stop_token& stop) const {
  const GcState now = read_gc_state(repository_, stop);
  if (now.generation == view_.gc().generation) return true;
  if (now.generation != view_.gc().generation + 1) return false;
  const std::optional<RefSet> needed = references(tree, stop);
  return needed && !any_in_packs(*needed, view_.index(), now.condemned);
}

// What the snapshot needs. None when that cannot be read any more: some clock was so wrong that a sweep came already.
std::optional<RefSet> SnapshotCommit::references(const StoredTree& tree, const std::stop_token& stop) const {
  try {
    return read_references(repository_, view_.index(), tree.refset, tree.refset_pages, stop);
  } catch (const Error& error) {
    if (!is_loss(error)) throw;
    return std::nullopt;
  }
}

void SnapshotCommit::retire_unconfirmed() {
  if (unconfirmed_.empty()) return;
  if (repository_.keys().capability() == Capability::write) return report_unconfirmed();
  Tombstone tombstone;
  tombstone.forgotten = unconfirmed_;
  tombstone.time = wall_clock_ns();
  tombstone.storage_time = repository_.store().now({});
  tombstone.heads = SnapshotCatalogue::load(repository_, CatalogueSource::cache, {}, Descriptions::closed).heads();
  put_tombstone(repository_, tombstone, {});
  for (const ForgottenSnapshot& each : unconfirmed_) remove_snapshot(repository_, each.id, {});
  unconfirmed_.clear();
}

void SnapshotCommit::report_unconfirmed() {
  for (const ForgottenSnapshot& each : unconfirmed_)
    monitor_.problem(to_hex(each.id.view()),
                     Error(ErrorCode::conflict, tr("this snapshot may be incomplete: a prune came between"),
                           tr("Forget it with the password of a slot that may forget.")));
  unconfirmed_.clear();
}

}  // namespace igudar
