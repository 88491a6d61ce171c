#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "concurrency/guarded.h"
#include "fs/file_stat.h"

namespace igudar {

// Why a directory is held open; each use may fill up what those before it leave.
enum class DirectoryUse {
  files_ahead,    // its files will be opened some time
  folders_ahead,  // so will the folders in it, which more of them depend on
  files_now       // its files are being opened, and it was closed meanwhile
};

// Counts the directories that are held open, so that a deep read-ahead stays within RLIMIT_NOFILE. Thread-safe.
class OpenDirectories {
 public:
  OpenDirectories();
  // True when one more may stay open.
  bool admit(DirectoryUse use);
  void leave() { open_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  std::size_t limit_;
  std::atomic<std::size_t> open_{0};
};

// A directory of the source: gives a descriptor to reach its names by, whichever thread asks and however late. The
// descriptor may be closed meanwhile and opened anew, step by step from the parent; what is then found under the name
// must be the same inode.
//
// Thread safety: all methods may be called concurrently.
class SourceDirectory {
 public:
  // `name` in `parent`, not followed when it is a symlink; or, without a parent, the path `name`, followed.
  SourceDirectory(std::shared_ptr<const SourceDirectory> parent, std::string name,
                  std::shared_ptr<OpenDirectories> open_directories);
  ~SourceDirectory();
  SourceDirectory(const SourceDirectory&) = delete;
  SourceDirectory& operator=(const SourceDirectory&) = delete;

  // Keeps `fd` open while there is room for it, and remembers `identity` for when it is opened anew.
  void hold(std::shared_ptr<const UniqueFd> fd, const FileStat& identity, DirectoryUse use);

  // A descriptor of the directory (perhaps O_PATH), open as long as the caller keeps it.
  // Throws Error: not_found, permission, io; conflict when another directory has taken its place.
  std::shared_ptr<const UniqueFd> fd() const;

  // Opens it for reading its names. -1, with errno set, when it fails.
  int open_for_listing() const;

  // For messages.
  std::string path() const;
  std::string path_of(const std::string& name) const;

 private:
  UniqueFd open(int flags) const;

  struct Held {
    std::shared_ptr<const UniqueFd> fd;
    bool known = false;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
  };

  const std::shared_ptr<const SourceDirectory> parent_;
  const std::string name_;
  const std::shared_ptr<OpenDirectories> open_directories_;
  mutable Guarded<Held> held_;
};

// One name in a directory of the source; what later stages open a file by. Copies are cheap to keep.
struct SourceName {
  std::shared_ptr<SourceDirectory> directory;
  std::string name;

  // Opens it without following a symlink and without touching its access time where that is allowed.
  // Throws Error: not_found, permission, io.
  UniqueFd open(int flags) const;
  // For messages.
  std::string path() const { return directory->path_of(name); }
};

// openat with O_NOATIME and O_CLOEXEC; without O_NOATIME where the system refuses that. -1, with errno set, on failure.
int open_unnoticed(int directory_fd, const char* name, int flags);

}  // namespace igudar
