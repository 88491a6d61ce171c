#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/hash.h"

namespace igudar {

// One name in a snapshot and all that is kept of it. The bytes on disk: docs/format.md, "Entries".

enum class EntryType : std::uint8_t {
  file = 1,
  directory = 2,
  symlink = 3,
  fifo = 4,
  socket = 5,
  char_device = 6,
  block_device = 7,
};

struct Xattr {
  std::string name;  // with its namespace: "user.x", "system.posix_acl_access"
  Bytes value;
  bool operator==(const Xattr&) const = default;
};

struct Metadata {
  EntryType type = EntryType::file;
  std::uint32_t mode = 0;  // permission bits with setuid, setgid and sticky: 07777
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string user;  // empty when the id has no name
  std::string group;
  TimeNs mtime = 0;
  TimeNs ctime = 0;
  std::optional<TimeNs> atime;  // only where asked for
  std::uint64_t inode = 0;
  std::uint64_t links = 1;       // st_nlink; of directories always 1
  std::uint64_t device = 0;      // st_dev where links > 1 (with inode it names the hard link), else 0
  std::uint32_t rdev_major = 0;  // of devices
  std::uint32_t rdev_minor = 0;
  std::uint32_t flags = 0;    // chattr flags (FS_IOC_GETFLAGS), those that a user can set
  std::uint64_t size = 0;     // of files, in bytes
  std::string link_target;    // of symlinks, raw bytes
  std::vector<Xattr> xattrs;  // sorted by name; POSIX ACLs are among them
  bool operator==(const Metadata&) const = default;
};

// A stretch of a file: a chunk of `size` bytes, or a hole.
struct Extent {
  std::uint64_t size = 0;
  std::optional<Id32> chunk;  // none: a hole
  bool operator==(const Extent&) const = default;
};

// What a file holds. At level 0 `extents` are the file's own, in order, and their sizes add up to its size. At level
// n > 0 each one names an extent list (a chunk of type `extents`) of level n-1 that covers `size` bytes of the file.
struct Content {
  std::uint8_t level = 0;
  std::vector<Extent> extents;
  bool operator==(const Content&) const = default;
};

struct FileDigest {
  DigestAlgorithm algorithm = DigestAlgorithm::sha256;
  Bytes value;
  bool operator==(const FileDigest&) const = default;
};

struct Entry {
  // Relative, '/'-separated raw bytes without "." or ".." or empty components: "home/amina/notes.txt". The top folder's
  // own entry, there when "." was backed up, has the empty path.
  std::string path;
  Metadata meta;
  Content content;
  std::vector<FileDigest> digests;
  bool operator==(const Entry&) const = default;
};

// The order of entries in a snapshot: by component, each compared as bytes (so "a/b" comes before "a.b").
std::strong_ordering compare_paths(std::string_view a, std::string_view b);

}  // namespace igudar
