#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "ops/forget/forget.h"

namespace igudar {

// What a retention policy is asked about.
struct RetentionCandidate {
  std::string id;  // decides between snapshots whose times are all equal, and comes back
  TimeNs time = 0;
  std::vector<std::string> tags;  // as far as the policy asks for them
  TimeNs client_time = 0;         // decides between equal times: many storages tell theirs in whole seconds
};

struct RetentionVerdict {
  RetentionCandidate candidate;
  bool keep = false;
  std::vector<std::string> reasons;  // "last", "hourly", …, "within", "tag"; empty when not kept
};

// Applies a policy to the snapshots of one group; the verdicts come newest first.
//
// The rules are restic's: walking from the newest to the oldest, each count keeps the first (so the newest) snapshot of
// a bucket (hour, day, ISO week, month, year, in local time) until it is used up, and where counts are left at the end
// also the oldest of all, so that history is as long as it may be. `within` reckons back from the newest snapshot that
// is not after `now`. All rules add up.
//
// A pure function but for the time zone.
std::vector<RetentionVerdict> apply_policy(std::vector<RetentionCandidate> candidates, const RetentionPolicy& policy,
                                           TimeNs now);

}  // namespace igudar
