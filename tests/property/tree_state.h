#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/clock.h"
#include "crypto/hash.h"

namespace igudar::testing {

// What a folder holds, as far as a backup has to bring it back. Read with system calls alone, so that nothing which is
// tested is believed.

struct NodeState {
  mode_t type = 0;  // S_IFREG …
  mode_t mode = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  TimeNs mtime = 0;
  std::uint64_t size = 0;                     // of files
  Id32 content;                               // of files: SHA-256
  std::string target;                         // of symlinks
  std::map<std::string, std::string> xattrs;  // "user.…"
  std::string inode;                          // equal for the names of one file, and for no others

  bool is_folder() const;
  bool is_file() const;
};

// By path below the folder, '/'-separated; the folder itself is "". In the order of bytes.
using TreeState = std::map<std::string, NodeState>;

TreeState read_tree(const std::filesystem::path& folder);

// What is compared besides types and contents.
struct Compared {
  bool links = true;                         // which names are one file
  std::set<std::string> ignored_links = {};  // names that may be of any file
  std::set<std::string> ignored = {};        // paths about which nothing is said
  std::set<std::string> ignored_times = {};  // and folders whose time is not looked at
};
// What differs, a line each; empty when nothing does.
std::string differences(const TreeState& expected, const TreeState& actual, const Compared& compared);

// Those for which `keep` says yes; what lies below one that goes, goes with it.
TreeState filtered(const TreeState& tree, const std::function<bool(const std::string&, const NodeState&)>& keep);
// What lies at `below` and below it; its own name is then "".
TreeState subtree(const TreeState& tree, const std::string& below);

bool is_within(const std::string& path, const std::string& folder);
std::string parent_of(const std::string& path);
std::string name_of(const std::string& path);
// With line breaks and what is not ASCII escaped.
std::string shown(const std::string& path);

}  // namespace igudar::testing
