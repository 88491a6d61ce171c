#include "store/tree/file_tree_store.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "concurrency/task_scope.h"
#include "crypto/random.h"
#include "store/checks.h"
#include "store/object_path.h"

namespace igudar {

namespace {

constexpr const char* kTemporary = "tmp";
constexpr unsigned kFolderMode = 0700;
constexpr unsigned kParentMode = 0777;  // less what the server's umask takes

std::string parent_of(const std::string& path) {
  return path.substr(0, path.find_last_of('/'));
}

RemoteFiles::Persistence persistence_of(Durability durability) {
  return durability == Durability::durable ? RemoteFiles::Persistence::durable : RemoteFiles::Persistence::written;
}

// One attempt: RetryingStore repeats the whole operation.
const Retry& no_retries() {
  static const Retry once(RetryPolicy{.retries = 0});
  return once;
}

void add_objects(ObjectKind kind, const std::string& prefix, std::vector<RemoteEntry>& entries,
                 std::vector<ObjectInfo>& found) {
  for (RemoteEntry& entry : entries)
    if (entry.kind == RemoteKind::file && valid_object_id(entry.name) && entry.name.starts_with(prefix))
      found.push_back({{kind, std::move(entry.name)}, entry.size, entry.modified});
}

}  // namespace

class FileTreeStore::Writer final : public ObjectWriter {
 public:
  Writer(FileTreeStore& store, ObjectName name, std::stop_token stop)
      : store_(store),
        name_(std::move(name)),
        upload_(store.files_, store.temporary_path(), store.retry_, std::move(stop)) {}

  void append(ByteView bytes, std::stop_token stop) override { upload_.append(bytes, std::move(stop)); }
  void finish(Durability durability, std::stop_token stop) override {
    store_.finish(upload_, name_, durability, store_.retry_, stop);
  }

 private:
  FileTreeStore& store_;
  ObjectName name_;
  FileUpload upload_;
};

FileTreeStore::FileTreeStore(std::shared_ptr<RemoteFiles> files, std::string root, RetryPolicy retry)
    : files_(std::move(files)), root_(std::move(root)), retry_(std::move(retry)) {}

FileTreeStore::~FileTreeStore() {
  drop_deferred();
}

StoreTraits FileTreeStore::traits() const {
  return {.network = true};
}

bool FileTreeStore::creates_exclusively(std::stop_token stop) {
  prepare_writing(stop);
  return files_->moves_exclusively();
}

std::string FileTreeStore::path_of(const ObjectName& name) const {
  return path_in_root(object_path(name));
}

std::string FileTreeStore::folder_of_object(const ObjectName& name) const {
  return parent_of(path_of(name));
}

std::string FileTreeStore::temporary_path() const {
  return path_in_root(kTemporary) + "/" + to_hex(random_id<16>().view());
}

void FileTreeStore::make_with_parents(const std::string& path, const std::stop_token& stop) {
  const auto make = [&](const std::string& folder, unsigned mode) {
    if (files_->make_folder(folder, mode, stop)) files_->sync_folder(parent_of(folder), stop);
  };
  // The longest beginning of the path that can be made, then the rest downwards.
  std::vector<std::string> missing{path};
  for (;;) {
    const std::string& folder = missing.back();
    try {
      make(folder, missing.size() == 1 ? kFolderMode : kParentMode);
      break;
    } catch (const Error& error) {
      const std::size_t slash = folder.find_last_of('/');
      if (error.code() != ErrorCode::not_found || slash == std::string::npos || slash == 0) throw;
      missing.push_back(folder.substr(0, slash));
    }
  }
  for (missing.pop_back(); !missing.empty(); missing.pop_back())
    make(missing.back(), missing.size() == 1 ? kFolderMode : kParentMode);
}

void FileTreeStore::create(std::stop_token stop) {
  throw_if_stopped(stop);
  const auto refuse = [&] {
    throw Error(ErrorCode::already_exists, trf("{} holds something already", location()),
                tr("Choose a folder that is empty or does not exist yet, or use the repository that is there."));
  };
  const auto there = files_->stat(root_, stop);
  if (there && there->kind == RemoteKind::file) refuse();
  if (!there) make_with_parents(root_, stop);
  const auto listed = files_->list({&root_, 1}, stop);
  if (listed.front() && !listed.front()->empty()) refuse();
  for (const ObjectKind kind : kAllObjectKinds)
    if (kind != ObjectKind::config && !files_->make_folder(path_in_root(folder_of(kind)), kFolderMode, stop))
      refuse();  // somebody else is at it
  (void)files_->make_folder(path_in_root(kTemporary), kFolderMode, stop);
  files_->sync_folder(root_, stop);
  files_->probe_moves(path_in_root(kTemporary), stop);
  prepared_ = true;
}

void FileTreeStore::prepare_writing(const std::stop_token& stop) {
  throw_if_stopped(stop);
  if (prepared_) return;
  const std::string folder = path_in_root(kTemporary);
  const auto listed = files_->list({&folder, 1}, stop);
  if (!listed.front())
    (void)files_->make_folder(folder, kFolderMode, stop);
  else if (!listed.front()->empty())
    remove_stale(*listed.front(), stop);
  files_->probe_moves(folder, stop);
  prepared_ = true;
}

void FileTreeStore::remove_stale(const std::vector<RemoteEntry>& temporaries, const std::stop_token& stop) const {
  const std::string folder = path_in_root(kTemporary);
  const std::optional<TimeNs> now = files_->clock(folder, stop);
  if (!now) return;
  for (const RemoteEntry& entry : temporaries) {
    if (entry.kind != RemoteKind::file || *now - entry.modified <= kStaleAfter) continue;
    try {
      (void)files_->remove(folder + "/" + entry.name, stop);
    } catch (const Error& error) {
      // Another user's, perhaps: it does no harm to what is to be written.
      if (error.retryable() || error.code() == ErrorCode::interrupted) throw;
    }
  }
}

void FileTreeStore::put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) {
  require_valid(name);
  prepare_writing(stop);
  FileUpload upload(files_, temporary_path(), no_retries(), stop);
  upload.append(content, stop);
  finish(upload, name, durability, no_retries(), stop);
}

std::unique_ptr<ObjectWriter> FileTreeStore::open_writer(const ObjectName& name, std::stop_token stop) {
  require_valid(name);
  prepare_writing(stop);
  return std::make_unique<Writer>(*this, name, std::move(stop));
}

void FileTreeStore::finish(FileUpload& upload, const ObjectName& name, Durability durability, const Retry& retry,
                           const std::stop_token& stop) {
  try {
    RemoteTemporary file = upload.finish(persistence_of(durability), stop);
    if (durability == Durability::deferred) {
      retry.run(stop, [&](unsigned) { defer(file, name, stop); });
      return;
    }
    if (durability == Durability::volatile_) retry.run(stop, [&](unsigned) { file.make_read_only(stop); });
    bool published = false;
    retry.run(stop, [&](unsigned) { published = publish(file, name, stop); });
    if (!published) throw_already_exists(name, location());
    if (durability == Durability::durable) retry.run(stop, [&](unsigned) { sync_folders_of({&name, 1}, stop); });
  } catch (Error& error) {
    if (error.code() == ErrorCode::already_exists) throw;
    error.with_context(trf("while storing {} in {}", name.to_string(), location()));
    throw;
  }
}

void FileTreeStore::defer(RemoteTemporary& file, const ObjectName& name, const std::stop_token& stop) {
  if (stat(name, stop)) throw_already_exists(name, location());
  const bool taken = pending_.with([&](std::vector<Pending>& pending) {
    if (std::any_of(pending.begin(), pending.end(), [&](const Pending& p) { return p.name == name; })) return true;
    pending.push_back({name, std::move(file)});
    return false;
  });
  if (taken) throw_already_exists(name, location());
}

void FileTreeStore::make_folder_of(const ObjectName& name, const std::stop_token& stop) {
  if (name.kind == ObjectKind::config) return;
  const std::string folder = folder_of_object(name);
  try {
    (void)files_->make_folder(folder, kFolderMode, stop);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found || name.kind != ObjectKind::pack) throw;
    (void)files_->make_folder(path_in_root(folder_of(name.kind)), kFolderMode, stop);
    (void)files_->make_folder(folder, kFolderMode, stop);
  }
}

bool FileTreeStore::publish(RemoteTemporary& file, const ObjectName& name, const std::stop_token& stop) {
  const std::string target = path_of(name);
  RemoteFiles::Moved moved = file.publish(target, stop);
  if (moved == RemoteFiles::Moved::no_such_file) {
    make_folder_of(name, stop);
    moved = file.publish(target, stop);
  }
  if (moved == RemoteFiles::Moved::no_such_file)
    throw Error(ErrorCode::io, trf("{} went away while it was being written", files_->url(file.path())),
                tr("Did somebody clean up that folder? Run the command again."));
  return moved == RemoteFiles::Moved::yes;
}

void FileTreeStore::flush(std::stop_token stop) {
  flush_turn_.with([&](FlushTurn& turn) {
    throw_if_stopped(stop);
    std::vector<Pending> batch;
    pending_.with([&](std::vector<Pending>& pending) { batch.swap(pending); });
    try {
      publish_pending(batch, turn, stop);
    } catch (Error& error) {
      // What was not published waits for another flush().
      std::erase_if(batch, [](const Pending& p) { return p.file.is_published(); });
      pending_.with(
          [&](std::vector<Pending>& pending) { std::move(batch.begin(), batch.end(), std::back_inserter(pending)); });
      if (error.code() == ErrorCode::already_exists) throw;
      error.with_context(trf("while storing in {}", location()));
      throw;
    }
  });
}

void FileTreeStore::publish_pending(std::vector<Pending>& batch, FlushTurn& turn, const std::stop_token& stop) {
  // First all are durable, so that what fails here leaves nothing published that refers to it.
  parallel_for(batch.size(), files_->connections(), stop, [&](std::size_t i) { batch[i].file.make_durable(stop); });
  throw_if_stopped(stop);
  Guarded<std::vector<ObjectName>> taken;
  Guarded<std::vector<ObjectName>> moved;
  const auto remember_moved = [&] {
    moved.with([&](std::vector<ObjectName>& names) {
      std::move(names.begin(), names.end(), std::back_inserter(turn.unsynced));
      names.clear();
    });
  };
  try {
    parallel_for(batch.size(), files_->connections(), stop, [&](std::size_t i) {
      const bool published = publish(batch[i].file, batch[i].name, stop);
      if (!published) batch[i].file = RemoteTemporary();
      (published ? moved : taken).with([&](std::vector<ObjectName>& names) { names.push_back(batch[i].name); });
    });
  } catch (...) {
    remember_moved();
    throw;
  }
  remember_moved();
  throw_if_stopped(stop);
  sync_folders_of(turn.unsynced, stop);
  turn.unsynced.clear();
  taken.with([&](const std::vector<ObjectName>& names) {
    if (!names.empty()) throw_already_exists(*std::min_element(names.begin(), names.end()), location());
  });
}

void FileTreeStore::sync_folders_of(std::span<const ObjectName> names, const std::stop_token& stop) {
  std::set<std::string> folders;
  std::set<std::string> fans;
  for (const ObjectName& name : names) {
    folders.insert(folder_of_object(name));
    if (name.kind == ObjectKind::pack) fans.insert(folder_of_object(name));
  }
  durable_fans_.with([&](const std::set<std::string>& durable) {
    std::erase_if(fans, [&](const std::string& fan) { return durable.contains(fan); });
  });
  // Another process may have made an XX folder and not synced it yet, so being there is not enough.
  if (!fans.empty()) folders.insert(path_in_root(folder_of(ObjectKind::pack)));
  const std::vector<std::string> list(folders.begin(), folders.end());
  if (list.size() == 1)
    files_->sync_folder(list.front(), stop);
  else
    parallel_for(list.size(), files_->connections(), stop, [&](std::size_t i) { files_->sync_folder(list[i], stop); });
  throw_if_stopped(stop);
  durable_fans_.with([&](std::set<std::string>& durable) { durable.insert(fans.begin(), fans.end()); });
}

void FileTreeStore::drop_deferred() noexcept {
  std::vector<Pending> dropped;
  pending_.with([&](std::vector<Pending>& pending) { dropped.swap(pending); });
  try {
    parallel_for(dropped.size(), files_->connections(), {}, [&](std::size_t i) { dropped[i].file.remove(); });
  } catch (const std::exception&) {
    // Without threads the files are removed one after the other, as `dropped` ends.
  }
}

void FileTreeStore::require_root(const std::stop_token& stop) const {
  if (!files_->stat(root_, stop))
    throw Error(ErrorCode::not_found, trf("there is no folder {}", location()),
                tr("Check the path, and whether it is meant from the server's root or from the home folder (/~/)."));
}

Bytes FileTreeStore::get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const {
  throw_if_stopped(stop);
  require_valid(name);
  std::optional<RemoteContent> content = files_->read_whole(path_of(name), limit, std::move(stop));
  if (!content) throw_not_found(name, location());
  if (content->size > limit) throw_over_limit(name, location(), content->size, limit);
  return std::move(content->bytes);
}

void FileTreeStore::get_range(const ObjectName& name, std::uint64_t offset, MutableByteView out,
                              std::stop_token stop) const {
  throw_if_stopped(stop);
  require_valid(name);
  const std::optional<std::size_t> done = files_->read(path_of(name), offset, out, std::move(stop));
  if (!done) throw_not_found(name, location());
  if (*done < out.size()) throw_truncated(name, location(), offset + out.size());
}

std::optional<ObjectInfo> FileTreeStore::stat(const ObjectName& name, std::stop_token stop) const {
  throw_if_stopped(stop);
  require_valid(name);
  const std::optional<RemoteEntry> entry = files_->stat(path_of(name), std::move(stop));
  if (!entry) return std::nullopt;
  if (entry->kind != RemoteKind::file)
    throw Error(ErrorCode::damaged, trf("{} is not a regular file", files_->url(path_of(name))),
                tr("Something other than a backup put it there; look at it, then remove it."));
  return ObjectInfo{name, entry->size, entry->modified};
}

std::vector<ObjectInfo> FileTreeStore::list(ObjectKind kind, std::stop_token stop) const {
  throw_if_stopped(stop);
  std::vector<ObjectInfo> found;
  if (kind == ObjectKind::config) {
    require_root(stop);
    if (const auto info = stat({}, stop)) found.push_back(*info);
    return found;
  }
  const std::string folder = path_in_root(folder_of(kind));
  auto listed = files_->list({&folder, 1}, stop);
  if (!listed.front()) {
    // Programs that copy repositories may leave out empty folders: a missing one is an empty one.
    require_root(stop);
    return found;
  }
  if (kind != ObjectKind::pack) {
    add_objects(kind, {}, *listed.front(), found);
  } else {
    std::vector<std::string> fans;
    std::vector<std::string> folders;
    for (const RemoteEntry& entry : *listed.front()) {
      if (entry.kind != RemoteKind::folder || entry.name.size() > 2 || !valid_object_id(entry.name)) continue;
      fans.push_back(entry.name);
      folders.push_back(folder + "/" + entry.name);
    }
    auto in_fans = files_->list(folders, stop);
    for (std::size_t i = 0; i < fans.size(); ++i)
      if (in_fans[i]) add_objects(kind, fans[i], *in_fans[i], found);
  }
  std::sort(found.begin(), found.end(), [](const ObjectInfo& a, const ObjectInfo& b) { return a.name < b.name; });
  return found;
}

void FileTreeStore::remove(const ObjectName& name, std::stop_token stop) {
  throw_if_stopped(stop);
  require_valid(name);
  // Also when it was gone: whoever removed it may not have synced yet.
  (void)files_->remove(path_of(name), stop);
  files_->sync_folder(folder_of_object(name), stop);
}

std::unique_ptr<ObjectStore> FileTreeStore::open_folder(const std::string& name) const {
  return std::make_unique<FileTreeStore>(files_, path_in_root("domains/" + name), retry_.policy());
}

TimeNs FileTreeStore::now(std::stop_token stop) const {
  throw_if_stopped(stop);
  const std::string folder = path_in_root(kTemporary);
  const auto read_clock = [&]() -> std::optional<TimeNs> {
    try {
      return files_->clock(folder, stop);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;
    }
    require_root(stop);
    try {
      (void)files_->make_folder(folder, kFolderMode, stop);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::permission) throw;
      return std::nullopt;
    }
    return files_->clock(folder, stop);
  };
  return read_clock().value_or(wall_clock_ns());
}

}  // namespace igudar
