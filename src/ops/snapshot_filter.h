#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace igudar {

// Which snapshots a command is about. Empty members do not restrict.
struct SnapshotFilter {
  std::vector<std::string> hosts;              // any of them
  std::vector<std::vector<std::string>> tags;  // any of the lists, all tags of a list ("--tag a,b" is one list)
  std::vector<std::string> paths;              // all of them, absolute as shown by `snapshots`
  std::optional<TimeNs> not_after;             // --at
};

}  // namespace igudar
