#pragma once

#include <atomic>
#include <vector>

#include "concurrency/bounded_queue.h"
#include "ops/backup/batch.h"
#include "ops/backup/repository_view.h"
#include "ops/snapshot_commit.h"
#include "repo/write_session.h"

namespace igudar {

class FilesCacheWriter;
class Planner;

// One pass over the source:
//
//   planner ──▶ workers (read, cut, store) ──▶ collector (tree, reference set), all batches in the order of the
//   snapshot
//
// Not thread-safe, for one run. Memory: 64 MiB of batches, and what the stages hold.
// Errors: files that cannot be read are reported and counted; the rest ends the pass, interrupted when stopped.
// Durability: that of WriteSession::finish(), which is left to the caller when this throws.
class Pipeline {
 public:
  // `files` may be null: then no files cache is kept.
  Pipeline(const BackupOptions& options, const BackupSource& source, const RepositoryView& view, WriteSession& session,
           FilesCacheWriter* files, RunMonitor& monitor);

  // Adds what it counts to `summary`.
  StoredTree run(BackupSummary& summary, const std::stop_token& stop);

 private:
  void plan(const std::stop_token& stop);
  void count_source(std::stop_token stop) const;
  void walk(Planner& planner, const std::stop_token& stop);
  void hand_out(BatchPtr batch, const std::stop_token& stop);

  const BackupOptions& options_;
  const BackupSource& source_;
  const RepositoryView& view_;
  WriteSession& session_;
  FilesCacheWriter* const files_;
  RunMonitor& monitor_;
  BoundedQueue<BatchPtr> pending_;  // to the collector: all batches
  BoundedQueue<BatchPtr> work_;     // to the workers: those with something to read
  std::atomic<std::uint64_t> unreadable_{0};
};

}  // namespace igudar
