#pragma once

#include "ops/restore/restore.h"
#include "random.h"
#include "tree_state.h"

namespace igudar::testing {

// What is left out: patterns of three kinds, so that the model need not know all of gitignore's language.
struct Exclusion {
  std::string suffix;  // of a name: "*.log"
  std::string folder;  // a folder's name: "cache/"
  std::string top;     // what lies at the top: "/a"

  static Exclusion random(Random& random);
  std::vector<std::string> patterns() const;
  bool excludes(const std::string& path, const NodeState& node) const;
  bool empty() const { return suffix.empty() && folder.empty() && top.empty(); }
};

// What a restore is to leave behind.
struct RestoreExpectation {
  TreeState tree;
  Compared compared;
  std::set<std::string> refused;  // what something stands in the way of: reported
};

// `snapshot` restored into a folder that holds `before`. `options` says how; its excludes are those of `exclusion`.
RestoreExpectation expect_restore(const TreeState& snapshot, const TreeState& before, const RestoreOptions& options,
                                  const Exclusion& exclusion);

}  // namespace igudar::testing
