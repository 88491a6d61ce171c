#include "format/lease.h"

#include "format/byte_writer.h"
#include "format/field_list.h"
#include "format/object_header.h"
#include "format/sealed_record.h"

namespace igudar {

namespace {

constexpr const char* kWhat = "lease";
constexpr std::size_t kPrefixSize = kHeaderSize + 2;
enum Tag : std::uint64_t { kGeneration = 1, kSeconds, kRole, kMachine, kBootId, kPidNamespace, kPid, kProcessStart };

Bytes aad_of(ByteView prefix, std::string_view object_id) {
  Bytes aad = copy_of(prefix);
  append(aad, view_of(object_id));
  return aad;
}

}  // namespace

Bytes encode_lease(const IndexKeys& keys, std::string_view object_id, const Lease& lease) {
  Bytes fields;
  ByteWriter writer(fields);
  writer.field_u64(kGeneration, lease.generation);
  writer.field_u64(kSeconds, lease.seconds);
  writer.field_u8(kRole, static_cast<std::uint8_t>(lease.role));
  writer.field(kMachine, lease.machine.view());
  writer.field(kBootId, lease.boot_id);
  writer.field_u64(kPidNamespace, lease.pid_namespace);
  writer.field_u64(kPid, lease.pid);
  writer.field_u64(kProcessStart, lease.process_start);
  Bytes object;
  write_header(object, HeaderKind::lease);
  ByteWriter(object).u16(keys.newest().epoch);
  append(object, seal_record(keys.newest().suite, keys.newest().key, "lease", aad_of(object, object_id), fields));
  return object;
}

Lease decode_lease(const IndexKeys& keys, std::string_view object_id, ByteView object) {
  check_header(object, HeaderKind::lease);
  ByteReader outer(object.subspan(kHeaderSize), kWhat);
  const ByteView index_key = keys.of(outer.u16());
  return decode_lease_fields(
      open_record(index_key, "lease", aad_of(object.first(kPrefixSize), object_id), outer.rest()));
}

Lease decode_lease_fields(ByteView record) {
  const FieldList fields(record, kWhat);
  Lease lease;
  lease.generation = fields.u64(kGeneration);
  lease.seconds = fields.u64(kSeconds);
  lease.role = static_cast<LeaseRole>(fields.u8(kRole));
  lease.machine = Id32::from(fields.require(kMachine, 32));
  lease.boot_id = fields.text(kBootId);
  lease.pid_namespace = fields.u64(kPidNamespace);
  lease.pid = fields.u64(kPid);
  lease.process_start = fields.u64(kProcessStart);
  return lease;
}

}  // namespace igudar
