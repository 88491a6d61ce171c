#include "fs/safe_tree.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/translate.h"
#include "fs/directory_names.h"
#include "fs/source_directory.h"

namespace igudar {

namespace {

// Something that comes back into the way this often is put there on purpose.
constexpr int kAttempts = 8;

bool is_hostile(std::string_view component) {
  return component.empty() || component == "." || component == ".." || component.find('\0') != std::string_view::npos;
}

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

int open_beneath(int root, const char* path, int flags) {
  struct open_how how = {};
  how.flags = static_cast<__u64>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof how));
}

// Removes what `name` is in `directory`, contents included, without following symlinks. False when there is none.
bool remove_name(int directory, const char* name, const std::string& path) {
  if (::unlinkat(directory, name, 0) == 0) return true;
  if (errno == ENOENT) return false;
  if (errno != EISDIR && errno != EPERM) throw_errno(errno, trf("cannot remove {}", path));
  const int why = errno;
  const UniqueFd inner(::openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!inner.valid()) throw_errno(errno == ENOTDIR || errno == ELOOP ? why : errno, trf("cannot remove {}", path));
  DirectoryNames found;
  const int error = read_names(inner.get(), found);
  if (error != 0) throw_errno(error, trf("cannot read the folder {}", path));
  for (const DirectoryNames::Name& entry : found.names)
    remove_name(inner.get(), found.c_str(entry), path + "/" + found.c_str(entry));
  if (::unlinkat(directory, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
    throw_errno(errno, trf("cannot remove {}", path));
  return true;
}

}  // namespace

SafeTree::SafeTree(const std::string& target, Options options)
    : target_(target), options_(options), root_(::open(target.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (!root_.valid()) throw_errno(errno, trf("cannot open the folder {}", target));
}

void SafeTree::check_path(std::string_view path) {
  for (std::string_view rest = path;;) {
    const std::size_t slash = rest.find('/');
    if (is_hostile(rest.substr(0, slash)))
      throw Error(ErrorCode::damaged, trf("the snapshot holds a name that leads nowhere: {}", path),
                  tr("It is not restored. Such a name is made by a damaged or hostile snapshot only."));
    if (slash == std::string_view::npos) return;
    rest.remove_prefix(slash + 1);
  }
}

bool SafeTree::make_directory(const std::string& path, InTheWay in_the_way) {
  const Place place = place_of(path);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (::mkdirat(place.directory->get(), place.name.c_str(), 0700) == 0) return true;
    if (errno != EEXIST) break;
    const auto there = read_stat(place.directory->get(), place.name.c_str());
    if (there && there->is_directory()) return false;
    clear_the_way(path, place, in_the_way);
    errno = EEXIST;
  }
  throw_errno(errno, trf("cannot create the folder {}", full_path(path)));
}

template <typename Make>
int SafeTree::make(const std::string& path, InTheWay in_the_way, Make attempt) {
  const Place place = place_of(path);
  for (int i = 0; i < kAttempts; ++i) {
    const int result = attempt(place.directory->get(), place.name.c_str());
    if (result >= 0) return result;
    if (errno != EEXIST) break;
    clear_the_way(path, place, in_the_way);
    errno = EEXIST;
  }
  throw_errno(errno, trf("cannot create {}", full_path(path)));
}

UniqueFd SafeTree::create_file(const std::string& path, InTheWay in_the_way) {
  return UniqueFd(make(path, in_the_way, [](int directory, const char* name) {
    return ::openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  }));
}

UniqueFd SafeTree::open_for_update(const std::string& path) {
  FileStat found;
  UniqueFd fd = open_file(path, O_RDWR, found);
  return fd.valid() && found.links == 1 ? std::move(fd) : UniqueFd();
}

UniqueFd SafeTree::open_for_reading(const std::string& path) {
  FileStat found;
  return open_file(path, O_RDONLY, found);
}

// What is no file is not even opened: that alone may have effects. `found` is what the descriptor has.
UniqueFd SafeTree::open_file(const std::string& path, int flags, FileStat& found) {
  const Place place = place_of(path);
  const auto there = read_stat(place.directory->get(), place.name.c_str());
  if (!there || !there->is_file()) return {};
  UniqueFd fd(open_unnoticed(place.directory->get(), place.name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.valid()) return {};
  const auto opened = read_stat(fd.get(), "");
  if (!opened || !opened->same_inode(*there)) return {};
  found = *opened;
  return fd;
}

void SafeTree::make_symlink(const std::string& path, const std::string& target, InTheWay in_the_way) {
  if (target.empty() || target.find('\0') != std::string::npos)
    throw Error(ErrorCode::damaged, trf("the snapshot holds a symlink without a target: {}", path));
  make(path, in_the_way, [&](int directory, const char* name) { return ::symlinkat(target.c_str(), directory, name); });
}

void SafeTree::make_node(const std::string& path, const Metadata& meta, InTheWay in_the_way) {
  mode_t type = S_IFIFO;
  if (meta.type == EntryType::socket) type = S_IFSOCK;
  if (meta.type == EntryType::char_device) type = S_IFCHR;
  if (meta.type == EntryType::block_device) type = S_IFBLK;
  const dev_t device = type == S_IFCHR || type == S_IFBLK ? ::makedev(meta.rdev_major, meta.rdev_minor) : 0;
  make(path, in_the_way,
       [&](int directory, const char* name) { return ::mknodat(directory, name, type | 0600, device); });
}

bool SafeTree::hard_link(const std::string& existing, const std::string& path, InTheWay in_the_way) {
  const Place from = place_of(existing);
  const Place to = place_of(path);
  const auto source = read_stat(from.directory->get(), from.name.c_str());
  const auto there = read_stat(to.directory->get(), to.name.c_str());
  if (source && there && source->same_inode(*there)) return false;
  make(path, in_the_way, [&](int directory, const char* name) {
    return ::linkat(from.directory->get(), from.name.c_str(), directory, name, 0);
  });
  return true;
}

bool SafeTree::remove_tree(const std::string& path) {
  const Place place = place_of(path);
  forget_below(path);
  return remove_name(place.directory->get(), place.name.c_str(), full_path(path));
}

std::vector<std::string> SafeTree::list_names(const std::string& path) {
  const UniqueFd fd = open(path, O_RDONLY | O_DIRECTORY);
  DirectoryNames found;
  const int error = read_names(fd.get(), found);
  if (error != 0) throw_errno(error, trf("cannot read the folder {}", full_path(path)));
  std::vector<std::string> names;
  names.reserve(found.names.size());
  for (const DirectoryNames::Name& name : found.names) names.emplace_back(found.view(name));
  return names;
}

std::optional<FileStat> SafeTree::stat(const std::string& path) {
  std::optional<FileStat> found;
  if (path.empty()) {
    found = read_stat(root_.get(), "");
  } else {
    const Place place = place_of(path);
    found = read_stat(place.directory->get(), place.name.c_str());
  }
  if (!found && errno != ENOENT) throw_errno(errno, trf("cannot read {}", full_path(path)));
  return found;
}

UniqueFd SafeTree::open(const std::string& path, int flags) {
  UniqueFd fd;
  if (path.empty()) {
    fd.reset(open_unnoticed(root_.get(), ".", flags));
  } else {
    const Place place = place_of(path);
    fd.reset(open_unnoticed(place.directory->get(), place.name.c_str(), flags | O_NOFOLLOW));
  }
  if (!fd.valid()) throw_errno(errno, trf("cannot open {}", full_path(path)));
  return fd;
}

std::string SafeTree::full_path(std::string_view path) const {
  if (path.empty()) return target_;
  std::string full = target_;
  if (!full.ends_with('/')) full += '/';
  return full.append(path);
}

SafeTree::Place SafeTree::place_of(const std::string& path) {
  check_path(path);
  return {directory(std::string(parent_of(path))), std::string(name_of(path))};
}

SafeTree::DirectoryFd SafeTree::directory(const std::string& path) {
  DirectoryFd known = recent_.with([&](Recent& recent) -> DirectoryFd {
    const auto found = recent.by_path.find(path);
    if (found == recent.by_path.end()) return nullptr;
    recent.order.splice(recent.order.begin(), recent.order, found->second);
    return found->second->second;
  });
  if (known) return known;

  auto opened = std::make_shared<const UniqueFd>(open_directory(path));
  recent_.with([&](Recent& recent) {
    if (recent.by_path.contains(path)) return;
    recent.order.emplace_front(path, opened);
    recent.by_path.emplace(recent.order.front().first, recent.order.begin());
    if (recent.order.size() <= options_.open_directories) return;
    recent.by_path.erase(recent.order.back().first);
    recent.order.pop_back();
  });
  return opened;
}

UniqueFd SafeTree::open_directory(const std::string& path) const {
  const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd fd;
  if (path.empty()) {
    fd.reset(::openat(root_.get(), ".", flags));
  } else if (options_.one_component_at_a_time) {
    fd = open_by_components(path);
  } else {
    fd.reset(open_beneath(root_.get(), path.c_str(), flags));
    // EAGAIN: something was renamed meanwhile and the kernel could not tell whether it led outside.
    if (!fd.valid() && (errno == ENOSYS || errno == EPERM || errno == EAGAIN || errno == ENAMETOOLONG))
      fd = open_by_components(path);
  }
  if (!fd.valid()) {
    const int why = errno;
    Error error = errno_error(why, trf("cannot enter the folder {}", full_path(path)));
    if (why == ELOOP || why == ENOTDIR || why == EXDEV)
      error.with_hint(
          tr("A symlink or a file stands where the snapshot has a folder; move it away and restore again."));
    throw error;
  }
  return fd;
}

UniqueFd SafeTree::open_by_components(const std::string& path) const {
  UniqueFd at;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t to = std::min(path.find('/', from), path.size());
    at.reset(::openat(at.valid() ? at.get() : root_.get(), path.substr(from, to - from).c_str(),
                      O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!at.valid()) break;
    from = to + 1;
  }
  return at;
}

void SafeTree::forget_below(const std::string& path) {
  recent_.with([&](Recent& recent) {
    std::erase_if(recent.order, [&](const auto& entry) {
      const std::string& known = entry.first;
      const bool below = known.starts_with(path) && (known.size() == path.size() || known[path.size()] == '/');
      if (below) recent.by_path.erase(known);
      return below;
    });
  });
}

void SafeTree::require_removable(const std::string& path, const FileStat& there, InTheWay in_the_way) const {
  const bool removable =
      in_the_way == InTheWay::replace_with_all || (in_the_way == InTheWay::replace && !there.is_directory());
  if (!removable)
    throw Error(ErrorCode::already_exists, trf("{} exists already and is of another kind", full_path(path)),
                tr("Move it away, or let the restore replace it."));
}

void SafeTree::clear_the_way(const std::string& path, const Place& place, InTheWay in_the_way) {
  const auto there = read_stat(place.directory->get(), place.name.c_str());
  if (!there) return;
  require_removable(path, *there, in_the_way);
  forget_below(path);
  if (there->is_directory()) {
    remove_name(place.directory->get(), place.name.c_str(), full_path(path));
  } else if (::unlinkat(place.directory->get(), place.name.c_str(), 0) != 0 && errno != ENOENT && errno != EISDIR) {
    throw_errno(errno, trf("cannot replace {}", full_path(path)));
  }
}

}  // namespace igudar
