#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "format/index_keys.h"
#include "format/snapshot.h"

namespace igudar {

// The time-stamp of a snapshot (docs/format.md section 19). A snapshot may have several.
struct TimeStamp {
  Bytes token;                // TimeStampToken of RFC 3161, DER
  TimeNs asked = 0;           // the client's clock when it was asked for
  std::string authority_url;  // without what may be secret: user, password, query
  bool operator==(const TimeStamp&) const = default;
};

// What an authority is asked to stamp: tells neither it nor the storage anything of the snapshot.
Id32 time_stamp_imprint(const Id16& repository, const SnapshotId& snapshot);

// An object of the domain: header ‖ epoch ‖ sealed record.
Bytes encode_time_stamp(const IndexKeys& keys, const SnapshotId& snapshot, const TimeStamp& stamp);
TimeStamp decode_time_stamp(const IndexKeys& keys, const SnapshotId& snapshot, ByteView object);
// The fields inside the seal. Throws damaged.
TimeStamp decode_time_stamp_fields(ByteView record);

// An object's id: the snapshot's, a dot and the first 8 digits of the object's SHA-256.
std::string time_stamp_object_id(const SnapshotId& snapshot, ByteView object);
// The snapshot that an object's id names; nullopt for one that is no such id.
std::optional<SnapshotId> parse_time_stamp_object_id(const std::string& id);

}  // namespace igudar
