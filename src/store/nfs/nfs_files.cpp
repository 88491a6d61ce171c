#include "store/nfs/nfs_files.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "concurrency/task_scope.h"
#include "crypto/random.h"
#include "store/checks.h"

namespace igudar {

namespace {

constexpr unsigned kSealed = 0400;
// libnfs 4.0.0 tells NFS3ERR_DQUOT as “Numerical result out of range”.
constexpr int kQuotaOfLibnfs = ERANGE;

std::string random_name_in(const std::string& folder) {
  return folder + "/" + to_hex(random_id<16>().view());
}

[[noreturn]] void fail(int error, const std::string& action) {
  const auto say = [&](ErrorCode code, const std::string& why, const char* hint) {
    throw Error(code, action + ": " + why, hint);
  };
  switch (error) {
    case EROFS:
      say(ErrorCode::permission, tr("the server exports it read-only"),
          tr("Have it exported for writing, or choose another place."));
      break;
    case EACCES:
    case EPERM:
      say(ErrorCode::permission, tr("permission denied"),
          tr("Check whose that folder is on the server. It knows this user by number: ?uid= and ?gid= behind the URL "
             "tell "
             "others, and root is nobody there unless exported with “no_root_squash”."));
      break;
    case ENOSPC:
      say(ErrorCode::no_space, tr("the server's disk is full"),
          tr("Free some space there, or choose another place, and run the command again."));
      break;
    case EDQUOT:
    case kQuotaOfLibnfs:
      say(ErrorCode::no_space, tr("the quota on the server is used up"),
          tr("Free some space there, or choose another place, and run the command again."));
      break;
    case ENOENT:
    case ENOTDIR:
      throw Error(ErrorCode::not_found, action + ": " + std::strerror(ENOENT));
    default:
      break;
  }
  throw Error(ErrorCode::io, action + ": " + std::strerror(error), tr("The server's log may tell more."));
}

}  // namespace

// A connection of the pool for as long as an operation takes; one in which something went wrong on the way does not
// come back.
class NfsFiles::Loan {
 public:
  Loan(NfsFiles& files, const std::stop_token& stop) : files_(files) {
    auto borrowed = files.pool_.borrow(stop);
    if (!borrowed) throw Error(ErrorCode::interrupted, tr("stopped on request"));
    connection_ = std::move(*borrowed);
    if (connection_ && !connection_->is_alive()) {
      connection_.reset();
      ++files.lost_;
    }
    if (connection_) return;
    try {
      connection_ = files.connect(stop);
    } catch (...) {
      files.pool_.give_back(nullptr);
      throw;
    }
  }
  ~Loan() {
    if (!connection_->is_idle()) {
      connection_.reset();
      ++files_.lost_;
    }
    files_.pool_.give_back(std::move(connection_));
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  NfsConnection& operator*() { return *connection_; }
  NfsConnection* operator->() { return connection_.get(); }

 private:
  NfsFiles& files_;
  std::unique_ptr<NfsConnection> connection_;
};

NfsFiles::NfsFiles(NfsAddress address, NfsOptions options)
    : address_(std::move(address)), options_(options), pool_(options_.connections) {}

NfsFiles::~NfsFiles() = default;

std::unique_ptr<NfsConnection> NfsFiles::connect(const std::stop_token& stop) {
  try {
    auto connection = std::make_unique<NfsConnection>(address_, options_.settings, stop);
    ever_connected_ = true;
    return connection;
  } catch (const Error& error) {
    // A server that was never there is a mistake in the URL rather than an accident on the way: said at once.
    if (!error.retryable() || ever_connected_) throw;
    throw Error(error.code(), error.message(), error.hint());
  }
}

void NfsFiles::require_written(int error, const std::string& path) const {
  if (error != 0) fail(error, trf("cannot write {}", url(path)));
}

void NfsFiles::require_read(int error, const std::string& path) const {
  if (error != 0) fail(error, trf("cannot read {}", url(path)));
}

bool NfsFiles::make_folder(const std::string& path, unsigned mode, std::stop_token stop) {
  Loan connection(*this, stop);
  const int error = connection->make_folder(path, mode, stop);
  if (error == 0) return true;
  RemoteEntry found;
  if (connection->stat(path, found, stop) == 0 && found.kind == RemoteKind::folder) return false;
  fail(error, trf("cannot make the folder {}", url(path)));
}

void NfsFiles::sync_folder(const std::string& /*path*/, std::stop_token stop) {
  throw_if_stopped(stop);
}

std::uint64_t NfsFiles::sealed_size(NfsFile& file, const std::string& path, Persistence persistence,
                                    const std::stop_token& stop) const {
  if (persistence == Persistence::durable) require_written(file.sync(stop), path);
  (void)file.set_mode(kSealed, stop);  // a server may have no such modes
  RemoteEntry entry;
  require_written(file.stat(entry, stop), path);
  return entry.size;
}

void NfsFiles::create(const std::string& path, ByteView content, Persistence persistence, std::stop_token stop) {
  Loan connection(*this, stop);
  NfsFile file(*connection);
  require_written(file.open(path, O_WRONLY | O_CREAT | O_EXCL, stop), path);
  require_written(file.write(0, content, stop), path);
  const std::uint64_t size = sealed_size(file, path, persistence, stop);
  require_written(file.close(stop), path);
  if (size != content.size())
    throw Error(ErrorCode::io, trf("{} has {} bytes after {} were written to it", url(path), size, content.size()),
                tr("Is the server's disk full, or the user's quota used up?"));
}

void NfsFiles::write(const std::string& path, std::uint64_t offset, ByteView bytes, std::stop_token stop) {
  Loan connection(*this, stop);
  NfsFile file(*connection);
  require_written(file.open(path, O_WRONLY | O_CREAT, stop), path);
  require_written(file.write(offset, bytes, stop), path);
  require_written(file.close(stop), path);
}

std::uint64_t NfsFiles::seal(const std::string& path, Persistence persistence, std::stop_token stop) {
  Loan connection(*this, stop);
  NfsFile file(*connection);
  // Not for writing, which one that is sealed already does not allow; a COMMIT does not ask for it.
  require_written(file.open(path, O_RDONLY, stop), path);
  const std::uint64_t size = sealed_size(file, path, persistence, stop);
  require_written(file.close(stop), path);
  return size;
}

void NfsFiles::probe_moves(const std::string& folder, std::stop_token stop) {
  if (probed_) return;
  Loan connection(*this, stop);
  const std::string path = random_name_in(folder);
  const std::string linked = random_name_in(folder);
  NfsFile file(*connection);
  require_written(file.open(path, O_WRONLY | O_CREAT | O_EXCL, stop), path);
  require_written(file.close(stop), path);
  links_ = connection->link(path, linked, stop) == 0;
  for (const std::string& name : {path, linked}) (void)connection->unlink(name, stop);
  probed_ = true;
}

RemoteFiles::Moved NfsFiles::move(const std::string& from, const std::string& to, std::stop_token stop) {
  Loan connection(*this, stop);
  const bool links = links_;
  RemoteEntry there;
  if (!links && connection->stat(to, there, stop) == 0) return Moved::taken;
  const int error = links ? connection->link(from, to, stop) : connection->rename(from, to, stop);
  if (error == ENOENT || error == ENOTDIR) return Moved::no_such_file;
  if (error == EEXIST) return Moved::taken;
  require_written(error, to);
  if (links) (void)connection->unlink(from, stop);
  return Moved::yes;
}

bool NfsFiles::remove(const std::string& path, std::stop_token stop) {
  Loan connection(*this, stop);
  const int error = connection->unlink(path, stop);
  if (error == ENOENT || error == ENOTDIR) return false;
  if (error != 0) fail(error, trf("cannot remove {}", url(path)));
  return true;
}

std::optional<RemoteEntry> NfsFiles::stat(const std::string& path, std::stop_token stop) {
  Loan connection(*this, stop);
  RemoteEntry entry;
  const int error = connection->stat(path, entry, stop);
  if (error == ENOENT || error == ENOTDIR) return std::nullopt;
  require_read(error, path);
  return entry;
}

std::vector<std::optional<std::vector<RemoteEntry>>> NfsFiles::list(std::span<const std::string> folders,
                                                                    std::stop_token stop) {
  throw_if_stopped(stop);
  std::vector<std::optional<std::vector<RemoteEntry>>> found(folders.size());
  const auto list_one = [&](std::size_t i) {
    Loan connection(*this, stop);
    std::vector<RemoteEntry> entries;
    const int error = connection->list(folders[i], entries, stop);
    if (error == ENOENT || error == ENOTDIR) return;
    if (error != 0) fail(error, trf("cannot list {}", url(folders[i])));
    found[i] = std::move(entries);
  };
  if (folders.size() == 1)
    list_one(0);
  else
    parallel_for(folders.size(), options_.connections, stop, list_one);
  throw_if_stopped(stop);
  return found;
}

std::optional<std::size_t> NfsFiles::read(const std::string& path, std::uint64_t offset, MutableByteView out,
                                          std::stop_token stop) {
  Loan connection(*this, stop);
  NfsFile file(*connection);
  const int error = file.open(path, O_RDONLY, stop);
  if (error == ENOENT || error == ENOTDIR) return std::nullopt;
  require_read(error, path);
  std::size_t done = 0;
  require_read(file.read(offset, out, done, stop), path);
  return done;
}

std::optional<RemoteContent> NfsFiles::read_whole(const std::string& path, std::uint64_t limit, std::stop_token stop) {
  Loan connection(*this, stop);
  NfsFile file(*connection);
  const int error = file.open(path, O_RDONLY, stop);
  if (error == ENOENT || error == ENOTDIR) return std::nullopt;
  require_read(error, path);
  RemoteEntry entry;
  require_read(file.stat(entry, stop), path);
  RemoteContent content{.size = entry.size, .bytes = {}};
  if (content.size > limit) return content;
  content.bytes.resize(content.size);
  std::size_t done = 0;
  require_read(file.read(0, content.bytes, done, stop), path);
  if (done < content.size)
    throw Error(ErrorCode::truncated, trf("{} ended at byte {} of {}", url(path), done, content.size));
  return content;
}

std::optional<TimeNs> NfsFiles::clock(const std::string& folder, std::stop_token stop) {
  Loan connection(*this, stop);
  const std::string path = random_name_in(folder);
  NfsFile file(*connection);
  const int error = file.open(path, O_WRONLY | O_CREAT | O_EXCL, stop);
  if (error == ENOENT || error == ENOTDIR) require_written(error, path);
  if (error != 0) return std::nullopt;
  RemoteEntry entry;
  const int unknown = file.stat(entry, stop);
  (void)file.close(stop);
  (void)connection->unlink(path, stop);
  if (unknown != 0) return std::nullopt;
  return entry.modified;
}

}  // namespace igudar
