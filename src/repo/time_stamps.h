#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "crypto/time_stamp.h"
#include "format/time_stamp.h"
#include "repo/damaged_object.h"
#include "repo/repository.h"

namespace igudar {

// The time-stamps of snapshots that a repository holds. Thread-safe functions. Nothing here says whether a stamp is
// genuine.

struct StoredTimeStamp {
  ObjectName name;
  SnapshotId snapshot;
  TimeStamp stamp;
  TimeStampToken token;
};
struct TimeStamps {
  std::vector<StoredTimeStamp> stamps;  // by snapshot; those of one by the time they claim
  std::vector<DamagedObject> damaged;
};
// Every stamp, whatever became of its snapshot. Damaged ones are collected, not thrown.
TimeStamps load_time_stamps(const Repository& repository, std::stop_token stop);

// Whether a snapshot says that it was made after `stamped`, by more than clocks may differ: it cannot have been stamped
// then.
bool is_later_than_stamp(const Snapshot& snapshot, TimeNs stamped);

// Stores a stamp beside those that the snapshot has, durable once it returns. Throws permission unless the slot's
// capability is full or write.
void put_time_stamp(const Repository& repository, const SnapshotId& snapshot, const TimeStamp& stamp,
                    std::stop_token stop);
// Throws as put_time_stamp() would: for those who ask an authority first.
void require_stamping_rights(const KeyRing& keys);

// Removes the stamps of snapshots that `is_forgotten` says to be so.
void remove_time_stamps(const Repository& repository, const std::function<bool(const SnapshotId&)>& is_forgotten,
                        std::stop_token stop);

}  // namespace igudar
