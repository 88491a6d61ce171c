#include "fs/file_stat.h"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include <algorithm>

namespace igudar {

namespace {

// Clamped to the years 1677 to 2262, which is what 64 bits of nanoseconds hold.
TimeNs time_of(const struct statx_timestamp& t) {
  constexpr TimeNs kMostSeconds = 9'223'372'036;
  return std::clamp<TimeNs>(t.tv_sec, -kMostSeconds, kMostSeconds - 1) * kNsPerSecond + static_cast<TimeNs>(t.tv_nsec);
}

EntryType type_of(std::uint32_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return EntryType::directory;
    case S_IFLNK:
      return EntryType::symlink;
    case S_IFIFO:
      return EntryType::fifo;
    case S_IFSOCK:
      return EntryType::socket;
    case S_IFCHR:
      return EntryType::char_device;
    case S_IFBLK:
      return EntryType::block_device;
    default:
      return EntryType::file;
  }
}

bool is_device(EntryType type) {
  return type == EntryType::char_device || type == EntryType::block_device;
}

}  // namespace

std::optional<FileStat> read_stat(int directory_fd, const char* name) {
  struct statx s;
  const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (*name == '\0' ? AT_EMPTY_PATH : 0);
  if (::statx(directory_fd, name, flags, STATX_BASIC_STATS, &s) != 0) return std::nullopt;
  FileStat stat;
  stat.mtime = time_of(s.stx_mtime);
  stat.ctime = time_of(s.stx_ctime);
  stat.atime = time_of(s.stx_atime);
  stat.inode = s.stx_ino;
  stat.device = ::makedev(s.stx_dev_major, s.stx_dev_minor);
  stat.size = s.stx_size;
  stat.allocated = s.stx_blocks * 512;
  stat.mode = s.stx_mode;
  stat.uid = s.stx_uid;
  stat.gid = s.stx_gid;
  stat.links = s.stx_nlink;
  stat.rdev_major = s.stx_rdev_major;
  stat.rdev_minor = s.stx_rdev_minor;
  stat.mounted = (s.stx_attributes & s.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
  return stat;
}

Metadata metadata_of(const FileStat& stat, bool with_atime) {
  Metadata meta;
  meta.type = type_of(stat.mode);
  meta.mode = stat.mode & 07777;
  meta.uid = stat.uid;
  meta.gid = stat.gid;
  meta.mtime = stat.mtime;
  meta.ctime = stat.ctime;
  if (with_atime) meta.atime = stat.atime;
  meta.inode = stat.inode;
  if (!stat.is_directory()) meta.links = stat.links;
  if (meta.links > 1) meta.device = stat.device;
  if (is_device(meta.type)) {
    meta.rdev_major = stat.rdev_major;
    meta.rdev_minor = stat.rdev_minor;
  }
  if (stat.is_file()) meta.size = stat.size;
  return meta;
}

bool is_unchanged(const FileStat& now, const Metadata& kept) {
  const std::uint64_t links = now.is_directory() ? 1 : now.links;
  return type_of(now.mode) == kept.type && now.ctime == kept.ctime && now.mtime == kept.mtime &&
         (!now.is_file() || now.size == kept.size) && now.inode == kept.inode && (now.mode & 07777) == kept.mode &&
         now.uid == kept.uid && now.gid == kept.gid && links == kept.links &&
         (links == 1 || now.device == kept.device) &&
         (!is_device(kept.type) || (now.rdev_major == kept.rdev_major && now.rdev_minor == kept.rdev_minor));
}

}  // namespace igudar
