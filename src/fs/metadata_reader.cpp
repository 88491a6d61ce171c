#include "fs/metadata_reader.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/fs.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>

#include "base/translate.h"
#include "concurrency/guarded.h"
#include "fs/account_lookup.h"

namespace igudar {

namespace {

class NameCache {
 public:
  template <typename LookUp>
  std::string name_of(std::uint32_t id, LookUp look_up) {
    return names_.with([&](auto& names) {
      const auto known = names.find(id);
      return known != names.end() ? known->second : names.emplace(id, look_up(id)).first->second;
    });
  }

 private:
  Guarded<std::unordered_map<std::uint32_t, std::string>> names_;
};

bool means_none(int error) {
  return error == ENOTSUP || error == ENOTTY || error == ENOSYS;  // Linux: ENOTSUP is EOPNOTSUPP
}

// Where the attributes are read from: an open descriptor, or a path that may end in a symlink.
class XattrSource {
 public:
  explicit XattrSource(int fd) : fd_(fd) {}
  explicit XattrSource(std::string path) : path_(std::move(path)) {}

  ssize_t list(char* into, std::size_t size) const {
    return fd_ >= 0 ? ::flistxattr(fd_, into, size) : ::llistxattr(path_.c_str(), into, size);
  }
  ssize_t get(const char* name, void* into, std::size_t size) const {
    return fd_ >= 0 ? ::fgetxattr(fd_, name, into, size) : ::lgetxattr(path_.c_str(), name, into, size);
  }

 private:
  int fd_ = -1;
  std::string path_;
};

// Calls read(buffer, size) with a buffer that grows as long as it answers ERANGE. Returns the length, or -1 with errno.
template <typename Buffer, typename Read>
ssize_t read_growing(Buffer& buffer, std::size_t first_size, Read read) {
  constexpr std::size_t kMost = std::size_t{1} << 24;
  buffer.resize(first_size);
  for (;;) {
    const ssize_t got = read(buffer.data(), buffer.size());
    if (got >= 0) buffer.resize(static_cast<std::size_t>(got));
    if (got >= 0 || errno != ERANGE || buffer.size() >= kMost) return got;
    buffer.resize(buffer.size() * 4);
  }
}

class Completion {
 public:
  Completion(const SourceName& source, const MetadataOptions& options, Metadata& meta)
      : source_(source), options_(options), meta_(meta), parent_(source.directory->fd()) {}

  void run(int open_fd) {
    UniqueFd own;
    if (open_fd < 0 && meta_.type == EntryType::directory) {
      own.reset(open_unnoticed(parent_->get(), source_.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
      open_fd = own.get();
    }
    meta_.user = user_name(meta_.uid);
    meta_.group = group_name(meta_.gid);
    if (meta_.type == EntryType::symlink) read_link_target();
    if (open_fd >= 0) read_flags(open_fd);
    read_xattrs(open_fd >= 0 ? XattrSource(open_fd) : XattrSource(magic_path()));
  }

 private:
  // Names the entry through its directory's descriptor, as the path calls for attributes want it.
  std::string magic_path() const { return "/proc/self/fd/" + std::to_string(parent_->get()) + "/" + source_.name; }

  void report(int error, const char* what) const {
    if (options_.on_problem) options_.on_problem(errno_error(error, trf(what, source_.path())));
  }

  void read_link_target() {
    std::string target(256, '\0');
    for (;;) {
      const ssize_t got = ::readlinkat(parent_->get(), source_.name.c_str(), target.data(), target.size());
      if (got < 0) return report(errno, N_("cannot read the target of the symlink {}"));
      if (static_cast<std::size_t>(got) < target.size()) {
        target.resize(static_cast<std::size_t>(got));
        break;
      }
      target.resize(target.size() * 2);
    }
    meta_.link_target = std::move(target);
  }

  void read_flags(int fd) {
    // The kernel writes an int, whatever the request's name says.
    unsigned int flags = 0;
    if (::ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0) {
      meta_.flags = user_settable_flags(flags);
    } else if (!means_none(errno)) {
      report(errno, N_("cannot read the file attributes (lsattr) of {}"));
    }
  }

  void read_xattrs(const XattrSource& from) {
    std::string names;
    if (read_growing(names, 1024, [&](char* p, std::size_t n) { return from.list(p, n); }) < 0) {
      if (!means_none(errno)) report(errno, N_("cannot list the extended attributes of {}"));
      return;
    }
    for (std::size_t at = 0; at < names.size();) {
      const std::string name = names.c_str() + at;
      at += name.size() + 1;
      if (!options_.keep_xattr || options_.keep_xattr(name)) read_xattr(from, name);
    }
    std::sort(meta_.xattrs.begin(), meta_.xattrs.end(), [](const Xattr& a, const Xattr& b) { return a.name < b.name; });
  }

  void read_xattr(const XattrSource& from, const std::string& name) {
    Xattr xattr{.name = name, .value = {}};
    if (read_growing(xattr.value, 256, [&](void* p, std::size_t n) { return from.get(name.c_str(), p, n); }) >= 0) {
      meta_.xattrs.push_back(std::move(xattr));
    } else if (!means_none(errno) && errno != ENODATA) {  // ENODATA: removed since the list was read
      report(errno, N_("cannot read an extended attribute of {}"));
    }
  }

  const SourceName& source_;
  const MetadataOptions& options_;
  Metadata& meta_;
  const std::shared_ptr<const UniqueFd> parent_;
};

}  // namespace

std::uint32_t user_settable_flags(std::uint32_t flags) {
  return flags & FS_FL_USER_MODIFIABLE;
}

std::string user_name(std::uint32_t uid) {
  static NameCache cache;
  return cache.name_of(uid, [](std::uint32_t id) {
    const auto get = [id](passwd* p, char* b, std::size_t n, passwd** found) {
      return ::getpwuid_r(id, p, b, n, found);
    };
    return look_up_account<passwd>(get, [](const passwd& user) { return std::string(user.pw_name); }).value_or("");
  });
}

std::string group_name(std::uint32_t gid) {
  static NameCache cache;
  return cache.name_of(gid, [](std::uint32_t id) {
    using Group = struct group;
    const auto get = [id](Group* g, char* b, std::size_t n, Group** found) { return ::getgrgid_r(id, g, b, n, found); };
    return look_up_account<Group>(get, [](const Group& group) { return std::string(group.gr_name); }).value_or("");
  });
}

void complete_metadata(const SourceName& source, int open_fd, const MetadataOptions& options, Metadata& meta) {
  try {
    Completion(source, options, meta).run(open_fd);
  } catch (const Error& error) {
    if (options.on_problem) options.on_problem(error);
  }
}

}  // namespace igudar
