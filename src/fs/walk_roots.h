#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace igudar {

// Something to back up: where it is opened, and the path under which its snapshot shows it.
struct WalkRoot {
  std::string source_path;    // absolute and clean where make_roots() made it
  std::string snapshot_path;  // relative; "" when the folder's contents are at the top
  bool operator==(const WalkRoot&) const = default;
};

// The roots for paths as a user gives them, `cwd` being the absolute working folder. Absolute paths are kept in full,
// without the leading slash; relative ones stay relative, cleaned lexically ("./a/../b" is "b") and without leading
// ".."; "." has its contents at the top. The last component is not followed when it is a symlink. Sorted by
// compare_paths(); the same path twice is once, and a root inside another one stays (the walk visits it once).
// Throws Error: not_found for a path that does not exist, usage for none at all, or for two different sources that
// would meet under one snapshot path.
std::vector<WalkRoot> make_roots(const std::vector<std::string>& paths, const std::string& cwd);

// The roots as a tree: whole ones at its leaves, the folders that lead to them above.
struct RootTree {
  std::string source;
  bool whole = false;
  std::map<std::string, RootTree, std::less<>> children;  // by name, bytewise
};

// Roots inside a whole root are not in the tree; their snapshot paths come out in `nested`.
RootTree tree_of(std::vector<WalkRoot> roots, std::vector<std::string>& nested);

}  // namespace igudar
