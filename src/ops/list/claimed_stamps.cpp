#include "base/hex.h"
#include "ops/list/list.h"
#include "repo/time_stamps.h"

namespace igudar {

std::map<std::string, TimeNs> claimed_stamps(const Repository& repository, RunMonitor& monitor, std::stop_token stop) {
  const TimeStamps loaded = load_time_stamps(repository, std::move(stop));
  for (const DamagedObject& damaged : loaded.damaged) monitor.problem(damaged.name.to_string(), damaged.error);
  std::map<std::string, TimeNs> first;
  for (const StoredTimeStamp& stored : loaded.stamps)
    first.try_emplace(to_hex(stored.snapshot.view()), stored.token.time);
  return first;
}

}  // namespace igudar
