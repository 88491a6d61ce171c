#include "ops/backup/backup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/hex.h"
#include "base/translate.h"
#include "concurrency/deadline.h"
#include "fs/exclude_rules.h"
#include "fs/metadata_reader.h"
#include "ops/backup/collector.h"
#include "ops/backup/file_worker.h"
#include "ops/backup/planner.h"
#include "ops/backup/stored_references.h"
#include "ops/snapshot_selection.h"
#include "repo/damaged_object.h"
#include "repo/leases.h"
#include "repo/local_state.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

namespace {

constexpr std::size_t kPendingBytes = 16U << 20;   // entries on their way to the collector
constexpr std::size_t kWorkBytes = 48U << 20;      // content of the batches that workers have not begun
constexpr int kMostAttempts = 3;

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

// Paths as `snapshots` shows them: absolute.
std::vector<std::string> shown_paths(const BackupOptions& options) {
  if (options.stdin_filename) return {"/" + *options.stdin_filename};
  std::vector<std::string> paths;
  for (const std::string& path : options.paths) paths.push_back(recorded_path(path));
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

// The repository itself, when it lies in a folder of the source.
std::vector<InodeId> own_folders(const Repository& repository) {
  std::vector<InodeId> folders;
  for (const std::string& folder : {repository.store().location(), repository.cache_folder().string()}) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) == 0) folders.push_back({status.st_dev, status.st_ino});
  }
  return folders;
}

ExcludeRules load_exclude_rules(const BackupOptions& options) {
  ExcludeRules rules;
  for (const std::string& file : options.exclude_files) {
    std::ifstream input(file, std::ios::binary);
    if (!input) throw_errno(errno, trf("cannot read the exclude file {}", file));
    rules.add_file(std::string(std::istreambuf_iterator<char>(input), {}));
  }
  for (const std::string& pattern : options.excludes) rules.add_pattern(pattern);
  return rules;
}

// One backup from the options to the summary. The steps of run() are the steps of the operation.
class Backup {
 public:
  Backup(Repository& repository, const BackupOptions& options, RunMonitor& monitor, std::stop_token stop)
      : repository_(repository), options_(options), monitor_(monitor), stop_(stop), cutter_(repository.keys().chunker_key()),
        cdc_(repository.config().chunk_sizes, repository.keys().chunker_key()), host_(options.host.empty() ? host_name() : options.host),
        paths_(shown_paths(options)) {}

  BackupSummary run() {
    const std::chrono::nanoseconds started = steady_clock();
    prepare();
    try {
      for (int attempt = 1;; ++attempt) {
        store_source();
        if (options_.dry_run || commit(attempt)) break;
      }
    } catch (...) {
      abandon();
      throw;
    }
    summary_.seconds = std::chrono::duration<double>(steady_clock() - started).count();
    return summary_;
  }

 private:
  void prepare();
  void look_around();
  void choose_parent();
  bool is_own(const CataloguedSnapshot& snapshot) const;
  void store_source();
  void run_pipeline(WriteSession& session);
  void plan(WriteSession& session, BoundedQueue<BatchPtr>& pending, BoundedQueue<BatchPtr>& work, std::stop_token stop);
  WalkOptions walk_options() const;
  bool commit(int attempt);
  bool validate();
  void begin_anew();
  std::optional<SnapshotId> put_in_time();
  bool confirmed() const;
  std::optional<RefSet> references() const;
  void retire_unconfirmed();
  void abandon() noexcept;
  Snapshot describe() const;

  Repository& repository_;
  const BackupOptions& options_;
  RunMonitor& monitor_;
  const std::stop_token stop_;
  const PageCutter cutter_;
  const FastCdc cdc_;
  const std::string host_;
  const std::vector<std::string> paths_;

  SessionRef session_;
  SecretBytes data_key_;
  std::unique_ptr<LeaseHolder> lease_;
  GcState gc_;
  std::unique_ptr<BlobIndex> index_;
  std::optional<SnapshotCatalogue> catalogue_;
  const CataloguedSnapshot* parent_ = nullptr;
  bool trust_parent_ = false;
  ExcludeRules excludes_;
  TimeNs scan_time_ = 0;
  TimeNs storage_time_ = 0;
  TableRoot tree_;
  TableRoot refset_;
  std::vector<OrdinalRange> refset_pages_;
  // Snapshots of this run that were stored but must not stay: a prune came between (W6).
  std::vector<ForgottenSnapshot> unconfirmed_;
  std::vector<Id32> heads_;  // that the snapshot being committed names
  WriteTotals totals_;
  std::atomic<std::uint64_t> unreadable_{0};
  BackupSummary summary_;
};

void Backup::prepare() {
  repository_.config().require_support(Operation::write);
  excludes_ = load_exclude_rules(options_);
  session_ = repository_.keys().new_session(data_key_);
  storage_time_ = repository_.store().now(stop_);
  if (options_.dry_run) {
    gc_ = read_gc_state(repository_, stop_);
  } else {
    lease_ = std::make_unique<LeaseHolder>(repository_, session_.id, LeaseRole::writer);
    gc_ = lease_->begin(stop_);
  }
  look_around();
}

// W2: what there is, in this order, once the lease and the generation are settled.
void Backup::look_around() {
  catalogue_ = SnapshotCatalogue::load(repository_, CatalogueSource::cache, stop_);
  choose_parent();
  index_ = BlobIndex::load(repository_, gc_.condemned, {}, stop_);
}

void Backup::choose_parent() {
  parent_ = nullptr;
  summary_.parent_id.clear();
  if (options_.force) return;
  if (!options_.parent.empty()) {
    parent_ = &select_snapshot(*catalogue_, options_.parent, {});
  } else {
    const Id16 host = host_group_key(repository_.keys().index_key(), host_);
    const Id16 paths = paths_group_key(repository_.keys().index_key(), paths_);
    parent_ = catalogue_->latest([&](const CataloguedSnapshot& each) {
      return each.snapshot.host_key == host && each.snapshot.paths_key == paths && !is_own(each);
    });
  }
  if (parent_ != nullptr) summary_.parent_id = to_hex(parent_->id.view());
}

// Whether a snapshot was put by this run, and could not be confirmed.
bool Backup::is_own(const CataloguedSnapshot& snapshot) const {
  return snapshot.snapshot.session == session_.id ||
         std::any_of(unconfirmed_.begin(), unconfirmed_.end(), [&](const ForgottenSnapshot& each) { return each.id == snapshot.id; });
}

void Backup::store_source() {
  const std::string parent_id = summary_.parent_id;
  summary_ = {};
  summary_.parent_id = parent_id;
  unreadable_ = 0;
  scan_time_ = wall_clock_ns();
  refset_pages_.clear();
  WriteSession session(repository_, *index_, session_, data_key_.clone(), {.compression = options_.compression, .dry_run = options_.dry_run, .checkpoint_bytes = options_.checkpoint_bytes});
  try {
    run_pipeline(session);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted && stop_.stop_requested() && !options_.dry_run) {
      // What was sealed so far is written out, so that the next run need not read it again.
      session.finish({});
      lease_->release({});
      throw Error(ErrorCode::interrupted, tr("the backup was stopped: no snapshot was made"),
                  trf("{} MiB of new data are kept; run the backup again and it goes on from there.", session.totals().stored_bytes >> 20));
    }
    throw;
  }
  totals_ = session.totals();
  summary_.unreadable += unreadable_;
  summary_.new_chunks = totals_.chunks;
  summary_.new_bytes = totals_.plain_bytes;
  summary_.stored_bytes = totals_.stored_bytes;
}

// planner ──▶ workers (read, cut, store) ──▶ collector (tree, reference set), all batches in the order of the snapshot.
void Backup::run_pipeline(WriteSession& session) {
  monitor_.phase(tr("Backing up"));
  if (parent_ != nullptr) monitor_.totals(parent_->snapshot.statistics.entries, parent_->snapshot.statistics.bytes);
  const unsigned threads = options_.threads != 0 ? options_.threads : available_processors();
  BoundedQueue<BatchPtr> pending(kPendingBytes);
  BoundedQueue<BatchPtr> work(kWorkBytes);
  Collector collector(session, cutter_, summary_, monitor_);
  {
    TaskScope workers(stop_);
    for (unsigned i = 0; i < threads; ++i)
      workers.spawn("worker", [&](std::stop_token stop) {
        FileWorker worker(options_, session, cdc_, monitor_, unreadable_);
        while (std::optional<BatchPtr> batch = work.pop(stop)) {
          worker.process(**batch, stop);
          (*batch)->done.set({});
        }
        worker.flush();
      });
    workers.spawn("collector", [&](std::stop_token stop) {
      while (std::optional<BatchPtr> batch = pending.pop(stop)) collector.add(**batch, stop);
    });
    workers.spawn("planner", [&](std::stop_token stop) {
      plan(session, pending, work, stop);
      work.close();
      pending.close();
    });
    workers.join();
  }
  if (stop_.stop_requested()) throw Error(ErrorCode::interrupted, tr("stopped"));
  tree_ = collector.finish_tree();
  const bool unchanged = parent_ != nullptr && trust_parent_ && parent_->snapshot.tree == tree_;
  if (unchanged) {
    refset_ = parent_->snapshot.refset;
    refset_pages_ = parent_->snapshot.refset_pages;
  } else {
    refset_ = collector.finish_refset(refset_pages_);
  }
  session.finish(stop_);
}

void Backup::plan(WriteSession& session, BoundedQueue<BatchPtr>& pending, BoundedQueue<BatchPtr>& work, std::stop_token stop) {
  // A parent that was validated under an older generation than the newest may lack what was swept since (R1).
  trust_parent_ = parent_ != nullptr && parent_->snapshot.generation >= gc_.generation;
  ChunkReader reader(repository_, *index_);
  std::optional<TableCursor> cursor;
  Planner::Parent parent;
  if (parent_ != nullptr) {
    cursor.emplace(reader, ChunkType::page, parent_->snapshot.tree);
    parent = {&*cursor, parent_->snapshot.scan_time};
  }
  ChunkReader lists(repository_, *index_, 4U << 20);
  const std::function<bool(const Content&)> still_stored = [&](const Content& content) {
    return std::all_of(content.extents.begin(), content.extents.end(), [&](const Extent& extent) {
      if (!extent.chunk) return true;
      if (!session.has(*extent.chunk)) return false;
      if (content.level == 0) return true;
      const Content below{static_cast<std::uint8_t>(content.level - 1),
                          decode_extent_list(lists.read(ChunkType::extents, *extent.chunk, stop))};
      return still_stored(below);
    });
  };
  Planner planner(options_, parent, still_stored, monitor_, [&](BatchPtr batch) {
    const std::size_t content = static_cast<std::size_t>(batch->content_bytes) + 1024;
    const bool has_work = batch->needs_worker;
    if (!pending.push(batch, batch->memory_cost(), stop)) return;
    if (has_work) work.push(std::move(batch), content, stop);
  });
  if (options_.stdin_filename) {
    planner.run_stream(options_.stdin_fd, *options_.stdin_filename, stop);
  } else {
    WalkOptions walk = walk_options();
    walk.on_problem = [&](std::string_view path, const Error& error) {
      ++unreadable_;
      monitor_.problem(path, error);
    };
    TreeWalker walker(make_roots(options_.paths, std::filesystem::current_path().string()), std::move(walk), stop);
    planner.run(walker, stop);
  }
  unreadable_ += planner.unreadable();
}

WalkOptions Backup::walk_options() const {
  WalkOptions walk;
  if (!excludes_.empty())
    walk.excluded = [this](std::string_view path, bool is_directory) { return excludes_.excludes_entry(path, is_directory); };
  walk.one_file_system = options_.one_file_system;
  walk.exclude_caches = options_.exclude_caches;
  walk.exclude_larger_than = options_.exclude_larger_than.value_or(0);
  walk.skip = own_folders(repository_);
  walk.threads = options_.threads;
  return walk;
}

Snapshot Backup::describe() const {
  Snapshot snapshot;
  snapshot.tree = tree_;
  snapshot.refset = refset_;
  snapshot.refset_pages = refset_pages_;
  snapshot.heads = catalogue_->heads();
  snapshot.generation = gc_.generation;
  snapshot.time = options_.time.value_or(scan_time_);
  snapshot.storage_time = storage_time_;
  snapshot.scan_time = scan_time_;
  if (parent_ != nullptr) snapshot.base = parent_->id;
  snapshot.kind = options_.stdin_filename ? SnapshotKind::stream : SnapshotKind::files;
  SnapshotStatistics& s = snapshot.statistics;
  s.files = summary_.files_new + summary_.files_changed + summary_.files_unchanged;
  s.entries = s.files + summary_.directories + summary_.other_entries;
  s.bytes = summary_.total_bytes;
  s.new_files = summary_.files_new;
  s.changed_files = summary_.files_changed;
  s.unchanged_files = summary_.files_unchanged;
  s.read_bytes = summary_.read_bytes;
  s.new_chunks = summary_.new_chunks;
  s.new_bytes = summary_.new_bytes;
  s.stored_bytes = summary_.stored_bytes;
  s.unreadable = summary_.unreadable;
  s.duration_ns = static_cast<std::uint64_t>(std::max<TimeNs>(0, wall_clock_ns() - scan_time_));
  snapshot.session = session_.id;
  snapshot.description = SnapshotDescription{host_, user_name(::getuid()), paths_, options_.tags, "igudar " IGUDAR_VERSION, {}};
  return snapshot;
}

// W3 to W7 of docs/adr/0002-gc-protocol.md. False when a prune took what the snapshot needs: then the source is gone through
// again, and what is missing is stored anew.
bool Backup::commit(int attempt) {
  while (validate()) {
    const std::optional<SnapshotId> id = put_in_time();
    if (!id) {
      begin_anew();
      break;
    }
    if (!confirmed()) {
      unconfirmed_.push_back({*id, heads_});
      continue;
    }
    summary_.snapshot_id = to_hex(id->view());
    LocalState(repository_).remember_written(*id, heads_);
    retire_unconfirmed();
    lease_->release(stop_);  // W7
    return true;
  }
  if (attempt == kMostAttempts)
    throw Error(ErrorCode::conflict, tr("the repository was pruned again and again during the backup"),
                tr("Run the backup again when no prune is running."));
  session_ = repository_.keys().new_session(data_key_);
  return false;
}

// W3 and W4. True when under the newest generation all is there that the snapshot needs.
bool Backup::validate() {
  for (;;) {
    GcState now = read_gc_state(repository_, stop_);
    if (lease_->lapsed() || now.generation > gc_.generation + 1) {
      begin_anew();
      return false;
    }
    if (now.generation == gc_.generation) return true;
    const std::optional<RefSet> needed = references();
    gc_ = std::move(now);  // the lease stays as it is, and holds off the sweep of this generation
    look_around();
    if (!needed || !all_present(*needed, *index_)) return false;
  }
}

void Backup::begin_anew() {
  gc_ = lease_->begin(stop_);
  look_around();
}

// W5. None when storing it took so long that the lease could have lapsed.
std::optional<SnapshotId> Backup::put_in_time() {
  const Deadline deadline(LeaseTiming{}.ttl / 8, stop_);
  const Snapshot snapshot = describe();
  heads_ = snapshot.heads;
  try {
    return put_snapshot(repository_, snapshot, deadline.token());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::interrupted || stop_.stop_requested()) throw;
    return std::nullopt;
  }
}

// W6. That condemned packs still exist is no excuse.
bool Backup::confirmed() const {
  const GcState now = read_gc_state(repository_, stop_);
  if (now.generation == gc_.generation) return true;
  if (now.generation != gc_.generation + 1) return false;
  const std::optional<RefSet> needed = references();
  return needed && !any_in_packs(*needed, *index_, now.condemned);
}

// What the snapshot needs. None when that cannot be read any more: some clock was so wrong that a sweep came already.
std::optional<RefSet> Backup::references() const {
  try {
    return read_references(repository_, *index_, refset_, refset_pages_, stop_);
  } catch (const Error& error) {
    if (!is_damage(error) && error.code() != ErrorCode::not_found) throw;
    return std::nullopt;
  }
}

void Backup::retire_unconfirmed() {
  if (unconfirmed_.empty()) return;
  if (repository_.keys().capability() == Capability::write) {
    for (const ForgottenSnapshot& each : unconfirmed_)
      monitor_.problem(to_hex(each.id.view()), Error(ErrorCode::conflict, tr("this snapshot may be incomplete: a prune came between"),
                                                     tr("Forget it with the password of a slot that may forget.")));
    unconfirmed_.clear();
    return;
  }
  Tombstone tombstone;
  tombstone.forgotten = unconfirmed_;
  tombstone.time = wall_clock_ns();
  tombstone.storage_time = repository_.store().now({});
  tombstone.heads = SnapshotCatalogue::load(repository_, CatalogueSource::cache, {}).heads();
  put_tombstone(repository_, tombstone, {});
  for (const ForgottenSnapshot& each : unconfirmed_) remove_snapshot(repository_, each.id, {});
  unconfirmed_.clear();
}

// W6 and W7 when the backup failed: a snapshot that could not be repaired does not stay, nor does the lease. Called while the
// failure is on its way to the user.
void Backup::abandon() noexcept {
  try {
    retire_unconfirmed();
    if (lease_) lease_->release({});
  } catch (const Error& error) {
    monitor_.problem(tr("cleaning up after the failed backup"), error);
  } catch (...) {  // only tests' simulated crashes are no Errors
  }
}

}  // namespace

BackupSummary back_up(Repository& repository, const BackupOptions& options, RunMonitor& monitor, std::stop_token stop) {
  return Backup(repository, options, monitor, stop).run();
}

}  // namespace igudar
