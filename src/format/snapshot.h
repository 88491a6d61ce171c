#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "format/chunk.h"
#include "format/signed_record.h"
#include "format/table_page.h"

namespace igudar {

// Snapshot records and tombstones (docs/format.md sections 11 and 12).

using SnapshotId = Id32;  // SHA-256 of the record's bytes

enum class SnapshotKind : std::uint8_t { files = 1, stream = 2, database_base = 3, log_segment = 4, data_object = 5 };

struct SnapshotStatistics {
  std::uint64_t entries = 0, files = 0, bytes = 0;
  std::uint64_t new_files = 0, changed_files = 0, unchanged_files = 0;
  std::uint64_t read_bytes = 0, new_chunks = 0, new_bytes = 0, stored_bytes = 0;
  std::uint64_t unreadable = 0, duration_ns = 0;
  bool operator==(const SnapshotStatistics&) const = default;
};

// What only a slot with capability full sees.
struct SnapshotDescription {
  std::string host, user;
  std::vector<std::string> paths;
  std::vector<std::string> tags;
  std::string program;
  std::map<std::string, std::string> annotations;
  bool operator==(const SnapshotDescription&) const = default;
};

struct Snapshot {
  TableRoot tree;
  TableRoot refset;
  std::vector<Id32> heads;
  std::uint64_t generation = 0;
  TimeNs time = 0;
  TimeNs storage_time = 0;
  TimeNs scan_time = 0;  // the client's clock when the walk began
  Id16 host_key, paths_key;
  std::vector<Id16> tag_keys;
  std::vector<OrdinalRange> refset_pages;
  std::optional<SnapshotId> base;
  SnapshotKind kind = SnapshotKind::files;
  SnapshotStatistics statistics;
  SessionRef session;
  Bytes sealed_description;
  std::optional<SnapshotDescription> description;  // once it was opened
  Id32 signer;
  Capability capability = Capability::full;
};

// The keys by which snapshots are grouped without their names being known.
Id16 host_group_key(ByteView index_key, std::string_view host);
Id16 paths_group_key(ByteView index_key, std::vector<std::string> paths);
Id16 tag_group_key(ByteView index_key, std::string_view tag);

// `context.kind` is ignored. The signer, the group keys and the sealed description are made from `signer` and the
// description, which is sealed under the session's secret.
Bytes encode_snapshot(const RecordContext& context, const IndexKeys& keys, ByteView session_secret,
                      const Signer& signer, const Snapshot& snapshot);
// The description stays closed. Throws damaged or unsupported.
Snapshot decode_snapshot(const RecordContext& context, const IndexKeys& keys, const Id32& authority, ByteView object);
// Throws damaged when it does not open with the session's secret.
SnapshotDescription open_description(const Snapshot& snapshot, ByteView session_secret);

// The fields inside seal and signature; the signer stays as it is by default. Throws damaged.
Snapshot decode_snapshot_fields(ByteView record);
SnapshotDescription decode_snapshot_description(ByteView record);

struct ForgottenSnapshot {
  SnapshotId id;
  std::vector<Id32> heads;
};
struct Tombstone {
  std::vector<ForgottenSnapshot> forgotten;
  TimeNs time = 0;
  TimeNs storage_time = 0;
  std::vector<Id32> heads;
  Id32 signer{};  // of one that was read
};
Bytes encode_tombstone(const RecordContext& context, const IndexKeys& keys, const Signer& signer,
                       const Tombstone& tombstone);
Tombstone decode_tombstone(const RecordContext& context, const IndexKeys& keys, const Id32& authority, ByteView object);

Tombstone decode_tombstone_fields(ByteView record);

}  // namespace igudar
