#include "store/posix_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "base/hex.h"

namespace igudar {

int open_in(int folder_fd, const std::string& name, int flags, unsigned mode, UniqueFd& opened) {
  for (;;) {
    const int fd = ::openat(folder_fd, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd >= 0) {
      opened.reset(fd);
      return 0;
    }
    if (errno != EINTR) return errno;
  }
}

int open_folder_in(int folder_fd, const std::string& name, UniqueFd& opened) {
  return open_in(folder_fd, name, O_RDONLY | O_DIRECTORY, 0, opened);
}

int open_regular_in(int folder_fd, const std::string& name, UniqueFd& opened, std::uint64_t& size) {
  // O_NONBLOCK: opening a FIFO must not wait for its other end.
  UniqueFd fd;
  if (const int error = open_in(folder_fd, name, O_RDONLY | O_NONBLOCK, 0, fd); error != 0)
    return error == ELOOP || error == ENXIO ? ENOTSUP : error;
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errno;
  if (!S_ISREG(info.st_mode)) return ENOTSUP;
  size = static_cast<std::uint64_t>(info.st_size);
  opened = std::move(fd);
  return 0;
}

int sync_content(int fd) {
  while (::fdatasync(fd) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

int sync_folder(int folder_fd) {
  while (::fsync(folder_fd) != 0) {
    if (errno == EINVAL || errno == ENOTSUP) return 0;
    if (errno != EINTR) return errno;
  }
  return 0;
}

int list_names(int folder_fd, std::vector<std::string>& names) {
  // A descriptor of its own: the position in a folder belongs to the open file, which other threads share.
  UniqueFd own;
  if (const int error = open_folder_in(folder_fd, ".", own); error != 0) return error;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(own.get()), &::closedir);
  if (!folder) return errno;
  (void)own.release();
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) return errno;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
}

int move_by_link(int from_folder, const std::string& from, int to_folder, const std::string& to) {
  if (::linkat(from_folder, from.c_str(), to_folder, to.c_str(), 0) != 0) {
    const int error = errno;
    if (error != EEXIST) return error == EPERM || error == ENOSYS ? EOPNOTSUPP : error;
    // NFS: the reply to a link that succeeded may get lost, and its repetition finds our own link.
    struct stat source {};
    struct stat target {};
    const bool ours = ::fstatat(from_folder, from.c_str(), &source, AT_SYMLINK_NOFOLLOW) == 0 &&
                      ::fstatat(to_folder, to.c_str(), &target, AT_SYMLINK_NOFOLLOW) == 0 &&
                      source.st_dev == target.st_dev && source.st_ino == target.st_ino;
    if (!ours) return EEXIST;
  }
  // The object is there whatever becomes of its temporary name; a name left behind is removed as stale.
  (void)::unlinkat(from_folder, from.c_str(), 0);
  return 0;
}

int move_without_replacing(int from_folder, const std::string& from, int to_folder, const std::string& to) {
  if (::renameat2(from_folder, from.c_str(), to_folder, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) return move_by_link(from_folder, from, to_folder, to);
  return errno;
}

std::string random_name() {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t got = ::getrandom(bytes.data() + done, bytes.size() - done, 0);
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  return to_hex(bytes);
}

}  // namespace igudar
