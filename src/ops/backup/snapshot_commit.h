#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "format/refset.h"
#include "ops/backup/pipeline.h"
#include "repo/leases.h"

namespace igudar {

// How a stored tree becomes a snapshot though prunes may run meanwhile: rules W3 to W7 of docs/adr/0002-gc-protocol.md.
//
// Not thread-safe. Durability: what the snapshot refers to must be durable before; the snapshot is once run() returns
// it.
class SnapshotCommit {
 public:
  SnapshotCommit(const Repository& repository, LeaseHolder& lease, RepositoryView& view, RunMonitor& monitor);

  // The snapshot of `tree` as the view has things now: its heads and generation.
  using Describe = std::function<Snapshot()>;
  // None when a prune took what the snapshot needs: then the source has to be gone through again under what the view
  // shows by then, and what is missing stored anew. Removes the lease when it succeeds; that it cannot is reported.
  std::optional<SnapshotId> run(const StoredTree& tree, const Describe& describe, const SecretBytes& session_secret,
                                const std::stop_token& stop);
  // W6: snapshots of this run that were stored but could not be confirmed do not stay.
  void retire_unconfirmed();

 private:
  bool validate(const StoredTree& tree, const std::stop_token& stop);
  void begin_anew(const std::stop_token& stop);
  std::optional<SnapshotId> put(const Snapshot& snapshot, const SecretBytes& session_secret,
                                const std::stop_token& deadline, const std::stop_token& stop);
  bool confirmed(const StoredTree& tree, const std::stop_token& stop) const;
  void conclude(const std::stop_token& stop);
  void report_unconfirmed();
  std::optional<RefSet> references(const StoredTree& tree, const std::stop_token& stop) const;

  const Repository& repository_;
  LeaseHolder& lease_;
  RepositoryView& view_;
  RunMonitor& monitor_;
  std::vector<ForgottenSnapshot> unconfirmed_;
};

}  // namespace igudar
