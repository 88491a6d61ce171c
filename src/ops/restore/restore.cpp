#include "ops/restore/restore.h"

#include <filesystem>
#include <functional>
#include <set>

#include "base/hex.h"
#include "base/translate.h"
#include "concurrency/task_scope.h"
#include "ops/restore/chunk_writer.h"
#include "ops/restore/entry_placer.h"
#include "ops/restore/verification.h"
#include "repo/requests.h"

namespace igudar {

namespace {

constexpr std::size_t kQueueBytes = 32U << 20;

void announce_totals(const RestoreJob& job) {
  const SnapshotStatistics& whole = job.source.snapshot.statistics;
  if (job.source.below.empty() && job.options.includes.empty() && job.options.excludes.empty())
    job.report.monitor().totals(whole.entries, whole.bytes);
}

void require_found(const RestoreJob& job, const SelectedEntries& entries) {
  if (entries.found() || job.report.counters().problems > 0) return;
  std::error_code not_empty;
  if (job.target.made) std::filesystem::remove(job.target.folder, not_empty);
  throw Error(ErrorCode::not_found, trf("the snapshot does not have {}", job.source.below),
              tr("'igudar ls SNAPSHOT' shows what it has."));
}

void throw_if_stopped(const std::stop_token& stop) {
  if (stop.stop_requested())
    throw Error(ErrorCode::interrupted, tr("the restore was stopped"),
                tr("What was written stays; run the same command again to complete it."));
}

void place_all(const RestoreJob& job, EntryPlacer& placer, const std::stop_token& stop) {
  const auto on_gap = [&](const Error& error) {
    job.report.problem(tr("(the list of files)"), error);
    placer.note_gap();
  };
  const auto on_lost_copy = [&](const ChunkLocation&, const Error& error) { job.report.lost_copy(error); };
  SelectedEntries entries(job.source, job.options, on_gap, on_lost_copy);
  while (std::optional<SelectedEntry> selected = entries.next(stop)) placer.place(std::move(*selected), stop);
  if (stop.stop_requested()) return;
  require_found(job, entries);
  if (const std::uint64_t erased = entries.erased(); erased > 0) job.report.monitor().note(left_out_text(erased));
  placer.finish(stop);
}

void place_some(const RestoreJob& job, const std::set<std::string>& paths, EntryPlacer& placer,
                const std::stop_token& stop) {
  SelectedEntries entries(job.source, job.options, [](const Error&) {});  // gaps were reported before
  placer.note_gap();
  while (std::optional<SelectedEntry> selected = entries.next(stop))
    if (paths.contains(selected->path)) placer.place(std::move(*selected), stop);
  placer.finish(stop);
}

// What could not be read is missing from the snapshot, but was never removed from the source.
RestoreOptions without_risky_delete(RestoreOptions options, const RestoreSource& source, RestoreReport& report) {
  const std::uint64_t unreadable = source.snapshot.statistics.unreadable;
  if (!options.delete_extra || unreadable == 0) return options;
  report.problem("(--delete)",
                 Error(ErrorCode::incomplete,
                       trf_plural("nothing is removed: {} item could not be read when this snapshot was made, and what "
                                  "the snapshot lacks may be that. Take one that 'igudar snapshots' does not mark with "
                                  "*, or leave --delete out and remove by hand what is too much.",
                                  "nothing is removed: {} items could not be read when this snapshot was made, and "
                                  "what the snapshot lacks may be those. Take one that 'igudar snapshots' does not "
                                  "mark with *, or leave --delete out and remove by hand what is too much.",
                                  unreadable, unreadable)));
  options.delete_extra = false;
  return options;
}

// planner (entries, folders, what lies where) ──▶ workers (read, verify, write)
void run_stages(const RestoreJob& job,
                const std::function<void(FrameRunQueue& runs, const std::stop_token& stop)>& plan,
                const std::stop_token& stop) {
  const unsigned threads =
      job.options.threads != 0 ? job.options.threads : reader_threads(job.source.repository.store());
  FrameRunQueue runs(kQueueBytes);
  TaskScope scope(stop);
  for (unsigned i = 0; i < threads && !job.options.dry_run; ++i)
    scope.spawn("writer", [&](std::stop_token s) {
      ChunkWriter writer(job);
      while (std::optional<FrameRun> run = runs.pop(s)) writer.process(*run, s);
    });
  scope.spawn("planner", [&](std::stop_token s) {
    plan(runs, s);
    runs.close();
  });
  scope.join();
  throw_if_stopped(stop);
}

void restore_entries(const RestoreJob& job, RestoredFolders& folders, const std::stop_token& stop) {
  job.report.monitor().phase(tr("Restoring"));
  announce_totals(job);
  HardLinks links(job, HardLinks::Names::linked);
  const auto plan_all = [&](FrameRunQueue& runs, const std::stop_token& s) {
    EntryPlacer placer(job, runs, folders, links);
    place_all(job, placer, s);
  };
  run_stages(job, plan_all, stop);

  // Where a first name failed, the next one gets the content, and if need be each for itself.
  std::set<std::string> left = links.make();
  for (const HardLinks::Names names : {HardLinks::Names::linked, HardLinks::Names::apart}) {
    if (left.empty()) return;
    HardLinks among_left(job, names);
    const auto plan_left = [&](FrameRunQueue& runs, const std::stop_token& s) {
      EntryPlacer placer(job, runs, folders, among_left);
      place_some(job, left, placer, s);
    };
    run_stages(job, plan_left, stop);
    left = among_left.make();
  }
}

}  // namespace

RestoreSummary restore(Repository& repository, const RestoreOptions& asked, RunMonitor& monitor, std::stop_token stop) {
  const std::chrono::nanoseconds started = steady_clock();
  RestoreReport report(monitor);
  const RestoreSource source = open_source(repository, asked, report, stop);
  const RestoreOptions options = without_risky_delete(asked, source, report);
  const RestoreTarget target = open_target(repository, options, report);
  const RestoreJob job{options, source, target, report};
  RestoredFolders folders(job);

  restore_entries(job, folders, stop);
  folders.finish(stop);
  if (options.verify && !options.dry_run) verify_restored(job, stop);
  throw_if_stopped(stop);

  RestoreSummary summary = report.summary();
  summary.snapshot_id = to_hex(source.id.view());
  summary.seconds = std::chrono::duration<double>(steady_clock() - started).count();
  return summary;
}

}  // namespace igudar
