#include "store/local_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/buffer.h"
#include "base/descriptor_io.h"
#include "base/error.h"
#include "base/translate.h"
#include "concurrency/task_scope.h"
#include "store/checks.h"
#include "store/posix_file.h"

namespace igudar {

namespace {

constexpr std::size_t kBlockBytes = std::size_t{4} << 20;          // between two looks at the stop token
constexpr std::uint64_t kWritebackBytes = std::uint64_t{8} << 20;  // started early, so that the last sync is short
constexpr std::size_t kSmallAppendBytes = std::size_t{256} << 10;  // below it, appends are gathered
constexpr std::size_t kOpenPackFiles = 32;
constexpr std::size_t kOpenDeferredFiles = 64;
constexpr unsigned kSyncThreads = 4;

TimeNs modification_time(const struct stat& info) {
  return info.st_mtim.tv_sec * kNsPerSecond + info.st_mtim.tv_nsec;
}

ObjectInfo info_of(const ObjectName& name, const struct stat& info) {
  return {name, static_cast<std::uint64_t>(info.st_size), modification_time(info)};
}

std::string file_name_of(const ObjectName& name) {
  return name.kind == ObjectKind::config ? folder_of(name.kind) : name.id;
}

void start_writeback(int fd, std::uint64_t offset, std::uint64_t size) {
  // A hint: where it is not known, the sync at the end does all of it.
  (void)::sync_file_range(fd, static_cast<off_t>(offset), static_cast<off_t>(size), SYNC_FILE_RANGE_WRITE);
}

Error explained(int error, std::string action, const ObjectName& name, const std::string& location) {
  if (error == ENOTSUP)
    return Error(
        ErrorCode::damaged, std::move(action) + ": " + tr("it is not a regular file"),
        trf("Something other than a backup put {} into {}; look at it, then remove it.", name.to_string(), location));
  Error result = errno_error(error, action);
  if (result.code() == ErrorCode::permission)
    result.with_hint(tr("Check whose that folder is, and whether its file system is mounted read-only."));
  return result;
}

}  // namespace

// Gathers small appends, writes large ones through, and starts writeback on the way.
class LocalStore::Writer final : public ObjectWriter {
 public:
  Writer(LocalStore& store, ObjectName name) : store_(store), name_(std::move(name)) {
    file_ = store_.new_temporary(name_);
  }

  void append(ByteView bytes, std::stop_token stop) override {
    throw_if_stopped(stop);
    if (gathered_.size() + bytes.size() > kSmallAppendBytes) write_gathered(stop);
    if (bytes.size() >= kSmallAppendBytes)
      write(bytes, stop);
    else
      gathered_.append(bytes);
  }

  void finish(Durability durability, std::stop_token stop) override {
    throw_if_stopped(stop);
    write_gathered(stop);
    store_.finish(std::move(file_), name_, durability);
  }

 private:
  void write_gathered(const std::stop_token& stop) {
    write(gathered_.view(), stop);
    gathered_.clear();
  }

  void write(ByteView bytes, const std::stop_token& stop) {
    store_.write_blocks(file_, bytes, name_, stop);
    written_ += bytes.size();
    if (written_ - in_writeback_ < kWritebackBytes) return;
    start_writeback(file_.fd(), in_writeback_, written_ - in_writeback_);
    in_writeback_ = written_;
  }

  LocalStore& store_;
  ObjectName name_;
  TemporaryFile file_;
  Buffer gathered_;
  std::uint64_t written_ = 0;
  std::uint64_t in_writeback_ = 0;
};

LocalStore::LocalStore(std::filesystem::path root) : folders_(std::move(root)), open_packs_(kOpenPackFiles) {}

LocalStore::~LocalStore() {
  drop_deferred();  // before the session that they belong to
}

StoreTraits LocalStore::traits() const {
  // linux/magic.h names the first, and not on every system the other two.
  constexpr std::uint32_t kNfs = 0x6969;
  constexpr std::uint32_t kSmb2 = 0xFE534D42;
  constexpr std::uint32_t kCifs = 0xFF534D42;
  StoreTraits traits;
  struct statfs info {};
  if (::statfs(folders_.root().c_str(), &info) == 0) {
    const auto type = static_cast<std::uint32_t>(info.f_type);
    traits.network = type == kNfs || type == kSmb2 || type == kCifs;
  }
  return traits;
}

std::string LocalStore::location() const {
  return folders_.root().string();
}

void LocalStore::create(std::stop_token stop) {
  throw_if_stopped(stop);
  temporaries_.with([](std::unique_ptr<TemporaryFolder>& folder) { folder.reset(); });
  const int error = folders_.create();
  if (error == ENOTEMPTY || error == EEXIST)
    throw Error(ErrorCode::already_exists, trf("{} holds something already", location()),
                tr("Choose a folder that is empty or does not exist yet, or use the repository that is there."));
  if (error != 0) throw explained(error, trf("cannot make a repository in {}", location()), {}, location());
}

void LocalStore::fail_writing(int error, const ObjectName& name) const {
  throw explained(error, trf("cannot store {} in {}", name.to_string(), location()), name, location());
}

void LocalStore::fail_reading(int error, const ObjectName& name) const {
  if (error == ENOENT) throw_not_found(name, location());
  throw explained(error, trf("cannot read {} in {}", name.to_string(), location()), name, location());
}

TemporaryFolder& LocalStore::temporaries() const {
  return temporaries_.with([&](std::unique_ptr<TemporaryFolder>& temporaries) -> TemporaryFolder& {
    if (!temporaries) {
      ObjectFolders::Folder folder;
      if (const int error = folders_.open_temporary(folder); error != 0)
        throw explained(error, trf("cannot write in {}", location()), {}, location());
      temporaries = std::make_unique<TemporaryFolder>(std::move(folder));
    }
    return *temporaries;
  });
}

void LocalStore::remove_stale_temporaries() {
  stale_removed_ = true;
  temporaries().remove_stale();
}

TemporaryFile LocalStore::new_temporary(const ObjectName& name) {
  require_valid(name);
  if (!stale_removed_.exchange(true)) remove_stale_temporaries();
  TemporaryFile file;
  if (const int error = temporaries().create_file(file); error != 0) fail_writing(error, name);
  return file;
}

void LocalStore::write_blocks(const TemporaryFile& file, ByteView bytes, const ObjectName& name,
                              const std::stop_token& stop) const {
  while (!bytes.empty()) {
    throw_if_stopped(stop);
    const ByteView block = bytes.first(std::min(bytes.size(), kBlockBytes));
    if (const int error = write_fully(file.fd(), block); error != 0) fail_writing(error, name);
    bytes = bytes.subspan(block.size());
  }
}

void LocalStore::put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) {
  throw_if_stopped(stop);
  TemporaryFile file = new_temporary(name);
  write_blocks(file, content, name, stop);
  finish(std::move(file), name, durability);
}

std::unique_ptr<ObjectWriter> LocalStore::open_writer(const ObjectName& name, std::stop_token stop) {
  throw_if_stopped(stop);
  return std::make_unique<Writer>(*this, name);
}

void LocalStore::finish(TemporaryFile file, const ObjectName& name, Durability durability) {
  if (durability == Durability::deferred) return defer(std::move(file), name);
  if (durability == Durability::durable)
    if (const int error = sync_content(file.fd()); error != 0) fail_writing(error, name);
  if (!publish(file, name)) throw_already_exists(name, location());
  if (durability == Durability::durable)
    if (const int error = folders_.sync_folders_of({&name, 1}); error != 0) fail_writing(error, name);
}

void LocalStore::defer(TemporaryFile file, const ObjectName& name) {
  if (stat(name, {})) throw_already_exists(name, location());
  const bool many_open = pending_.with([](const std::vector<Pending>& pending) {
    return std::count_if(pending.begin(), pending.end(), [](const Pending& p) { return p.file.is_open(); }) >=
           static_cast<std::ptrdiff_t>(kOpenDeferredFiles);
  });
  if (many_open) {
    // Descriptors are few; a synced file needs none to be published.
    if (const int error = sync_content(file.fd()); error != 0) fail_writing(error, name);
    file.close();
  } else {
    start_writeback(file.fd(), 0, 0);
  }
  const bool taken = pending_.with([&](std::vector<Pending>& pending) {
    if (std::any_of(pending.begin(), pending.end(), [&](const Pending& p) { return p.name == name; })) return true;
    pending.push_back({name, std::move(file)});
    return false;
  });
  if (taken) throw_already_exists(name, location());
}

bool LocalStore::publish(TemporaryFile& file, const ObjectName& name) {
  ObjectFolders::Folder folder;
  if (const int error = folders_.open_for_writing(name, folder); error != 0) fail_writing(error, name);
  const int error = file.publish(folder->get(), file_name_of(name));
  if (error == EEXIST) return false;
  if (error == EOPNOTSUPP)
    throw Error(ErrorCode::unsupported,
                trf("the file system of {} can neither rename without replacing nor make hard links", location()),
                tr("Keep the repository on another file system; every usual one of Linux will do."));
  if (error != 0) fail_writing(error, name);
  return true;
}

void LocalStore::flush(std::stop_token stop) {
  flush_turn_.with([&](FlushTurn& turn) {
    throw_if_stopped(stop);
    std::vector<Pending> batch;
    pending_.with([&](std::vector<Pending>& pending) { batch.swap(pending); });
    try {
      sync_pending(batch, stop);
      publish_pending(batch, turn);
    } catch (...) {
      // What was not published waits for another flush().
      std::erase_if(batch, [](const Pending& p) { return p.file.is_published(); });
      pending_.with(
          [&](std::vector<Pending>& pending) { std::move(batch.begin(), batch.end(), std::back_inserter(pending)); });
      throw;
    }
  });
}

void LocalStore::drop_deferred() noexcept {
  pending_.with([](std::vector<Pending>& pending) { pending.clear(); });
}

void LocalStore::sync_pending(std::vector<Pending>& batch, const std::stop_token& stop) const {
  parallel_for(batch.size(), kSyncThreads, stop, [&](std::size_t i) {
    Pending& pending = batch[i];
    if (pending.sync_error == 0 && pending.file.is_open()) pending.sync_error = sync_content(pending.file.fd());
    if (pending.sync_error != 0) fail_writing(pending.sync_error, pending.name);
  });
  throw_if_stopped(stop);
}

void LocalStore::publish_pending(std::vector<Pending>& batch, FlushTurn& turn) {
  std::optional<ObjectName> taken;
  for (Pending& pending : batch) {
    if (publish(pending.file, pending.name)) {
      turn.unsynced.push_back(pending.name);
    } else {
      taken = pending.name;
      pending.file = TemporaryFile();
    }
  }
  if (!turn.unsynced.empty()) {
    if (const int error = folders_.sync_folders_of(turn.unsynced); error != 0)
      fail_writing(error, turn.unsynced.front());
    turn.unsynced.clear();
  }
  if (taken) throw_already_exists(*taken, location());
}

OpenFileCache::File LocalStore::open_object(const ObjectName& name, std::uint64_t& size) const {
  require_valid(name);
  ObjectFolders::Folder folder;
  UniqueFd fd;
  int error = folders_.open_for_reading(name, folder);
  if (error == 0) error = open_regular_in(folder->get(), file_name_of(name), fd, size);
  if (error != 0) fail_reading(error, name);
  return std::make_shared<const UniqueFd>(std::move(fd));
}

Bytes LocalStore::get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const {
  throw_if_stopped(stop);
  std::uint64_t size = 0;
  const OpenFileCache::File file = open_object(name, size);
  if (size > limit) throw_over_limit(name, location(), size, limit);
  Bytes content(size);
  for (std::size_t offset = 0; offset < size; offset += kBlockBytes) {
    throw_if_stopped(stop);
    const auto block = MutableByteView(content).subspan(offset, std::min<std::size_t>(kBlockBytes, size - offset));
    std::size_t done = 0;
    if (const int error = read_fully_at(file->get(), offset, block, done); error != 0) fail_reading(error, name);
    if (done < block.size()) throw_truncated(name, location(), size);
  }
  return content;
}

void LocalStore::get_range(const ObjectName& name, std::uint64_t offset, MutableByteView out,
                           std::stop_token stop) const {
  throw_if_stopped(stop);
  const bool cached = name.kind == ObjectKind::pack;
  OpenFileCache::File file = cached ? open_packs_.find(name.id) : nullptr;
  if (!file) {
    std::uint64_t size = 0;
    file = open_object(name, size);
    if (cached) open_packs_.insert(name.id, file);
  }
  while (!out.empty()) {
    throw_if_stopped(stop);
    const MutableByteView block = out.first(std::min(out.size(), kBlockBytes));
    std::size_t done = 0;
    if (const int error = read_fully_at(file->get(), offset, block, done); error != 0) fail_reading(error, name);
    if (done < block.size()) throw_truncated(name, location(), offset + out.size());
    offset += block.size();
    out = out.subspan(block.size());
  }
}

std::optional<ObjectInfo> LocalStore::stat(const ObjectName& name, std::stop_token stop) const {
  throw_if_stopped(stop);
  require_valid(name);
  ObjectFolders::Folder folder;
  struct stat info {};
  int error = folders_.open_for_reading(name, folder);
  if (error == 0 && ::fstatat(folder->get(), file_name_of(name).c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    error = errno;
  if (error == ENOENT) return std::nullopt;
  if (error == 0 && !S_ISREG(info.st_mode)) error = ENOTSUP;
  if (error != 0) fail_reading(error, name);
  return info_of(name, info);
}

void LocalStore::list_folder(const UniqueFd& folder, ObjectKind kind, const std::string& prefix,
                             std::vector<ObjectInfo>& found) const {
  std::vector<std::string> names;
  if (const int error = list_names(folder.get(), names); error != 0)
    throw explained(error, trf("cannot list {} in {}", folder_of(kind), location()), {}, location());
  for (std::string& name : names) {
    if (!valid_object_id(name) || !name.starts_with(prefix)) continue;
    struct stat info {};
    if (::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
      if (S_ISREG(info.st_mode)) found.push_back(info_of({kind, std::move(name)}, info));
    } else if (errno != ENOENT) {
      fail_reading(errno, {kind, name});
    }
  }
}

std::vector<ObjectInfo> LocalStore::list(ObjectKind kind, std::stop_token stop) const {
  throw_if_stopped(stop);
  std::vector<ObjectInfo> found;
  ObjectFolders::Folder root;
  if (const int error = folders_.open_root(root); error != 0)
    throw explained(error, trf("cannot open {}", location()), {}, location());
  if (kind == ObjectKind::config) {
    if (const auto info = stat({}, stop)) found.push_back(*info);
    return found;
  }
  // Programs that copy repositories may leave out empty folders: a missing one is an empty one.
  ObjectFolders::Folder folder;
  const int error = folders_.open_kind(kind, folder);
  if (error == ENOENT) return found;
  if (error != 0) throw explained(error, trf("cannot list {} in {}", folder_of(kind), location()), {}, location());
  if (kind != ObjectKind::pack) {
    list_folder(*folder, kind, {}, found);
  } else {
    std::vector<std::string> fans;
    if (const int failure = list_names(folder->get(), fans); failure != 0)
      throw explained(failure, trf("cannot list {} in {}", folder_of(kind), location()), {}, location());
    for (const std::string& fan : fans) {
      throw_if_stopped(stop);
      UniqueFd fan_folder;
      if (fan.size() > 2 || !valid_object_id(fan)) continue;
      const int failure = open_folder_in(folder->get(), fan, fan_folder);
      if (failure == ENOTDIR || failure == ELOOP || failure == ENOENT) continue;
      if (failure != 0)
        throw explained(failure, trf("cannot list {} in {}", folder_of(kind), location()), {}, location());
      list_folder(fan_folder, kind, fan, found);
    }
  }
  std::sort(found.begin(), found.end(), [](const ObjectInfo& a, const ObjectInfo& b) { return a.name < b.name; });
  return found;
}

void LocalStore::remove(const ObjectName& name, std::stop_token stop) {
  throw_if_stopped(stop);
  require_valid(name);
  if (name.kind == ObjectKind::pack) open_packs_.erase(name.id);
  ObjectFolders::Folder folder;
  int error = folders_.open_for_reading(name, folder);
  if (error == 0) {
    if (::unlinkat(folder->get(), file_name_of(name).c_str(), 0) != 0 && errno != ENOENT) error = errno;
    // Also when it was gone: whoever removed it may not have synced yet.
    if (error == 0) error = sync_folder(folder->get());
  }
  if (error != 0 && error != ENOENT)
    throw explained(error, trf("cannot remove {} in {}", name.to_string(), location()), name, location());
}

std::unique_ptr<ObjectStore> LocalStore::open_folder(const std::string& name) const {
  return std::make_unique<LocalStore>(folders_.root() / "domains" / name);
}

TimeNs LocalStore::now(std::stop_token stop) const {
  throw_if_stopped(stop);
  ObjectFolders::Folder root;
  if (const int error = folders_.open_root(root); error != 0)
    throw explained(error, trf("cannot open {}", location()), {}, location());
  TemporaryFile file;
  struct stat info {};
  const bool read_only = ::faccessat(root->get(), ".", W_OK, 0) != 0;
  if (read_only || temporaries().create_file(file) != 0 || ::fstat(file.fd(), &info) != 0) return wall_clock_ns();
  return modification_time(info);
}

}  // namespace igudar
