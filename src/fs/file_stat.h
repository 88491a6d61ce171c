#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "format/entry.h"

namespace igudar {

// What one statx says of a name: all that is needed to see whether an entry changed since the last backup.
struct FileStat {
  TimeNs mtime = 0;
  TimeNs ctime = 0;
  TimeNs atime = 0;
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  std::uint64_t size = 0;
  std::uint64_t allocated = 0;  // bytes on disk
  std::uint32_t mode = 0;       // st_mode in full, the type included
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t links = 0;
  std::uint32_t rdev_major = 0;
  std::uint32_t rdev_minor = 0;
  bool mounted = false;  // something is mounted on the name; never said by kernels before 5.8

  bool is_directory() const { return S_ISDIR(mode); }
  bool is_file() const { return S_ISREG(mode); }
  bool same_inode(const FileStat& other) const { return inode == other.inode && device == other.device; }
};

// One statx of `name` in the directory `directory_fd`; a symlink is itself. "" means what the descriptor has open.
// nullopt, with errno set, when it fails. Never mounts an automount point.
std::optional<FileStat> read_stat(int directory_fd, const char* name);

// The metadata that a FileStat gives without another system call; complete_metadata() adds the rest.
Metadata metadata_of(const FileStat& stat, bool with_atime);

// True when nothing that one statx shows differs from what was kept of the entry: its content and the rest of its
// metadata can be taken over, as far as the file system keeps ctime truthfully.
bool is_unchanged(const FileStat& now, const Metadata& kept);

}  // namespace igudar
