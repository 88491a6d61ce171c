#include "format/time_stamp.h"

#include "base/hex.h"
#include "crypto/hash.h"
#include "format/byte_writer.h"
#include "format/field_list.h"
#include "format/object_header.h"
#include "format/sealed_record.h"

namespace igudar {

namespace {

constexpr const char* kWhat = "time-stamp";
constexpr const char* kInfo = "timestamp";
constexpr std::size_t kPrefixSize = kHeaderSize + 2;
constexpr std::size_t kSnapshotDigits = 2 * SnapshotId::kSize;
constexpr std::size_t kObjectDigits = 8;
enum Tag : std::uint64_t { kToken = 1, kAsked, kAuthorityUrl };

Bytes aad_of(ByteView prefix, const SnapshotId& snapshot) {
  Bytes aad = copy_of(prefix);
  append(aad, snapshot.view());
  return aad;
}

}  // namespace

Id32 time_stamp_imprint(const Id16& repository, const SnapshotId& snapshot) {
  Bytes message = copy_of(view_of("igudar time-stamp 1"));
  append(message, repository.view());
  append(message, snapshot.view());
  return sha256(message);
}

Bytes encode_time_stamp(const IndexKeys& keys, const SnapshotId& snapshot, const TimeStamp& stamp) {
  Bytes fields;
  ByteWriter writer(fields);
  writer.field(kToken, stamp.token);
  writer.field_i64(kAsked, stamp.asked);
  writer.field(kAuthorityUrl, stamp.authority_url);
  Bytes object;
  write_header(object, HeaderKind::timestamp);
  ByteWriter(object).u16(keys.newest().epoch);
  append(object, seal_record(keys.newest().suite, keys.newest().key, kInfo, aad_of(object, snapshot), fields));
  return object;
}

TimeStamp decode_time_stamp(const IndexKeys& keys, const SnapshotId& snapshot, ByteView object) {
  check_header(object, HeaderKind::timestamp);
  ByteReader outer(object.subspan(kHeaderSize), kWhat);
  const ByteView index_key = keys.of(outer.u16());
  return decode_time_stamp_fields(
      open_record(index_key, kInfo, aad_of(object.first(kPrefixSize), snapshot), outer.rest()));
}

TimeStamp decode_time_stamp_fields(ByteView record) {
  const FieldList fields(record, kWhat);
  return {copy_of(fields.require(kToken)), fields.i64(kAsked), fields.text(kAuthorityUrl)};
}

std::string time_stamp_object_id(const SnapshotId& snapshot, ByteView object) {
  return to_hex(snapshot.view()) + "." + to_hex(sha256(object).view()).substr(0, kObjectDigits);
}

std::optional<SnapshotId> parse_time_stamp_object_id(const std::string& id) {
  if (id.size() != kSnapshotDigits + 1 + kObjectDigits || id[kSnapshotDigits] != '.') return std::nullopt;
  const std::optional<Bytes> snapshot = from_hex(id.substr(0, kSnapshotDigits));
  const std::optional<Bytes> object = from_hex(id.substr(kSnapshotDigits + 1));
  if (!snapshot || !object || id != to_hex(*snapshot) + "." + to_hex(*object)) return std::nullopt;
  return SnapshotId::from(*snapshot);
}

}  // namespace igudar
