#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ops/run_monitor.h"
#include "ops/timestamp/authority.h"

namespace igudar {

class Repository;

struct NewTimeStamp {
  std::string snapshot;  // its id
  TimeNs time = 0;       // as the authority says
  std::string authority;
  std::string url;
  std::string serial;
};

// Has snapshots stamped, each given by "latest" or the first digits of its id; without any, all that have no stamp.
// Each stamp is durable before the next one is asked for. Throws permission where the key slot may not write, what
// TimeStampAuthority::stamp() throws, and failed for a stamp of a time before the snapshot's.
std::vector<NewTimeStamp> stamp_snapshots(Repository& repository, TimeStampAuthority& authority,
                                          const std::vector<std::string>& snapshots, RunMonitor& monitor,
                                          std::stop_token stop);

}  // namespace igudar
