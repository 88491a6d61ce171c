#include "ops/backup/pipeline.h"

#include <algorithm>
#include <filesystem>

#include "base/translate.h"
#include "concurrency/task_scope.h"
#include "ops/backup/collector.h"
#include "ops/backup/file_worker.h"
#include "ops/backup/planner.h"

namespace igudar {

namespace {

constexpr std::size_t kPendingBytes = 16U << 20;
constexpr std::size_t kWorkBytes = 48U << 20;  // content to be read

}  // namespace

Pipeline::Pipeline(const BackupOptions& options, const BackupSource& source, const RepositoryView& view,
                   WriteSession& session, FilesCacheWriter* files, RunMonitor& monitor)
    : options_(options),
      source_(source),
      view_(view),
      session_(session),
      files_(files),
      monitor_(monitor),
      pending_(kPendingBytes),
      work_(kWorkBytes) {}

StoredTree Pipeline::run(BackupSummary& summary, const std::stop_token& stop) {
  monitor_.phase(tr("Backing up"));
  const CataloguedSnapshot* parent = view_.parent();
  if (parent != nullptr) monitor_.totals(parent->snapshot.statistics.entries, parent->snapshot.statistics.bytes);
  const Repository& repository = session_.repository();
  const FastCdc cdc(repository.config().chunk_sizes, repository.keys().chunker_key());
  const PageCutter cutter = repository.keys().page_cutter();
  const unsigned threads = options_.threads != 0 ? options_.threads : available_processors();

  StoredTree stored;
  stored.scan_time = wall_clock_ns();
  if (parent != nullptr) stored.base = parent->id;
  Collector collector(session_, cutter, files_, summary, monitor_);
  std::stop_source counting;
  TaskScope scope(stop);
  for (unsigned i = 0; i < threads; ++i)
    scope.spawn("worker", [&](std::stop_token s) {
      FileWorker worker(options_, session_, cdc, monitor_, unreadable_);
      while (std::optional<BatchPtr> batch = work_.pop(s)) {
        worker.process(**batch, s);
        (*batch)->done.set({});
      }
      worker.flush();
    });
  scope.spawn("collector", [&](std::stop_token s) {
    while (std::optional<BatchPtr> batch = pending_.pop(s)) collector.add(**batch, s);
    counting.request_stop();
  });
  if (parent == nullptr && !options_.stdin_filename && monitor_.wants_totals())
    scope.spawn("counter", [&](std::stop_token s) {
      const std::stop_callback stop_counting(s, [&counting] { counting.request_stop(); });
      count_source(counting.get_token());
    });
  scope.spawn("planner", [&](std::stop_token s) {
    plan(s);
    work_.close();
    pending_.close();
  });
  scope.join();
  if (stop.stop_requested()) throw Error(ErrorCode::interrupted, tr("stopped"));

  stored.tree = collector.finish_tree();
  stored.refset = collector.finish_refset(stored.refset_pages);
  session_.finish(stop);
  summary.unreadable += unreadable_;
  return stored;
}

void Pipeline::plan(const std::stop_token& stop) {
  // A page is compared with before an equal one is made of what was found: so that does not rely on a lost copy.
  const auto distrust = [&](const ChunkLocation& copy, const Error&) {
    view_.index().set_lost(copy);
    session_.distrust_metadata();
  };
  if (options_.force) session_.distrust_metadata();  // no parent is read, by which damage would show
  ChunkReader pages(session_.repository(), view_.index(), distrust);
  ChunkReader lists(session_.repository(), view_.index(), distrust, ChunkReader::kListCacheBytes);
  const ParentTree::FindPlace find_place = [&](const ChunkId& id, std::vector<OrdinalRange>& places) {
    const std::optional<OrdinalRange> place = session_.place_of(id);
    if (place) append_range(places, *place);
    return place.has_value();
  };
  std::unique_ptr<ParentTree> parent;
  if (FilesCache* cache = view_.files_cache())
    parent = std::make_unique<CachedParent>(*cache, find_place);
  else if (view_.parent() != nullptr)
    parent = std::make_unique<StoredParent>(view_.parent()->snapshot, pages, lists, find_place, monitor_);
  Planner planner(options_, parent.get(), monitor_, [&](BatchPtr batch) { hand_out(std::move(batch), stop); });
  if (options_.stdin_filename) {
    planner.run_stream(options_.stdin_fd, stream_path(*options_.stdin_filename), stop);
  } else {
    walk(planner, stop);
  }
  unreadable_ += planner.unreadable();
}

// For the share that is done and the time that is left, which a backup with a parent takes from that. Nobody waits for
// this walk; what cannot be read is told by the other one.
void Pipeline::count_source(std::stop_token stop) const {
  WalkOptions how = walk_options(source_, options_, session_.repository());
  how.threads = 1;
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
  try {
    TreeWalker walker(make_roots(options_.paths, std::filesystem::current_path().string()), std::move(how),
                      std::move(stop));
    for (WalkItem item; walker.next(item); ++items)
      if (item.stat.is_file()) bytes += item.stat.size;
  } catch (const Error&) {
    return;
  }
  monitor_.totals(items, bytes);
}

void Pipeline::walk(Planner& planner, const std::stop_token& stop) {
  WalkOptions how = walk_options(source_, options_, session_.repository());
  how.on_problem = [&](std::string_view path, const Error& error) {
    ++unreadable_;
    monitor_.problem(path, error);
  };
  TreeWalker walker(make_roots(options_.paths, std::filesystem::current_path().string()), std::move(how), stop);
  planner.run(walker, stop);
}

void Pipeline::hand_out(BatchPtr batch, const std::stop_token& stop) {
  constexpr std::size_t kCostOfBatch = 1024;
  const std::size_t content = static_cast<std::size_t>(batch->content_bytes) + kCostOfBatch;
  const bool has_work = batch->needs_worker;
  if (!pending_.push(batch, batch->memory_cost(), stop)) return;
  if (has_work) work_.push(std::move(batch), content, stop);
}

}  // namespace igudar
