#pragma once

#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "format/snapshot.h"
#include "ops/legal_holds.h"
#include "ops/snapshot_rewrite.h"

namespace igudar {

// Puts snapshots that are stored anew (ops/snapshot_rewrite.h) in the place of others: under a lease, new ones are
// committed as those of a backup are; then a tombstone forgets the old ones.
//
// A snapshot that takes the place of another says so in its annotations, with the task, before the other is forgotten:
// so a run that was interrupted is gone on with by the next one.

// Why it is done, and what changes.
struct ReplacementTask {
  std::string name;                                         // in the annotations; each task has another one
  LeavesOut leaves_out = {};                                // entries
  std::function<void(SnapshotDescription&)> describe = {};  // what else is to be said of it, or not any more
  // Tasks, by name, that this one makes needless: what they stored beside a snapshot that is there still is forgotten.
  std::function<bool(std::string_view)> supersedes = {};
};

// What took the place of a snapshot.
struct Replacement {
  SnapshotId id;
  std::uint64_t left_out = 0;  // entries; none when an earlier run had stored it
  std::uint64_t left_out_bytes = 0;
};

// One for a run; rounds of it, until a round finds nothing to do. Not thread-safe.
class SnapshotReplacer {
 public:
  SnapshotReplacer(const Repository& repository, ReplacementTask task, RunMonitor& monitor, std::stop_token stop);

  // Calls body(view) with the repository as it is by then, and the lease held; what it forgot is forgotten once it
  // returned. Durable then. When it throws, what it could not confirm is taken back.
  void round(const std::function<void(RewritingView&)>& body);

  // The rest is for the body of a round.

  // Whether any snapshot says that it was stored by this task.
  bool was_begun_before() const { return begun_before_; }
  // Whether it took the place of one that is still there: it is judged with that one.
  bool is_replacement(const CataloguedSnapshot& snapshot) const;
  // Whether an interrupted run had put another in its place already.
  bool has_replacement(const SnapshotId& old) const { return earlier_.contains(old); }
  // Stores it anew, or finds what an interrupted run had stored; legal holds on it go over. It is forgotten with the
  // round. Throws conflict when prunes come again and again.
  Replacement replace(RewritingView& view, const CataloguedSnapshot& old);
  // Only seals its session's secret to the newest epoch: tree and content stay where they are.
  void rewrap(RewritingView& view, const CataloguedSnapshot& old);
  void forget(const CataloguedSnapshot& snapshot);

 private:
  void find_earlier(const RewritingView& view);
  bool is_whole(const RewritingView& view, const Snapshot& snapshot) const;
  // The run that stored it may have ended before it was confirmed (W6).
  std::optional<SnapshotId> whole_replacement(const RewritingView& view, const SnapshotId& old) const;
  Replacement store(RewritingView& view, const CataloguedSnapshot& old);
  Snapshot described(const RewritingView& view, const CataloguedSnapshot& old, const StoredTree& tree,
                     const SessionRef& session) const;
  void take_place(const CataloguedSnapshot& old, const SnapshotId& now);
  void pass_holds(const SnapshotId& old, const SnapshotId& now) const;
  void put_forgotten();

  const Repository& repository_;
  const ReplacementTask task_;
  RunMonitor& monitor_;
  const std::stop_token stop_;
  SnapshotCommit* commit_ = nullptr;  // of the round that runs
  std::vector<LegalHold> holds_;
  std::multimap<SnapshotId, CataloguedSnapshot> earlier_;  // by whose place they take, if that is there
  std::set<SnapshotId> needless_;                          // stored by a task that this one supersedes
  bool begun_before_ = false;
  Tombstone forgotten_;
};

}  // namespace igudar
