#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fs/exclude_rules.h"

namespace igudar {

// What a user names by patterns (those of --exclude) on the paths of snapshots: an entry that a pattern matches, and
// all that lies in a folder that one does. Thread safety: const methods may be called concurrently.
class PathPatterns {
 public:
  PathPatterns() = default;
  // Throws usage for a pattern that says nothing, such as an empty one.
  explicit PathPatterns(const std::vector<std::string>& patterns);

  // `path` is an entry's, or one that the user gave: without its first slash or with it.
  bool matches(std::string_view path, bool is_folder) const;
  bool empty() const { return rules_.empty(); }

 private:
  ExcludeRules rules_;
};

}  // namespace igudar
