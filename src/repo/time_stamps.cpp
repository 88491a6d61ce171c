#include "repo/time_stamps.h"

#include <algorithm>
#include <tuple>

#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLargestObject = 2 * kLargestTimeStamp;

StoredTimeStamp read(const Repository& repository, const ObjectName& name, const SnapshotId& snapshot,
                     const std::stop_token& stop) {
  const Bytes object = repository.store().get(name, kLargestObject, stop);
  if (time_stamp_object_id(snapshot, object) != name.id)
    throw Error(ErrorCode::damaged, trf("{} is damaged: its content is not what its name says", name.to_string()));
  TimeStamp stamp = decode_time_stamp(repository.keys().index_keys(), snapshot, object);
  TimeStampToken token = parse_time_stamp_token(stamp.token);
  return {name, snapshot, std::move(stamp), std::move(token)};
}

}  // namespace

TimeStamps load_time_stamps(const Repository& repository, std::stop_token stop) {
  TimeStamps loaded;
  for (const ObjectInfo& object : repository.store().list(ObjectKind::timestamp, stop)) {
    const std::optional<SnapshotId> snapshot = parse_time_stamp_object_id(object.name.id);
    if (!snapshot) continue;
    try {
      loaded.stamps.push_back(read(repository, object.name, *snapshot, stop));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::not_found) continue;  // removed since the listing
      if (!is_damage(error) && error.code() != ErrorCode::unsupported) throw;
      loaded.damaged.push_back({object.name, error});
    }
  }
  std::sort(loaded.stamps.begin(), loaded.stamps.end(), [](const StoredTimeStamp& a, const StoredTimeStamp& b) {
    return std::tie(a.snapshot, a.token.time, a.name) < std::tie(b.snapshot, b.token.time, b.name);
  });
  return loaded;
}

bool is_later_than_stamp(const Snapshot& snapshot, TimeNs stamped) {
  constexpr TimeNs kClocksMayDiffer = TimeNs{10} * 60 * kNsPerSecond;
  return std::max(snapshot.time, snapshot.storage_time) - kClocksMayDiffer > stamped;
}

void require_stamping_rights(const KeyRing& keys) {
  if (keys.capability() == Capability::maintain)
    throw Error(ErrorCode::permission, tr("this key slot does not allow to add time-stamps"),
                tr("Use the password of a slot with the capability 'full' or 'write'."));
}

void put_time_stamp(const Repository& repository, const SnapshotId& snapshot, const TimeStamp& stamp,
                    std::stop_token stop) {
  const KeyRing& keys = repository.keys();
  require_stamping_rights(keys);
  const Bytes object = encode_time_stamp(keys.index_keys(), snapshot, stamp);
  repository.store().put({ObjectKind::timestamp, time_stamp_object_id(snapshot, object)}, object, Durability::durable,
                         stop);
}

void remove_time_stamps(const Repository& repository, const std::function<bool(const SnapshotId&)>& is_forgotten,
                        std::stop_token stop) {
  for (const ObjectInfo& object : repository.store().list(ObjectKind::timestamp, stop)) {
    const std::optional<SnapshotId> snapshot = parse_time_stamp_object_id(object.name.id);
    if (snapshot && is_forgotten(*snapshot)) repository.store().remove(object.name, stop);
  }
}

}  // namespace igudar
