#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "concurrency/guarded.h"
#include "format/entry.h"
#include "fs/file_stat.h"

namespace igudar {

// What becomes of something else that already has the name.
enum class InTheWay {
  refuse,            // Error already_exists
  replace,           // removed, unless it is a directory that would lose its contents (Error already_exists)
  replace_with_all,  // removed, a directory with all in it
};

// A directory below which a restore writes, and never outside of it, whatever the names in a snapshot and whoever puts
// symlinks in the way meanwhile: each path is resolved from the target's descriptor without following any symlink
// (openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS; one component at a time where the kernel lacks it).
//
// Paths are those of entries: relative, '/'-separated, raw bytes; "" is the target itself, where a method allows it.
// Thread safety: all methods may be called concurrently, on different paths.
// Errors: Error damaged for a path that no entry can have ("..", a leading slash …), else by errno.
// Durability: none; sync() what must last.
class SafeTree {
 public:
  struct Options {
    bool one_component_at_a_time = false;  // as on kernels before 5.6
    std::size_t open_directories = 64;     // kept open for the next use
  };

  // `target` must exist and is followed when it is a symlink: the user named it.
  explicit SafeTree(const std::string& target, Options options);
  explicit SafeTree(const std::string& target) : SafeTree(target, Options{}) {}

  // Throws Error damaged unless `path` is one an entry can have. "" is refused as well.
  static void check_path(std::string_view path);

  // Throws what making something else at `path`, where `there` is, would throw for the sake of that.
  void require_removable(const std::string& path, const FileStat& there, InTheWay in_the_way) const;
  // True when it made the directory (mode 0700), false when it was there.
  bool make_directory(const std::string& path, InTheWay in_the_way);
  // A new file, empty, mode 0600, open for reading and writing.
  UniqueFd create_file(const std::string& path, InTheWay in_the_way);
  // An existing regular file with this one name, open for reading and writing; not valid when there is none such.
  UniqueFd open_for_update(const std::string& path);
  // An existing regular file of any number of names, open for reading, its access time spared as by open(); not valid
  // when there is none such, or it may not be read.
  UniqueFd open_for_reading(const std::string& path);
  void make_symlink(const std::string& path, const std::string& target, InTheWay in_the_way);
  // A fifo, socket or device as `meta` says, mode 0600.
  void make_node(const std::string& path, const Metadata& meta, InTheWay in_the_way);
  // A second name for `existing`, which may be anything but a directory. False when it was one already.
  bool hard_link(const std::string& existing, const std::string& path, InTheWay in_the_way);

  // Removes it with all in it; false when nothing was there.
  bool remove_tree(const std::string& path);
  // The names in a directory ("": the target), sorted bytewise.
  std::vector<std::string> list_names(const std::string& path);
  // nullopt when there is none. A symlink is itself. "" is the target.
  std::optional<FileStat> stat(const std::string& path);
  // The entry itself, opened with `flags` and O_NOFOLLOW ("": the target), its access time spared where that is
  // allowed.
  UniqueFd open(const std::string& path, int flags);

  // For messages.
  std::string full_path(std::string_view path) const;

 private:
  using DirectoryFd = std::shared_ptr<const UniqueFd>;
  struct Place {
    DirectoryFd directory;
    std::string name;
  };
  // The directories used last, the latest first.
  struct Recent {
    std::list<std::pair<std::string, DirectoryFd>> order;
    std::unordered_map<std::string_view, std::list<std::pair<std::string, DirectoryFd>>::iterator> by_path;
  };

  Place place_of(const std::string& path);
  DirectoryFd directory(const std::string& path);
  UniqueFd open_directory(const std::string& path) const;
  UniqueFd open_by_components(const std::string& path) const;
  UniqueFd open_file(const std::string& path, int flags, FileStat& found);
  void forget_below(const std::string& path);
  void clear_the_way(const std::string& path, const Place& place, InTheWay in_the_way);
  template <typename Make>
  int make(const std::string& path, InTheWay in_the_way, Make attempt);

  const std::string target_;
  const Options options_;
  UniqueFd root_;
  Guarded<Recent> recent_;
};

}  // namespace igudar
