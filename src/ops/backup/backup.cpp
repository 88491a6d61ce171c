#include "ops/backup/backup.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/hex.h"
#include "base/translate.h"
#include "concurrency/deadline.h"
#include "fs/metadata_reader.h"
#include "ops/backup/consent_check.h"
#include "ops/backup/pipeline.h"
#include "ops/snapshot_commit.h"

namespace igudar {

namespace {

constexpr int kMostAttempts = 3;
// After a request to stop.
constexpr std::chrono::seconds kLongestFarewell{30};

// One backup from the options to the summary. The steps of run() are the steps of the operation.
class Backup {
 public:
  Backup(Repository& repository, const BackupOptions& options, RunMonitor& monitor, std::stop_token stop)
      : repository_(repository),
        options_(options),
        monitor_(monitor),
        stop_(std::move(stop)),
        source_(read_source(options)),
        view_(repository, options, source_) {}

  BackupSummary run() {
    if (!options_.stdin_filename) leave_repository_out(repository_, options_, monitor_);
    personal_data_ = require_consents(repository_, options_, source_, monitor_, stop_);
    begin_session();
    storage_time_ = repository_.store().now(stop_);
    if (options_.dry_run) {
      view_.look_around(read_gc_state(repository_, stop_), stop_);
      return store_source().summary;
    }
    LeaseHolder lease(repository_, session_.ref.id, LeaseRole::writer);
    SnapshotCommit commit(repository_, lease, view_, monitor_);
    try {
      view_.look_around(lease.begin(stop_), stop_);
      return store_and_commit(commit);
    } catch (...) {
      abandon(commit, lease);
      throw;
    }
  }

 private:
  struct Pass {
    StoredTree tree;
    BackupSummary summary;
    std::unique_ptr<FilesCacheWriter> files;  // where a files cache is kept
  };

  void begin_session();
  BackupSummary store_and_commit(SnapshotCommit& commit);
  Pass store_source();
  static void save_what_arrived(WriteSession& session);
  Snapshot describe(const Pass& pass) const;
  void abandon(SnapshotCommit& commit, LeaseHolder& lease) noexcept;

  Repository& repository_;
  const BackupOptions& options_;
  RunMonitor& monitor_;
  const std::stop_token stop_;
  const BackupSource source_;
  RepositoryView view_;
  BackedUpPersonalData personal_data_;
  OwnSession session_;
  TimeNs storage_time_ = 0;
};

void Backup::begin_session() {
  session_ = repository_.keys().new_session();
  view_.add_own_session(session_.ref.id);
}

// Once, unless prunes take away meanwhile what is needed.
BackupSummary Backup::store_and_commit(SnapshotCommit& commit) {
  for (int attempt = 1; attempt <= kMostAttempts; ++attempt) {
    if (attempt > 1) begin_session();
    Pass pass = store_source();
    const auto describe_pass = [&] { return describe(pass); };
    if (const auto id = commit.run(pass.tree, describe_pass, session_.secret, stop_)) {
      commit.release_lease(stop_);
      if (pass.files) pass.files->commit(*id, pass.tree.scan_time);
      pass.summary.snapshot_id = to_hex(id->view());
      return pass.summary;
    }
    if (options_.stdin_filename)
      throw Error(ErrorCode::conflict,
                  tr("the repository was pruned during the backup, and standard input cannot be read a second time"),
                  tr("Run the backup again."));
  }
  throw Error(ErrorCode::conflict, tr("the repository was pruned again and again during the backup"),
              tr("Run the backup again when no prune is running."));
}

// What was sealed so far is written out, so that the next run need not read it again; not for ever, where the storage
// does not answer.
void Backup::save_what_arrived(WriteSession& session) {
  const Deadline deadline(kLongestFarewell, {});
  const std::stop_callback give_up(deadline.token(), [&session] { session.give_up(); });
  try {
    session.finish(deadline.token());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::interrupted) throw;
    throw Error(
        ErrorCode::interrupted, tr("the backup was stopped: no snapshot was made"),
        tr("The storage did not take the last of the new data in time; run the backup again and it goes on from "
           "what had arrived."));
  }
}

Backup::Pass Backup::store_source() {
  Pass pass;
  // Who can read snapshots compares with those.
  if (!repository_.keys().can_read() && !options_.dry_run && !options_.stdin_filename)
    pass.files = std::make_unique<FilesCacheWriter>(repository_, view_.files_cache_name());
  WriteSession session(repository_, view_.index(), session_.clone(),
                       {.compression = options_.compression,
                        .dry_run = options_.dry_run,
                        .checkpoint_bytes = options_.checkpoint_bytes});
  Pipeline pipeline(options_, source_, view_, session, pass.files.get(), monitor_);
  try {
    pass.tree = pipeline.run(pass.summary, stop_);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::interrupted || options_.dry_run) throw;
    save_what_arrived(session);
    throw Error(ErrorCode::interrupted, tr("the backup was stopped: no snapshot was made"),
                trf("{} MiB of new data are kept; run the backup again and it goes on from there.",
                    session.totals().stored_bytes >> 20));
  }
  const WriteTotals totals = session.totals();
  pass.summary.personal_data = personal_data_.categories;
  if (pass.tree.base) pass.summary.parent_id = to_hex(pass.tree.base->view());
  pass.summary.new_chunks = totals.chunks;
  pass.summary.new_bytes = totals.plain_bytes;
  pass.summary.stored_bytes = totals.stored_bytes;
  return pass;
}

Snapshot Backup::describe(const Pass& pass) const {
  const BackupSummary& summary = pass.summary;
  Snapshot snapshot;
  snapshot.tree = pass.tree.tree;
  snapshot.refset = pass.tree.refset;
  snapshot.refset_pages = pass.tree.refset_pages;
  snapshot.heads = view_.heads();
  snapshot.generation = view_.gc().generation;
  snapshot.time = options_.time.value_or(pass.tree.scan_time);
  snapshot.storage_time = storage_time_;
  snapshot.scan_time = pass.tree.scan_time;
  snapshot.base = pass.tree.base;
  snapshot.kind = options_.stdin_filename ? SnapshotKind::stream : SnapshotKind::files;
  SnapshotStatistics& s = snapshot.statistics;
  s.files = summary.files_new + summary.files_changed + summary.files_unchanged;
  s.entries = s.files + summary.directories + summary.other_entries;
  s.bytes = summary.total_bytes;
  s.new_files = summary.files_new;
  s.changed_files = summary.files_changed;
  s.unchanged_files = summary.files_unchanged;
  s.read_bytes = summary.read_bytes;
  s.new_chunks = summary.new_chunks;
  s.new_bytes = summary.new_bytes;
  s.stored_bytes = summary.stored_bytes;
  s.unreadable = summary.unreadable;
  s.duration_ns = static_cast<std::uint64_t>(std::max<TimeNs>(0, wall_clock_ns() - pass.tree.scan_time));
  snapshot.session = session_.ref;
  snapshot.audit = options_.audit;
  snapshot.description = SnapshotDescription{source_.host,  user_name(::getuid()),    source_.paths,
                                             options_.tags, "igudar " IGUDAR_VERSION, personal_data_.annotations()};
  return snapshot;
}

// W6 and W7 when the backup failed: a snapshot that could not be repaired does not stay, nor does the lease. Called
// while the failure is on its way to the user.
void Backup::abandon(SnapshotCommit& commit, LeaseHolder& lease) noexcept {
  try {
    const Deadline deadline(kLongestFarewell, {});
    commit.retire_unconfirmed();
    lease.release(deadline.token());
  } catch (const Error& error) {
    monitor_.problem(tr("cleaning up after the failed backup"), error);
  } catch (...) {  // only tests' simulated crashes are no Errors
  }
}

}  // namespace

BackupSummary back_up(Repository& repository, const BackupOptions& options, RunMonitor& monitor, std::stop_token stop) {
  repository.config().require_support(Operation::write);
  for (const DigestAlgorithm each : options.digests) (void)Digest(each);  // refused now, if at all
  const std::chrono::nanoseconds started = steady_clock();
  BackupSummary summary = Backup(repository, options, monitor, std::move(stop)).run();
  summary.seconds = std::chrono::duration<double>(steady_clock() - started).count();
  return summary;
}

}  // namespace igudar
