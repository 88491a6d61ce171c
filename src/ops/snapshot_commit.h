#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "format/refset.h"
#include "ops/run_monitor.h"
#include "repo/blob_index.h"
#include "repo/leases.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

// What a pass over a source has stored: the parts of a snapshot.
struct StoredTree {
  TimeNs scan_time = 0;            // when the pass began
  std::optional<SnapshotId> base;  // what the source was compared with
  TableRoot tree;
  TableRoot refset;
  std::vector<OrdinalRange> refset_pages;
};

// What a writer takes for granted: one generation of garbage collection, and the index under it (rule W2 of
// docs/adr/0002-gc-protocol.md).
class WriterView {
 public:
  virtual ~WriterView() = default;
  // Looks at everything afresh under `gc`.
  virtual void look_around(GcState gc, const std::stop_token& stop) = 0;
  virtual const GcState& gc() const = 0;
  virtual BlobIndex& index() const = 0;
};

// How a stored tree becomes a snapshot though prunes may run meanwhile: rules W3 to W7 of docs/adr/0002-gc-protocol.md.
//
// Not thread-safe. Durability: what the snapshot refers to must be durable before; the snapshot is once run() returns
// it.
class SnapshotCommit {
 public:
  SnapshotCommit(const Repository& repository, LeaseHolder& lease, WriterView& view, RunMonitor& monitor);

  // The snapshot of `tree` as the view has things now: its heads and generation.
  using Describe = std::function<Snapshot()>;
  // None when a prune took what the snapshot needs: then the source has to be gone through again under what the view
  // shows by then, and what is missing stored anew. The lease stays, for the next one.
  std::optional<SnapshotId> run(const StoredTree& tree, const Describe& describe, const SecretBytes& session_secret,
                                const std::stop_token& stop);
  // W7, once no other snapshot is to follow; that it fails is reported.
  void release_lease(const std::stop_token& stop);
  // W6: snapshots of this run that were stored but could not be confirmed do not stay.
  void retire_unconfirmed();

 private:
  bool validate(const StoredTree& tree, const std::stop_token& stop);
  void begin_anew(const std::stop_token& stop);
  std::optional<SnapshotId> put(const Snapshot& snapshot, const SecretBytes& session_secret,
                                const std::stop_token& deadline, const std::stop_token& stop);
  bool confirmed(const StoredTree& tree, const std::stop_token& stop) const;
  void retire_or_report();
  void report_unconfirmed();
  std::optional<RefSet> references(const StoredTree& tree, const std::stop_token& stop) const;

  const Repository& repository_;
  LeaseHolder& lease_;
  WriterView& view_;
  RunMonitor& monitor_;
  std::vector<ForgottenSnapshot> unconfirmed_;
};

}  // namespace igudar
