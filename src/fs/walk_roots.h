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
// compare_paths(); the same path twice is once, and a root inside another one stays (the walk visits it once). So does
// one that comes from elsewhere but has its snapshot path inside another one, if that has nothing of its first name
// there: "." and "/etc/hostname", without a folder "etc" in ".".
// Throws Error: not_found for a path that does not exist, usage for none at all, or for two different sources that
// would meet under one snapshot path.
std::vector<WalkRoot> make_roots(const std::vector<std::string>& paths, const std::string& cwd);

// The roots as a tree: below the folders that lead to them, and below whole ones those that come from elsewhere.
struct RootTree {
  std::string source;
  bool whole = false;                                     // `children` come on top of what it has
  std::map<std::string, RootTree, std::less<>> children;  // by name, bytewise
};

// Roots that a whole root has in it anyway are not in the tree; their snapshot paths come out in `nested`.
RootTree tree_of(std::vector<WalkRoot> roots, std::vector<std::string>& nested);

}  // namespace igudar
