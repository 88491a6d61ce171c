#include "fs/source_directory.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

namespace {
constexpr std::size_t kMostOpen = 4096;
}

OpenDirectories::OpenDirectories() : limit_(kMostOpen) {
  struct rlimit files;
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) limit_ = std::min<std::size_t>(limit_, files.rlim_cur / 4);
}

bool OpenDirectories::admit(DirectoryUse use) {
  const std::size_t quarter = limit_ / 4;
  const std::size_t limit = use == DirectoryUse::files_ahead     ? limit_ - 2 * quarter
                            : use == DirectoryUse::folders_ahead ? limit_ - quarter
                                                                 : limit_;
  if (open_.fetch_add(1, std::memory_order_relaxed) < limit) return true;
  leave();
  return false;
}

int open_unnoticed(int directory_fd, const char* name, int flags) {
  const int fd = ::openat(directory_fd, name, flags | O_CLOEXEC | O_NOATIME);
  if (fd >= 0 || errno != EPERM) return fd;
  return ::openat(directory_fd, name, flags | O_CLOEXEC);
}

SourceDirectory::SourceDirectory(std::shared_ptr<const SourceDirectory> parent, std::string name,
                                 std::shared_ptr<OpenDirectories> open_directories)
    : parent_(std::move(parent)), name_(std::move(name)), open_directories_(std::move(open_directories)) {}

SourceDirectory::~SourceDirectory() {
  held_.with([&](Held& held) {
    if (held.fd) open_directories_->leave();
  });
}

void SourceDirectory::hold(std::shared_ptr<const UniqueFd> fd, const FileStat& identity, DirectoryUse use) {
  const bool admitted = open_directories_->admit(use);
  held_.with([&](Held& held) {
    if (held.fd) open_directories_->leave();
    held = {
        .fd = admitted ? std::move(fd) : nullptr, .known = true, .device = identity.device, .inode = identity.inode};
  });
}

std::shared_ptr<const UniqueFd> SourceDirectory::fd() const {
  const Held held = held_.with([](const Held& h) { return h; });
  if (held.fd) return held.fd;
  UniqueFd fd = open(O_PATH);
  if (held.known) {
    const std::optional<FileStat> now = read_stat(fd.get(), "");
    if (!now) throw_errno(errno, trf("cannot read the folder {}", path()));
    if (now->device != held.device || now->inode != held.inode)
      throw Error(ErrorCode::conflict, trf("another folder took the place of {} during the backup", path()));
  }
  auto opened = std::make_shared<const UniqueFd>(std::move(fd));
  // The files of a folder come one after another: the next one finds it open.
  if (held.known && open_directories_->admit(DirectoryUse::files_now))
    held_.with([&](Held& h) {
      if (h.fd)
        open_directories_->leave();
      else
        h.fd = opened;
    });
  return opened;
}

UniqueFd SourceDirectory::open(int flags) const {
  const auto parent = parent_ ? parent_->fd() : nullptr;
  const int follow = parent_ ? O_NOFOLLOW : 0;
  UniqueFd fd(::openat(parent ? parent->get() : AT_FDCWD, name_.c_str(), flags | follow | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) throw_errno(errno, trf("cannot open the folder {}", path()));
  return fd;
}

int SourceDirectory::open_for_listing() const {
  const auto parent = parent_ ? parent_->fd() : nullptr;
  return open_unnoticed(parent ? parent->get() : AT_FDCWD, name_.c_str(),
                        O_RDONLY | O_DIRECTORY | (parent_ ? O_NOFOLLOW : 0));
}

std::string SourceDirectory::path() const {
  return parent_ ? parent_->path_of(name_) : name_;
}

std::string SourceDirectory::path_of(const std::string& name) const {
  std::string full = path();
  if (name == ".") return full;
  if (full.empty() || full.back() != '/') full += '/';
  return full + name;
}

UniqueFd SourceName::open(int flags) const {
  const auto parent = directory->fd();
  UniqueFd fd(open_unnoticed(parent->get(), name.c_str(), flags | O_NOFOLLOW));
  if (!fd.valid()) throw_errno(errno, trf("cannot open {}", path()));
  return fd;
}

}  // namespace igudar
