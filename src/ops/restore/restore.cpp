#include "ops/restore/restore.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/hex.h"
#include "base/translate.h"
#include "concurrency/bounded_queue.h"
#include "concurrency/task_scope.h"
#include "format/entry_codec.h"
#include "ops/restore/chunk_writer.h"
#include "ops/restore/entry_selection.h"
#include "ops/snapshot_selection.h"
#include "repo/gc_state.h"
#include "repo/table_cursor.h"

namespace igudar {

namespace {

constexpr std::size_t kWindowChunks = 32 * 1024;      // planned at once, sorted by where they lie
constexpr std::size_t kWindowFiles = 16 * 1024;
constexpr std::size_t kRunBytes = 4U << 20;           // frames read together
constexpr std::uint64_t kRunGap = 64U << 10;          // unwanted bytes worth reading over
constexpr std::size_t kQueueBytes = 32U << 20;

struct PlannedWrite {
  ChunkLocation location;
  PackName pack;
  std::uint64_t pack_offset = 0;
  ChunkWrite write;
};

struct RestoredDirectory {
  std::string path;
  Metadata meta;
};
struct LinkedName {
  std::string existing;
  std::string path;
};

// One restore from the options to the summary.
class Restore {
 public:
  Restore(Repository& repository, const RestoreOptions& options, RunMonitor& monitor, std::stop_token stop)
      : repository_(repository), options_(options), monitor_(monitor), stop_(std::move(stop)) {
    // A folder in the way may hold what an exclude or a missing include says is not ours to delete.
    if (options.delete_extra && options.includes.empty() && options.excludes.empty()) in_the_way_ = InTheWay::replace_with_all;
  }

  RestoreSummary run() {
    const std::chrono::nanoseconds started = steady_clock();
    choose_snapshot();
    open_target();
    restore_entries();
    if (!options_.dry_run) {
      link_names();
      finish_directories();
      if (options_.verify) verify();
    }
    summary_.files += counters_.files;
    summary_.bytes_written += counters_.bytes_written;
    summary_.bytes_verified = counters_.bytes_verified;
    summary_.problems += counters_.problems;
    summary_.seconds = std::chrono::duration<double>(steady_clock() - started).count();
    return summary_;
  }

 private:
  using Runs = BoundedQueue<FrameRun>;

  void choose_snapshot();
  void open_target();
  void restore_entries();
  void plan(Runs& runs, std::stop_token stop);
  void place_entry(Entry entry, Runs& runs, std::stop_token stop);
  void place_directory(const std::string& path, const Metadata& meta);
  void make_waiting_folders(const std::string& path);
  void place_other(const std::string& path, const Entry& entry);
  void place_file(const std::string& path, Entry entry, Runs& runs, std::stop_token stop);
  bool leave_file(const std::string& path, const Metadata& meta, bool& exists);
  void plan_file(const RestoredFilePtr& file, const Content& content, bool exists, Runs& runs, std::stop_token stop);
  template <typename Visit>
  void for_each_extent(const Content& content, std::uint64_t& offset, const Visit& visit, std::stop_token stop);
  bool same_bytes(int fd, std::uint64_t offset, std::uint64_t size, const Id32& id);
  void plan_chunk(const RestoredFilePtr& file, const Id32& id, std::uint64_t offset, std::uint64_t size);
  void emit_window(Runs& runs, std::stop_token stop);
  void note_names(const std::string& path, bool directory);
  void delete_extra_until(const std::string& path);
  void delete_extra_in(const std::string& folder, const std::set<std::string>& kept);
  bool link_later(const std::string& path, const Metadata& meta);
  void link_names();
  void finish_directories();
  void verify();
  void verify_file(const std::string& path, const Entry& entry, KeyedHash& hasher, ChunkReader& lists, std::stop_token stop);
  void problem(const std::string& path, const Error& error);

  Repository& repository_;
  const RestoreOptions& options_;
  InTheWay in_the_way_ = InTheWay::replace;
  RunMonitor& monitor_;
  const std::stop_token stop_;

  std::optional<Snapshot> snapshot_;
  std::string below_;
  std::unique_ptr<BlobIndex> index_;
  std::unique_ptr<ChunkReader> lists_;
  std::optional<KeyedHash> hasher_;
  std::unique_ptr<SafeTree> tree_;
  bool made_target_ = false;
  bool fresh_target_ = false;  // nothing was there: no need to look for existing files
  std::unique_ptr<EntrySelection> selection_;
  ApplyOptions apply_;
  RestoreCounters counters_;
  RestoreSummary summary_;

  std::vector<PlannedWrite> window_;
  std::vector<RestoredFilePtr> open_files_;     // keeps a claim on each file of the window until it is planned
  std::vector<RestoredDirectory> waiting_;      // folders on the way to what may be wanted
  std::vector<RestoredDirectory> directories_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> first_names_;
  std::vector<LinkedName> links_;
  std::vector<std::pair<std::string, std::set<std::string>>> names_;  // of the folders being passed, for --delete
  Buffer compare_;
};

void Restore::problem(const std::string& path, const Error& error) {
  if (error.code() == ErrorCode::interrupted) throw Error(error);
  ++summary_.problems;
  monitor_.problem(path, error);
}

void Restore::choose_snapshot() {
  repository_.config().require_support(Operation::read);
  const auto [id, below] = split_snapshot_argument(options_.snapshot);
  below_ = below;
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository_, CatalogueSource::cache, stop_);
  const CataloguedSnapshot& chosen = select_snapshot(catalogue, id, options_.filter);
  snapshot_ = chosen.snapshot;
  summary_.snapshot_id = to_hex(chosen.id.view());
  // Condemned packs count while they are there (R2): a reader has no use for their absence.
  index_ = BlobIndex::load(repository_, {}, [&](const ObjectName& object, const Error& error) { problem(object.to_string(), error); }, stop_);
  lists_ = std::make_unique<ChunkReader>(repository_, *index_);
  hasher_.emplace(repository_.keys().chunk_hasher());
  selection_ = std::make_unique<EntrySelection>(below_, options_.includes, options_.excludes);
}

void Restore::open_target() {
  if (options_.target.empty()) throw Error(ErrorCode::usage, tr("no target folder was given"), tr("Use --target DIR."));
  std::error_code error;
  const std::filesystem::path target(options_.target);
  made_target_ = !std::filesystem::exists(target, error);
  fresh_target_ = made_target_ || (std::filesystem::is_directory(target, error) && std::filesystem::is_empty(target, error));
  if (options_.dry_run) return;
  if (made_target_) {
    std::filesystem::create_directories(target, error);
    if (error) throw errno_error(error.value(), trf("cannot make the folder {}", options_.target));
  }
  tree_ = std::make_unique<SafeTree>(options_.target);
  apply_.numeric_ids = options_.numeric_ids;
  apply_.on_problem = [this](const Error& e) {
    ++counters_.problems;
    monitor_.problem({}, e);
  };
}

// planner (entries, folders, what lies where) ──▶ workers (read, verify, write)
void Restore::restore_entries() {
  monitor_.phase(tr("Restoring"));
  if (below_.empty() && options_.includes.empty() && options_.excludes.empty())
    monitor_.totals(snapshot_->statistics.entries, snapshot_->statistics.bytes);
  const unsigned threads = options_.threads != 0 ? options_.threads : available_processors();
  Runs runs(kQueueBytes);
  TaskScope scope(stop_);
  for (unsigned i = 0; i < threads && !options_.dry_run; ++i)
    scope.spawn("writer", [&](std::stop_token stop) {
      ChunkWriter writer(repository_, *tree_, options_, apply_, counters_, monitor_);
      while (std::optional<FrameRun> run = runs.pop(stop)) writer.process(*run, stop);
    });
  scope.spawn("planner", [&](std::stop_token stop) {
    plan(runs, stop);
    runs.close();
  });
  scope.join();
  if (stop_.stop_requested())
    throw Error(ErrorCode::interrupted, tr("the restore was stopped"), tr("What was written stays; run the same command again to complete it."));
}

void Restore::plan(Runs& runs, std::stop_token stop) {
  ChunkReader pages(repository_, *index_);
  TableCursor cursor(pages, ChunkType::page, snapshot_->tree, key_of_path(selection_->below()));
  bool found = selection_->below().empty();
  try {
    while (cursor.next(stop)) {
      if (stop.stop_requested()) return;
      Entry entry = decode_entry(cursor.key(), cursor.value());
      if (selection_->past_end(entry.path)) break;
      found = found || entry.path == selection_->below();
      place_entry(std::move(entry), runs, stop);
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::damaged && error.code() != ErrorCode::truncated && error.code() != ErrorCode::not_found) throw;
    problem(tr("(the list of files)"), error);
  }
  if (!found && summary_.problems == 0) {
    std::error_code not_empty;
    if (made_target_) std::filesystem::remove(options_.target, not_empty);
    throw Error(ErrorCode::not_found, trf("the snapshot does not have {}", below_), tr("`igudar ls SNAPSHOT` shows what it has."));
  }
  emit_window(runs, stop);
  if (options_.delete_extra) delete_extra_until({});
  if (options_.delete_extra && !names_.empty()) delete_extra_in(names_.front().first, names_.front().second);
}

void Restore::place_entry(Entry entry, Runs& runs, std::stop_token stop) {
  const EntrySelection::Verdict verdict = selection_->judge(entry);
  if (verdict == EntrySelection::Verdict::leave) return;
  const std::string path = selection_->target_path(entry);
  if (verdict == EntrySelection::Verdict::on_the_way) {
    if (!path.empty()) waiting_.push_back({path, entry.meta});
    return;
  }
  try {
    make_waiting_folders(path);
    if (options_.delete_extra) note_names(path, entry.meta.type == EntryType::directory);
    if (entry.meta.type == EntryType::directory) {
      place_directory(path, entry.meta);
    } else if (entry.meta.type == EntryType::file) {
      place_file(path, std::move(entry), runs, stop);
    } else {
      place_other(path, entry);
    }
  } catch (const Error& error) {
    problem(path, error);
  }
}

// The folders that lead to `path` were put off until something in them is wanted.
void Restore::make_waiting_folders(const std::string& path) {
  std::vector<RestoredDirectory> folders = std::exchange(waiting_, {});
  for (RestoredDirectory& folder : folders)
    if (path.size() > folder.path.size() && path.starts_with(folder.path) && path[folder.path.size()] == '/') place_directory(folder.path, folder.meta);
}

void Restore::place_directory(const std::string& path, const Metadata& meta) {
  ++summary_.directories;
  monitor_.advance(1, 0);
  if (!options_.dry_run) {
    if (!path.empty()) tree_->make_directory(path, options_.overwrite == Overwrite::never ? InTheWay::refuse : in_the_way_);
    // The target's own metadata are the user's, unless this restore made it.
    if (!path.empty() || made_target_) directories_.push_back({path, meta});
  }
  monitor_.item(path, "directory", 0);
}

void Restore::place_other(const std::string& path, const Entry& entry) {
  ++summary_.other_entries;
  monitor_.advance(1, 0);
  monitor_.item(path, "restored", 0);
  if (options_.dry_run) return;
  if (!fresh_target_ && options_.overwrite == Overwrite::never && tree_->stat(path)) {
    ++summary_.files_skipped;
    return;
  }
  if (link_later(path, entry.meta)) return;
  if (entry.meta.type == EntryType::symlink) {
    tree_->make_symlink(path, entry.meta.link_target, in_the_way_);
  } else {
    tree_->make_node(path, entry.meta, in_the_way_);
  }
  apply_metadata(*tree_, path, -1, entry.meta, apply_);
}

// True when `path` is a further name of what was placed before: it is made once everything is written.
bool Restore::link_later(const std::string& path, const Metadata& meta) {
  if (meta.links <= 1) return false;
  const auto [first, inserted] = first_names_.try_emplace({meta.device, meta.inode}, path);
  if (!inserted) links_.push_back({first->second, path});
  return !inserted;
}

// Whether --overwrite says to leave the file that is there alone.
bool Restore::leave_file(const std::string& path, const Metadata& meta, bool& exists) {
  exists = false;
  if (fresh_target_ || !tree_) return false;
  const std::optional<FileStat> there = tree_->stat(path);
  if (!there) return false;
  exists = there->is_file();
  if (options_.overwrite == Overwrite::never) return true;
  return options_.overwrite == Overwrite::if_changed && there->is_file() && there->size == meta.size && there->mtime == meta.mtime;
}

void Restore::place_file(const std::string& path, Entry entry, Runs& runs, std::stop_token stop) {
  bool exists = false;
  if (leave_file(path, entry.meta, exists)) {
    ++(options_.overwrite == Overwrite::never ? summary_.files_skipped : summary_.files_unchanged);
    monitor_.advance(1, entry.meta.size);
    monitor_.item(path, "skipped", entry.meta.size);
    return;
  }
  if (options_.dry_run) {
    ++summary_.files;
    summary_.bytes_written += entry.meta.size;
    monitor_.advance(1, entry.meta.size);
    monitor_.item(path, "restored", entry.meta.size);
    return;
  }
  if (link_later(path, entry.meta)) {
    ++summary_.files;
    monitor_.advance(1, 0);
    return;
  }
  plan_file(std::make_shared<RestoredFile>(path, std::move(entry.meta), in_the_way_), entry.content, exists, runs, stop);
}

template <typename Visit>
void Restore::for_each_extent(const Content& content, std::uint64_t& offset, const Visit& visit, std::stop_token stop) {
  for (const Extent& extent : content.extents) {
    if (content.level == 0) {
      visit(extent, offset);
      offset += extent.size;
      continue;
    }
    Content below{static_cast<std::uint8_t>(content.level - 1), decode_extent_list(lists_->read(ChunkType::extents, *extent.chunk, stop))};
    const std::uint64_t end = offset + extent.size;
    for_each_extent(below, offset, visit, stop);
    if (offset != end) throw Error(ErrorCode::damaged, tr("an extent list does not cover what it should"));
  }
}

// Plans the chunks that the file lacks. One claim on the file is held until all are planned, so that no worker finishes
// it before.
void Restore::plan_file(const RestoredFilePtr& file, const Content& content, bool exists, Runs& runs, std::stop_token stop) {
  file->chunks_left = 1;
  std::uint64_t offset = 0;
  std::uint64_t needed = 0;
  UniqueFd present = exists ? tree_->open_for_update(file->path) : UniqueFd();
  file->in_place = present.valid();
  const auto visit = [&](const Extent& extent, std::uint64_t at) {
    if (!extent.chunk) {
      // A hole in a file that is updated in place: what is there must go.
      if (present.valid() && ::fallocate(present.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(at), static_cast<off_t>(extent.size)) != 0) {
        present.reset();
        file->in_place = false;
      }
      return;
    }
    if (present.valid() && same_bytes(present.get(), at, extent.size, *extent.chunk)) {
      monitor_.advance(0, extent.size);
      return;
    }
    ++needed;
    plan_chunk(file, *extent.chunk, at, extent.size);
    if (window_.size() >= kWindowChunks) emit_window(runs, stop);
  };
  const bool was_in_place = file->in_place;
  try {
    for_each_extent(content, offset, visit, stop);
    if (was_in_place && !file->in_place) {
      // Holes cannot be punched here: the file is made anew, so everything is needed.
      throw Error(ErrorCode::unsupported, tr("the file system cannot punch holes into the existing file"), tr("Remove the file and restore it again."));
    }
  } catch (const Error& error) {
    file->failed = true;
    problem(file->path, error);
  }
  if (needed == 0 && !file->failed) {
    ChunkWriter writer(repository_, *tree_, options_, apply_, counters_, monitor_);
    if (file->in_place && present.valid()) {
      ++summary_.files_unchanged;
      if (::ftruncate(present.get(), static_cast<off_t>(file->meta.size)) != 0) throw_errno(errno, trf("cannot set the size of {}", tree_->full_path(file->path)));
      apply_metadata(*tree_, file->path, present.get(), file->meta, apply_);
      monitor_.advance(1, 0);
    } else {
      writer.finish_without_chunks(*file);
    }
    return;
  }
  open_files_.push_back(file);
  if (open_files_.size() >= kWindowFiles || window_.size() >= kWindowChunks) emit_window(runs, stop);
}

bool Restore::same_bytes(int fd, std::uint64_t offset, std::uint64_t size, const Id32& id) {
  compare_.resize(static_cast<std::size_t>(size));
  std::size_t got = 0;
  while (got < size) {
    const ssize_t n = ::pread(fd, compare_.data() + got, static_cast<std::size_t>(size) - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    got += static_cast<std::size_t>(n);
  }
  return hasher_->hash(static_cast<std::uint8_t>(ChunkType::data), compare_.view()) == id;
}

void Restore::plan_chunk(const RestoredFilePtr& file, const Id32& id, std::uint64_t offset, std::uint64_t size) {
  const std::optional<ChunkLocation> location = index_->find(id);
  if (!location || location->size != size)
    throw Error(ErrorCode::damaged, trf("chunk {} is missing: no pack in the index has it", to_hex(id.view())), tr("Run `igudar check` to see what is affected."));
  const FrameLocation frame = index_->frame(*location);
  file->chunks_left.fetch_add(1);
  window_.push_back({*location, frame.pack.name, frame.offset, {file, id, offset, location->offset, location->size}});
}

// Sorts what is planned by where it lies, and hands it out as runs of neighbouring frames.
void Restore::emit_window(Runs& runs, std::stop_token stop) {
  std::sort(window_.begin(), window_.end(), [](const PlannedWrite& a, const PlannedWrite& b) {
    return std::tie(a.pack, a.pack_offset, a.write.frame_offset) < std::tie(b.pack, b.pack_offset, b.write.frame_offset);
  });
  FrameRun run;
  const auto hand_out = [&] {
    if (run.frames.empty()) return;
    const std::size_t cost = run.memory_cost();
    runs.push(std::exchange(run, {}), cost, stop);
  };
  std::uint64_t current_frame = ~std::uint64_t{0};
  for (PlannedWrite& planned : window_) {
    if (run.frames.empty() || planned.location.frame_key() != current_frame) {
      FrameRun::Frame frame{index_->frame(planned.location), {}};
      if (!run.frames.empty()) {
        const FrameLocation& last = run.frames.back().location;
        const std::uint64_t end = last.offset + last.info.sealed_size();
        const bool near = last.pack.name == frame.location.pack.name && frame.location.offset >= end && frame.location.offset - end <= kRunGap;
        if (!near || run.bytes() + frame.location.info.sealed_size() > kRunBytes) hand_out();
      }
      current_frame = planned.location.frame_key();
      run.frames.push_back(std::move(frame));
    }
    run.frames.back().writes.push_back(std::move(planned.write));
  }
  hand_out();
  window_.clear();
  // The claims go last; a file whose chunks were all written meanwhile is finished here.
  ChunkWriter writer(repository_, *tree_, options_, apply_, counters_, monitor_);
  for (const RestoredFilePtr& file : std::exchange(open_files_, {})) writer.release(*file);
}

// For --delete: which names each folder on the way to `path` has in the snapshot.
void Restore::note_names(const std::string& path, bool directory) {
  if (names_.empty()) names_.emplace_back("", std::set<std::string>());
  if (path.empty()) return;
  delete_extra_until(path);
  const std::size_t slash = path.rfind('/');
  names_.back().second.insert(slash == std::string::npos ? path : path.substr(slash + 1));
  if (directory) names_.emplace_back(path, std::set<std::string>());
}

// Leaves the folders that do not lead to `path`: all their names are known then.
void Restore::delete_extra_until(const std::string& path) {
  while (names_.size() > 1 && !(path.size() > names_.back().first.size() && path.starts_with(names_.back().first) && path[names_.back().first.size()] == '/')) {
    delete_extra_in(names_.back().first, names_.back().second);
    names_.pop_back();
  }
}

void Restore::delete_extra_in(const std::string& folder, const std::set<std::string>& kept) {
  std::vector<std::string> present;
  try {
    if (tree_) {
      present = tree_->list_names(folder);
    } else {
      std::error_code error;
      for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(options_.target) / folder, error)) present.push_back(file.path().filename());
    }
    for (const std::string& name : present) {
      if (kept.contains(name)) continue;
      const std::string path = folder.empty() ? name : folder + "/" + name;
      // What an exclude or a missing include keeps out of this restore is not ours to delete.
      Entry probe;
      probe.path = selection_->below().empty() ? path : selection_->below() + "/" + path;
      if (EntrySelection(below_, options_.includes, options_.excludes).judge(probe) != EntrySelection::Verdict::restore) continue;
      if (tree_) tree_->remove_tree(path);
      ++summary_.deleted;
      monitor_.item(path, "removed", 0);
    }
  } catch (const Error& error) {
    problem(folder, error);
  }
}

void Restore::link_names() {
  for (const LinkedName& link : links_) {
    try {
      tree_->hard_link(link.existing, link.path, in_the_way_);
    } catch (const Error& error) {
      problem(link.path, error);
    }
  }
}

// Deepest first: a folder's times are its own once nothing is made in it any more, and its mode may lock us out.
void Restore::finish_directories() {
  const auto depth = [](const RestoredDirectory& directory) { return directory.path.empty() ? -1 : std::count(directory.path.begin(), directory.path.end(), '/'); };
  std::map<std::ptrdiff_t, std::vector<const RestoredDirectory*>, std::greater<>> by_depth;
  for (const RestoredDirectory& directory : directories_) by_depth[depth(directory)].push_back(&directory);
  for (const auto& [level, directories] : by_depth)
    parallel_for(directories.size(), available_processors(), stop_, [&](std::size_t i) {
      try {
        apply_metadata(*tree_, directories[i]->path, -1, directories[i]->meta, apply_);
      } catch (const Error& error) {
        ++counters_.problems;
        monitor_.problem(directories[i]->path, error);
      }
    });
}

// Reads everything back, in the order of the snapshot, and compares it with the ids.
void Restore::verify() {
  monitor_.phase(tr("Verifying"));
  selection_ = std::make_unique<EntrySelection>(below_, options_.includes, options_.excludes);
  ChunkReader pages(repository_, *index_);
  TableCursor cursor(pages, ChunkType::page, snapshot_->tree, key_of_path(selection_->below()));
  std::vector<Entry> batch;
  const auto check_batch = [&] {
    parallel_for(available_processors(), available_processors(), stop_, [&](std::size_t worker) {
      KeyedHash hasher = repository_.keys().chunk_hasher();
      ChunkReader lists(repository_, *index_, 4U << 20);
      for (std::size_t i = worker; i < batch.size(); i += available_processors()) {
        const std::string path = selection_->target_path(batch[i]);
        try {
          verify_file(path, batch[i], hasher, lists, stop_);
        } catch (const Error& error) {
          if (error.code() == ErrorCode::interrupted) throw;
          ++counters_.problems;
          monitor_.problem(path, error);
        }
      }
    });
    batch.clear();
  };
  while (cursor.next(stop_)) {
    Entry entry = decode_entry(cursor.key(), cursor.value());
    if (selection_->past_end(entry.path)) break;
    if (selection_->judge(entry) != EntrySelection::Verdict::restore || entry.meta.type != EntryType::file) continue;
    batch.push_back(std::move(entry));
    if (batch.size() >= 4096) check_batch();
  }
  check_batch();
}

void Restore::verify_file(const std::string& path, const Entry& entry, KeyedHash& hasher, ChunkReader& lists, std::stop_token stop) {
  const UniqueFd fd = tree_->open(path, O_RDONLY);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || static_cast<std::uint64_t>(status.st_size) != entry.meta.size)
    throw Error(ErrorCode::failed, tr("the restored file does not have the right size"));
  Buffer bytes;
  std::uint64_t offset = 0;
  const std::function<void(const Content&)> visit = [&](const Content& content) {
    for (const Extent& extent : content.extents) {
      if (content.level > 0) {
        visit({static_cast<std::uint8_t>(content.level - 1), decode_extent_list(lists.read(ChunkType::extents, *extent.chunk, stop))});
        continue;
      }
      if (extent.chunk) {
        bytes.resize(static_cast<std::size_t>(extent.size));
        for (std::size_t got = 0; got < bytes.size();) {
          const ssize_t n = ::pread(fd.get(), bytes.data() + got, bytes.size() - got, static_cast<off_t>(offset + got));
          if (n < 0 && errno == EINTR) continue;
          if (n <= 0) throw_errno(n < 0 ? errno : EIO, tr("cannot read back the restored file"));
          got += static_cast<std::size_t>(n);
        }
        if (hasher.hash(static_cast<std::uint8_t>(ChunkType::data), bytes.view()) != *extent.chunk)
          throw Error(ErrorCode::failed, tr("the restored file differs from the snapshot"), tr("Something wrote to it meanwhile, or the disk is failing."));
        counters_.bytes_verified += extent.size;
      }
      offset += extent.size;
    }
  };
  visit(entry.content);
}

}  // namespace

RestoreSummary restore(Repository& repository, const RestoreOptions& options, RunMonitor& monitor, std::stop_token stop) {
  return Restore(repository, options, monitor, std::move(stop)).run();
}

}  // namespace igudar
