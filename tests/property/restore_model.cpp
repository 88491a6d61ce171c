#include "restore_model.h"

namespace igudar::testing {

namespace {

class Model {
 public:
  Model(const TreeState& before, const RestoreOptions& options, const Exclusion& exclusion)
      : options_(options), exclusion_(exclusion) {
    expected_.tree = before;
    expected_.compared.ignored_times.insert("");
    expected_.compared.links = options.overwrite == Overwrite::always;
  }

  RestoreExpectation restore(const TreeState& snapshot) {
    const TreeState wanted = filtered(snapshot, [&](const std::string& path, const NodeState& node) {
      return path.empty() || !exclusion_.excludes(path, node);
    });
    for (const auto& [path, node] : wanted)
      if (!path.empty()) place(path, node);
    if (options_.delete_extra) remove_extra(wanted);
    // A file that is as it should be is left alone, though it has another name that the snapshot does not have.
    for (const auto& [path, node] : tree())
      if (!wanted.contains(path)) expected_.compared.ignored_links.insert(path);
    for (const auto& [path, node] : snapshot)
      if (refused_files_.contains(node.inode)) expected_.compared.ignored.insert(path);
    return std::move(expected_);
  }

 private:
  TreeState& tree() { return expected_.tree; }

  void place(const std::string& path, const NodeState& node) {
    const auto parent = tree().find(parent_of(path));
    if (parent == tree().end() || !parent->second.is_folder()) return refuse(path, node);
    const auto there = tree().find(path);
    if (there == tree().end() || (node.is_folder() && there->second.is_folder())) {
      tree()[path] = node;
      return;
    }
    const NodeState& found = there->second;
    if (options_.overwrite == Overwrite::never) {
      if (node.is_folder()) refuse(path, node);
      return;
    }
    if (options_.overwrite == Overwrite::if_changed && node.is_file() && found.is_file() && found.size == node.size &&
        found.mtime == node.mtime)
      return;
    if (found.is_folder()) {
      if (!options_.delete_extra || !exclusion_.empty()) return refuse(path, node);
      remove_with_all(path);
    }
    tree()[path] = node;
  }

  // What stands in the way stays. Other names of the same file may be refused with it.
  void refuse(const std::string& path, const NodeState& node) {
    if (!node.is_folder()) refused_files_.insert(node.inode);
    expected_.refused.insert(path);
  }

  void remove_with_all(const std::string& path) {
    for (auto each = tree().begin(); each != tree().end();)
      each = is_within(each->first, path) ? tree().erase(each) : std::next(each);
  }

  void remove_extra(const TreeState& wanted) {
    std::set<std::string> going;
    for (const auto& [path, node] : tree()) {
      if (path.empty() || wanted.contains(path)) continue;
      const std::string parent = parent_of(path);
      const bool in_wanted_folder = parent.empty() || (wanted.contains(parent) && wanted.at(parent).is_folder());
      if ((in_wanted_folder || going.contains(parent)) && !exclusion_.excludes(path, node)) going.insert(path);
    }
    // A folder with something in it that is not to be removed stays.
    for (auto path = going.rbegin(); path != going.rend(); ++path) {
      const auto below = tree().upper_bound(*path);
      bool holds_something = false;
      for (auto each = below; each != tree().end() && each->first.starts_with(*path); ++each)
        holds_something = holds_something || is_within(each->first, *path);
      if (holds_something)
        expected_.compared.ignored_times.insert(*path);
      else
        tree().erase(*path);
    }
  }

  const RestoreOptions& options_;
  const Exclusion& exclusion_;
  RestoreExpectation expected_;
  std::set<std::string> refused_files_;  // their inodes
};

}  // namespace

Exclusion Exclusion::random(Random& random) {
  Exclusion exclusion;
  if (random.chance(40)) exclusion.suffix = ".log";
  if (random.chance(40)) exclusion.folder = "cache";
  if (random.chance(30)) exclusion.top = random.of(std::vector<std::string>{"a", "b", "ab", "z"});
  return exclusion;
}

std::vector<std::string> Exclusion::patterns() const {
  std::vector<std::string> patterns;
  if (!suffix.empty()) patterns.push_back("*" + suffix);
  if (!folder.empty()) patterns.push_back(folder + "/");
  if (!top.empty()) patterns.push_back("/" + top);
  return patterns;
}

bool Exclusion::excludes(const std::string& path, const NodeState& node) const {
  return (!suffix.empty() && path.ends_with(suffix)) ||
         (!folder.empty() && node.is_folder() && name_of(path) == folder) || (!top.empty() && path == top);
}

RestoreExpectation expect_restore(const TreeState& snapshot, const TreeState& before, const RestoreOptions& options,
                                  const Exclusion& exclusion) {
  return Model(before, options, exclusion).restore(snapshot);
}

}  // namespace igudar::testing
