#include "store/nfs/nfs_connection.h"

#include <fcntl.h>
#include <nfsc/libnfs-zdr.h>
// The types of that one are wanted here.
#include <nfsc/libnfs-raw-nfs.h>
#include <nfsc/libnfs.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/translate.h"
#include "store/checks.h"

namespace igudar {

namespace {

constexpr int kVersion = 3;  // libnfs 4.0.0 writes wrongly over version 4
constexpr int kSliceMs = 200;
constexpr std::size_t kReadAtOnce = std::size_t{4} << 20;
constexpr unsigned kBeingWritten = 0600;

TimeNs time_of(std::uint64_t seconds, std::uint64_t nanoseconds) {
  return static_cast<TimeNs>(seconds) * kNsPerSecond + static_cast<TimeNs>(nanoseconds);
}

RemoteEntry entry_of(const nfs_stat_64& found) {
  const auto mode = static_cast<mode_t>(found.nfs_mode);
  const RemoteKind kind = S_ISREG(mode) ? RemoteKind::file : S_ISDIR(mode) ? RemoteKind::folder : RemoteKind::other;
  return {{}, kind, found.nfs_size, time_of(found.nfs_mtime, found.nfs_mtime_nsec)};
}

RemoteEntry entry_of(const nfsdirent& found) {
  const RemoteKind kind = found.type == NF3REG   ? RemoteKind::file
                          : found.type == NF3DIR ? RemoteKind::folder
                                                 : RemoteKind::other;
  return {found.name, kind, found.size, time_of(static_cast<std::uint64_t>(found.mtime.tv_sec), found.mtime_nsec)};
}

// The -errno in “NFS: Write failed with NFS3ERR_NOSPC(-28)”; 0 in other words.
int refusal_in(const std::string& words) {
  if (!words.starts_with("NFS: Write failed") && !words.starts_with("NFS: Read failed")) return 0;
  const std::size_t begin = words.find('(');
  if (words.find("NFS3ERR_") == std::string::npos || begin == std::string::npos) return 0;
  int refusal = 0;
  (void)std::from_chars(words.data() + begin + 1, words.data() + words.size(), refusal);
  return std::min(0, refusal);
}

// As the kernel's client sends them: the server looks at 16 groups at most.
AUTH* credentials(const NfsAddress& address) {
  constexpr std::size_t kMostGroups = 16;
  std::vector<gid_t> groups;
  if (!address.uid && !address.gid) {
    groups.resize(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    groups.resize(static_cast<std::size_t>(std::max(0, ::getgroups(static_cast<int>(groups.size()), groups.data()))));
    groups.resize(std::min(groups.size(), kMostGroups));
  }
  return libnfs_authunix_create("igudar", address.uid.value_or(::geteuid()), address.gid.value_or(::getegid()),
                                static_cast<std::uint32_t>(groups.size()), groups.data());
}

}  // namespace

NfsConnection::NfsConnection(NfsAddress address, NfsSettings settings, const std::stop_token& stop)
    : address_(std::move(address)), settings_(settings) {
  mount(stop);
}

void NfsConnection::throw_lost(const std::string& why) const {
  const std::string url = nfs_url(address_, address_.path);
  throw Error(
      ErrorCode::io,
      mounted_.empty() ? trf("cannot reach {}: {}", url, why) : trf("the connection to {} was lost: {}", url, why),
      tr("Check the host's name, and that an NFS server of version 3 runs there and no firewall is in the way."))
      .as_retryable();
}

std::string NfsConnection::last_words() const {
  const char* words = nfs_get_error(context_.get());
  return words == nullptr || *words == '\0' ? std::string(tr("the server does not say why")) : std::string(words);
}

void NfsConnection::called_back(int status, nfs_context* /*context*/, void* data, void* request) {
  auto& waiting = *static_cast<Request*>(request);
  waiting.done = true;
  waiting.status = status;
  if (status >= 0 && waiting.take) waiting.take(status, data);
}

int NfsConnection::run(const Start& start, const Take& take, std::chrono::seconds patience,
                       const std::stop_token& stop) {
  throw_if_stopped(stop);
  in_progress_ = true;
  *request_ = {.take = take};
  // What `take` refers to ends with this function; given up, the request may still be called back.
  struct Forget {
    Request& request;
    ~Forget() { request.take = nullptr; }
  } const forget{*request_};
  if (start(context_.get(), request_.get()) != 0) throw_lost(last_words());
  std::chrono::nanoseconds last_progress = steady_clock();
  while (!request_->done) {
    throw_if_stopped(stop);
    pollfd waited{
        .fd = nfs_get_fd(context_.get()), .events = static_cast<short>(nfs_which_events(context_.get())), .revents = 0};
    (void)::poll(&waited, 1, kSliceMs);
    if (waited.revents != 0)
      last_progress = steady_clock();
    else if (steady_clock() - last_progress > patience)
      throw_lost(trf("nothing came for {} seconds", patience.count()));
    if (nfs_service(context_.get(), waited.revents) < 0 && !request_->done) throw_lost(last_words());
  }
  int status = request_->status;
  // A read or write that libnfs cut into parts tells a server's refusal in words only. They stay there for later calls,
  // so that this connection is not used again.
  const bool told_in_words = status == -EFAULT && refusal_in(last_words()) != 0;
  if (told_in_words) status = refusal_in(last_words());
  // libnfs's own, for a connection or a call that failed as such.
  if (status == -EFAULT || status == -EINTR || status == -ETIMEDOUT) throw_lost(last_words());
  // The server has restarted with other handles, or somebody has removed the folder: a new mount tells.
  if (status == -ESTALE) throw_lost(tr("the server has forgotten its file handles"));
  in_progress_ = told_in_words;
  if (status == -EAGAIN)
    throw Error(ErrorCode::io, trf("{} asks to try again later", nfs_url(address_, address_.path))).as_retryable();
  return status;
}

int NfsConnection::ask(const Start& start, const Take& take, const std::stop_token& stop) {
  return run(start, take, settings_.stall_timeout, stop);
}

int NfsConnection::errno_of(const Start& start, const Take& take, const std::stop_token& stop) {
  return std::max(0, -ask(start, take, stop));
}

void NfsConnection::new_context() {
  context_.reset(nfs_init_context());
  if (!context_) throw Error(ErrorCode::failed, tr("there is no memory for an NFS connection"));
  nfs_context* context = context_.get();
  // Some settings can be told by a URL only. Exports inside of the export would be looked for each time.
  std::string url = "nfs://host/path/?auto-traverse-mounts=0";
  if (address_.nfs_port != 0) url += "&nfsport=" + std::to_string(address_.nfs_port);
  if (address_.mount_port != 0) url += "&mountport=" + std::to_string(address_.mount_port);
  nfs_destroy_url(nfs_parse_url_incomplete(context, url.c_str()));
  (void)nfs_set_version(context, kVersion);
  nfs_set_auth(context, credentials(address_));
  nfs_set_dircache(context, 0);
  // A connection that is lost is replaced, and that is known, by the one who uses it.
  nfs_set_autoreconnect(context, 0);
}

bool NfsConnection::try_mount(const std::string& path, const std::stop_token& stop) {
  new_context();
  const auto start = [&](nfs_context* context, void* request) {
    return nfs_mount_async(context, address_.host.c_str(), path.c_str(), called_back, request);
  };
  if (const int status = run(start, {}, settings_.connect_timeout, stop); status < 0) {
    // The errno does not tell a portmapper's “not here” from a server's.
    if (last_words().find("MNT3ERR") == std::string::npos) throw_lost(last_words());
    return false;
  }
  // A server may let a file be mounted.
  RemoteEntry root;
  const auto look = [](nfs_context* context, void* request) {
    return nfs_lstat64_async(context, "/", called_back, request);
  };
  const auto take = [&](int, void* data) { root = entry_of(*static_cast<const nfs_stat_64*>(data)); };
  return run(look, take, settings_.connect_timeout, stop) >= 0 && root.kind == RemoteKind::folder;
}

void NfsConnection::mount(const std::stop_token& stop) {
  for (std::string path = address_.path;;) {
    if (try_mount(path, stop)) {
      mounted_ = path;
      return;
    }
    if (path == "/") break;
    path.resize(path.find_last_of('/'));
    if (path.empty()) path = "/";
  }
  in_progress_ = true;
  // Servers tell what they do not export and what they do not export to us in one way. Retryable, as one that starts
  // again may not have its exports yet.
  throw Error(
      ErrorCode::permission,
      trf("the NFS server lets this machine mount nothing that holds {}", nfs_url(address_, address_.path)),
      trf("'showmount -e {}' lists what it exports, and to whom. Have the folder exported to this machine; unless "
          "root runs Igudar, with the option “insecure” (/etc/exports).",
          address_.host))
      .as_retryable();
}

std::string NfsConnection::in_mount(const std::string& path) const {
  if (mounted_ == "/") return path;
  if (path == mounted_) return "/";
  if (path.starts_with(mounted_ + "/")) return path.substr(mounted_.size());
  throw Error(ErrorCode::not_found, trf("{} is outside of what is mounted", nfs_url(address_, path)));
}

bool NfsConnection::is_alive() const {
  // A server says nothing by itself: what is there to read is the end.
  pollfd waited{.fd = nfs_get_fd(context_.get()), .events = POLLIN, .revents = 0};
  return waited.fd >= 0 && ::poll(&waited, 1, 0) == 0;
}

int NfsConnection::stat(const std::string& path, RemoteEntry& entry, const std::stop_token& stop) {
  const std::string name = in_mount(path);
  return errno_of([&](nfs_context* context,
                      void* request) { return nfs_lstat64_async(context, name.c_str(), called_back, request); },
                  [&](int, void* data) { entry = entry_of(*static_cast<const nfs_stat_64*>(data)); }, stop);
}

int NfsConnection::make_folder(const std::string& path, unsigned mode, const std::stop_token& stop) {
  const std::string name = in_mount(path);
  if (name == "/") return EEXIST;
  return errno_of(
      [&](nfs_context* context, void* request) {
        return nfs_mkdir2_async(context, name.c_str(), static_cast<int>(mode), called_back, request);
      },
      {}, stop);
}

int NfsConnection::link(const std::string& from, const std::string& to, const std::stop_token& stop) {
  const std::string old_name = in_mount(from);
  const std::string new_name = in_mount(to);
  return errno_of(
      [&](nfs_context* context, void* request) {
        return nfs_link_async(context, old_name.c_str(), new_name.c_str(), called_back, request);
      },
      {}, stop);
}

int NfsConnection::rename(const std::string& from, const std::string& to, const std::stop_token& stop) {
  const std::string old_name = in_mount(from);
  const std::string new_name = in_mount(to);
  return errno_of(
      [&](nfs_context* context, void* request) {
        return nfs_rename_async(context, old_name.c_str(), new_name.c_str(), called_back, request);
      },
      {}, stop);
}

int NfsConnection::unlink(const std::string& path, const std::stop_token& stop) {
  const std::string name = in_mount(path);
  return errno_of([&](nfs_context* context,
                      void* request) { return nfs_unlink_async(context, name.c_str(), called_back, request); },
                  {}, stop);
}

int NfsConnection::list(const std::string& path, std::vector<RemoteEntry>& entries, const std::stop_token& stop) {
  const std::string name = in_mount(path);
  return errno_of([&](nfs_context* context,
                      void* request) { return nfs_opendir_async(context, name.c_str(), called_back, request); },
                  [&](int, void* data) {
                    auto* folder = static_cast<nfsdir*>(data);
                    while (const nfsdirent* found = nfs_readdir(context_.get(), folder)) {
                      RemoteEntry entry = entry_of(*found);
                      if (entry.name != "." && entry.name != "..") entries.push_back(std::move(entry));
                    }
                    nfs_closedir(context_.get(), folder);
                  },
                  stop);
}

NfsFile::~NfsFile() {
  if (handle_ == nullptr) return;
  const auto nobody_waits = [](int, nfs_context*, void*, void*) {};
  (void)nfs_close_async(connection_.context_.get(), handle_, nobody_waits, nullptr);
}

int NfsFile::open(const std::string& path, int flags, const std::stop_token& stop) {
  const std::string name = connection_.in_mount(path);
  return connection_.errno_of(
      [&](nfs_context* context, void* request) {
        return nfs_open2_async(context, name.c_str(), flags, static_cast<int>(kBeingWritten),
                               NfsConnection::called_back, request);
      },
      [&](int, void* data) { handle_ = static_cast<nfsfh*>(data); }, stop);
}

int NfsFile::write(std::uint64_t offset, ByteView bytes, const std::stop_token& stop) {
  while (!bytes.empty()) {
    // libnfs cuts it into what the server takes at once, and has all of that on its way together.
    const int status = connection_.ask(
        [&](nfs_context* context, void* request) {
          return nfs_pwrite_async(context, handle_, offset, bytes.size(), bytes.data(), NfsConnection::called_back,
                                  request);
        },
        {}, stop);
    if (status < 0) return -status;
    if (status == 0) return EIO;
    const auto written = std::min(bytes.size(), static_cast<std::size_t>(status));
    offset += written;
    bytes = bytes.subspan(written);
  }
  return 0;
}

int NfsFile::read(std::uint64_t offset, MutableByteView out, std::size_t& done, const std::stop_token& stop) {
  done = 0;
  while (done < out.size()) {
    const std::size_t wanted = std::min(out.size() - done, kReadAtOnce);
    std::size_t got = 0;
    const int status = connection_.ask(
        [&](nfs_context* context, void* request) {
          return nfs_pread_async(context, handle_, offset + done, wanted, NfsConnection::called_back, request);
        },
        [&](int size, void* data) {
          got = std::min(wanted, static_cast<std::size_t>(size));
          if (got > 0) std::memcpy(out.data() + done, data, got);
        },
        stop);
    if (status < 0) return -status;
    if (got == 0) break;
    done += got;
  }
  return 0;
}

int NfsFile::sync(const std::stop_token& stop) {
  return connection_.errno_of(
      [&](nfs_context* context, void* request) {
        return nfs_fsync_async(context, handle_, NfsConnection::called_back, request);
      },
      {}, stop);
}

int NfsFile::set_mode(unsigned mode, const std::stop_token& stop) {
  return connection_.errno_of(
      [&](nfs_context* context, void* request) {
        return nfs_fchmod_async(context, handle_, static_cast<int>(mode), NfsConnection::called_back, request);
      },
      {}, stop);
}

int NfsFile::stat(RemoteEntry& entry, const std::stop_token& stop) {
  return connection_.errno_of(
      [&](nfs_context* context, void* request) {
        return nfs_fstat64_async(context, handle_, NfsConnection::called_back, request);
      },
      [&](int, void* data) { entry = entry_of(*static_cast<const nfs_stat_64*>(data)); }, stop);
}

int NfsFile::close(const std::stop_token& stop) {
  nfsfh* handle = std::exchange(handle_, nullptr);
  return connection_.errno_of(
      [&](nfs_context* context, void* request) {
        return nfs_close_async(context, handle, NfsConnection::called_back, request);
      },
      {}, stop);
}

}  // namespace igudar
