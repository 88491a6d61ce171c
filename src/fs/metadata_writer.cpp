#include "fs/metadata_writer.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <unordered_map>

#include "base/translate.h"
#include "concurrency/guarded.h"
#include "fs/account_lookup.h"
#include "fs/metadata_reader.h"

namespace igudar {

namespace {

class IdCache {
 public:
  template <typename LookUp>
  std::optional<std::uint32_t> id_of(const std::string& name, LookUp look_up) {
    return ids_.with([&](auto& ids) {
      const auto known = ids.find(name);
      return known != ids.end() ? known->second : ids.emplace(name, look_up(name.c_str())).first->second;
    });
  }

 private:
  Guarded<std::unordered_map<std::string, std::optional<std::uint32_t>>> ids_;
};

std::uint32_t local_uid(const Metadata& meta, bool numeric) {
  static IdCache cache;
  if (numeric || meta.user.empty()) return meta.uid;
  const auto look_up = [](const char* name) {
    const auto get = [name](passwd* p, char* b, std::size_t n, passwd** found) {
      return ::getpwnam_r(name, p, b, n, found);
    };
    return look_up_account<passwd>(get, [](const passwd& user) { return user.pw_uid; });
  };
  return cache.id_of(meta.user, look_up).value_or(meta.uid);
}

std::uint32_t local_gid(const Metadata& meta, bool numeric) {
  static IdCache cache;
  if (numeric || meta.group.empty()) return meta.gid;
  const auto look_up = [](const char* name) {
    using Group = struct group;
    const auto get = [name](Group* g, char* b, std::size_t n, Group** found) {
      return ::getgrnam_r(name, g, b, n, found);
    };
    return look_up_account<Group>(get, [](const Group& group) { return group.gr_gid; });
  };
  return cache.id_of(meta.group, look_up).value_or(meta.gid);
}

bool is_acl(std::string_view name) {
  return name.starts_with("system.posix_acl_");
}

// What an entry must not have unless its metadata says so; labels of the system's own are left alone.
bool is_ours_to_remove(std::string_view name) {
  return is_acl(name) || name.starts_with("user.");
}

// An entry held open, really or by O_PATH only; the latter is reached through /proc, which leads to the very inode.
class Handle {
 public:
  Handle(int fd, bool path_only) : fd_(fd), path_only_(path_only), magic_("/proc/self/fd/" + std::to_string(fd)) {}

  bool path_only() const { return path_only_; }
  int fd() const { return fd_; }
  int change_owner(uid_t uid, gid_t gid) const { return ::fchownat(fd_, "", uid, gid, AT_EMPTY_PATH); }
  int change_mode(mode_t mode) const { return path_only_ ? ::chmod(magic_.c_str(), mode) : ::fchmod(fd_, mode); }
  int change_times(const struct timespec* times) const {
    return path_only_ ? ::utimensat(AT_FDCWD, magic_.c_str(), times, 0) : ::futimens(fd_, times);
  }
  int set_xattr(const Xattr& x) const {
    return path_only_ ? ::setxattr(magic_.c_str(), x.name.c_str(), x.value.data(), x.value.size(), 0)
                      : ::fsetxattr(fd_, x.name.c_str(), x.value.data(), x.value.size(), 0);
  }
  int remove_xattr(const char* name) const {
    return path_only_ ? ::removexattr(magic_.c_str(), name) : ::fremovexattr(fd_, name);
  }
  ssize_t get_xattr(const char* name, void* into, std::size_t size) const {
    return path_only_ ? ::getxattr(magic_.c_str(), name, into, size) : ::fgetxattr(fd_, name, into, size);
  }
  ssize_t list_xattrs(char* into, std::size_t size) const {
    return path_only_ ? ::listxattr(magic_.c_str(), into, size) : ::flistxattr(fd_, into, size);
  }

 private:
  int fd_;
  bool path_only_;
  std::string magic_;
};

struct timespec timespec_of(TimeNs time) {
  // Rounded down, since tv_nsec is never negative.
  TimeNs seconds = time / kNsPerSecond;
  if (time % kNsPerSecond < 0) --seconds;
  return {.tv_sec = seconds, .tv_nsec = time - seconds * kNsPerSecond};
}

// Immutable and append-only entries take no changes.
constexpr std::uint32_t kLockingFlags = FS_IMMUTABLE_FL | FS_APPEND_FL;

class Application {
 public:
  Application(const Handle& entry, std::string full_path, const Metadata& meta, const ApplyOptions& options)
      : entry_(entry), path_(std::move(full_path)), meta_(meta), options_(options) {}

  void run() {
    if (options_.owners) set_owner();
    if (options_.xattrs) remove_foreign_xattrs();
    if (options_.xattrs) set_xattrs(false);
    if (meta_.type != EntryType::symlink) set_mode();
    if (options_.xattrs) set_xattrs(true);
    if (options_.times) set_times();
    if (options_.flags && meta_.flags != 0 && !entry_.path_only()) set_flags();
  }

  // Whether run() would change nothing.
  bool is_done() const {
    const auto now = read_stat(entry_.fd(), "");
    return now && has_stat(*now) && (!options_.xattrs || has_xattrs()) && (!options_.flags || has_flags());
  }

 private:
  void report(const char* what) const {
    const int why = errno;
    if (options_.on_problem) options_.on_problem(errno_error(why, trf(what, path_)));
  }

  void set_owner() {
    const std::uint32_t uid = local_uid(meta_, options_.numeric_ids);
    const std::uint32_t gid = local_gid(meta_, options_.numeric_ids);
    if (entry_.change_owner(uid, gid) != 0) return report(N_("cannot set the owner of {}"));
    owner_is_set_ = true;
  }

  // Those to remove; nullopt, with errno set, when they cannot be listed.
  std::optional<std::vector<std::string>> foreign_xattrs() const {
    std::string names(1024, '\0');
    ssize_t got = entry_.list_xattrs(names.data(), names.size());
    if (got < 0 && errno == ERANGE) {
      names.resize(std::size_t{1} << 16);
      got = entry_.list_xattrs(names.data(), names.size());
    }
    std::vector<std::string> foreign;
    if (got < 0 && errno != ENOTSUP) return std::nullopt;
    names.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    for (std::size_t at = 0; at < names.size();) {
      std::string name = names.c_str() + at;
      at += name.size() + 1;
      const bool wanted =
          std::any_of(meta_.xattrs.begin(), meta_.xattrs.end(), [&](const Xattr& x) { return x.name == name; });
      if (!wanted && is_ours_to_remove(name)) foreign.push_back(std::move(name));
    }
    return foreign;
  }

  void remove_foreign_xattrs() {
    const std::optional<std::vector<std::string>> foreign = foreign_xattrs();
    if (!foreign) return;
    for (const std::string& name : *foreign)
      if (entry_.remove_xattr(name.c_str()) != 0) report(N_("cannot remove an extended attribute of {}"));
  }

  void set_xattrs(bool acls) {
    for (const Xattr& xattr : meta_.xattrs)
      if (is_acl(xattr.name) == acls && entry_.set_xattr(xattr) != 0)
        report(acls ? N_("cannot set the access control list of {}") : N_("cannot set an extended attribute of {}"));
  }

  // The bits that run a program as its owner are for that owner only.
  mode_t mode_for(const std::optional<FileStat>& now) const {
    mode_t mode = meta_.mode & 07777;
    if (!now || now->uid != local_uid(meta_, options_.numeric_ids)) mode &= ~static_cast<mode_t>(S_ISUID);
    if (!now || now->gid != local_gid(meta_, options_.numeric_ids)) mode &= ~static_cast<mode_t>(S_ISGID);
    return mode;
  }

  void set_mode() {
    mode_t mode = meta_.mode & 07777;
    if ((mode & (S_ISUID | S_ISGID)) != 0 && !owner_is_set_) mode = mode_for(read_stat(entry_.fd(), ""));
    if (entry_.change_mode(mode) != 0) report(N_("cannot set the mode of {}"));
  }

  void set_times() {
    struct timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, timespec_of(meta_.mtime)};
    if (meta_.atime) times[0] = timespec_of(*meta_.atime);
    if (entry_.change_times(times) != 0) report(N_("cannot set the times of {}"));
  }

  void set_flags() {
    unsigned int flags = 0;  // the kernel takes an int, whatever the request's name says
    if (::ioctl(entry_.fd(), FS_IOC_GETFLAGS, &flags) == 0) {
      flags = (flags & ~user_settable_flags(~0U)) | user_settable_flags(meta_.flags);
      if (::ioctl(entry_.fd(), FS_IOC_SETFLAGS, &flags) == 0) return;
    }
    report(N_("cannot set the file attributes (chattr) of {}"));
  }

  bool has_stat(const FileStat& now) const {
    const bool has_owner = !options_.owners || (now.uid == local_uid(meta_, options_.numeric_ids) &&
                                                now.gid == local_gid(meta_, options_.numeric_ids));
    const bool has_times =
        !options_.times || (now.mtime == meta_.mtime && now.atime == meta_.atime.value_or(now.atime));
    return has_owner && has_times && (now.mode & 07777) == mode_for(now);
  }

  bool has_xattrs() const {
    const std::optional<std::vector<std::string>> foreign = foreign_xattrs();
    return foreign && foreign->empty() &&
           std::all_of(meta_.xattrs.begin(), meta_.xattrs.end(), [&](const Xattr& x) { return has_xattr(x); });
  }

  bool has_xattr(const Xattr& wanted) const {
    Bytes value(wanted.value.size() + 1);
    const ssize_t got = entry_.get_xattr(wanted.name.c_str(), value.data(), value.size());
    if (got < 0) return false;
    value.resize(static_cast<std::size_t>(got));
    return value == wanted.value;
  }

  bool has_flags() const {
    unsigned int now = 0;  // as in set_flags
    if (::ioctl(entry_.fd(), FS_IOC_GETFLAGS, &now) != 0 && errno != ENOTTY && errno != ENOTSUP) return false;
    return meta_.flags != 0 ? user_settable_flags(now) == user_settable_flags(meta_.flags) : (now & kLockingFlags) == 0;
  }

  const Handle& entry_;
  const std::string path_;
  const Metadata& meta_;
  const ApplyOptions& options_;
  bool owner_is_set_ = false;
};

bool is_of_type(const FileStat& stat, EntryType type) {
  return metadata_of(stat, false).type == type;
}

}  // namespace

bool can_change_owners() {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, data) != 0) return ::geteuid() == 0;
  return (data[CAP_TO_INDEX(CAP_CHOWN)].effective & CAP_TO_MASK(CAP_CHOWN)) != 0;
}

void apply_metadata(SafeTree& tree, const std::string& path, int open_fd, const Metadata& meta,
                    const ApplyOptions& options) {
  try {
    UniqueFd own;
    bool path_only = false;
    if (open_fd < 0) {
      // Opening a device or a fifo has effects; a directory without read permission cannot be opened by its owner.
      const bool may_open = meta.type == EntryType::file || meta.type == EntryType::directory;
      if (may_open && meta.flags != 0 && options.flags) own = tree.open(path, O_RDONLY | O_NONBLOCK);
      path_only = !own.valid();
      if (path_only) own = tree.open(path, O_PATH);
    }
    const int fd = own.valid() ? own.get() : open_fd;
    const auto now = read_stat(fd, "");
    if (!now || !is_of_type(*now, meta.type))
      throw Error(ErrorCode::conflict, trf("{} was replaced during the restore", tree.full_path(path)));
    const Handle entry(fd, path_only);
    Application application(entry, tree.full_path(path), meta, options);
    if ((meta.flags & kLockingFlags) != 0 && !path_only && application.is_done()) return;
    application.run();
  } catch (const Error& error) {
    if (options.on_problem) options.on_problem(error);
  }
}

bool has_metadata(int fd, const Metadata& meta, const ApplyOptions& options) {
  return Application(Handle(fd, false), {}, meta, options).is_done();
}

}  // namespace igudar
