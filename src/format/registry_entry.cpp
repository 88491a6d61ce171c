#include "format/registry_entry.h"

#include "format/byte_writer.h"
#include "format/field_list.h"

namespace igudar {

namespace {

constexpr const char* kInfo = "registry";
enum Tag : std::uint64_t { kType = 1, kTime, kStorageTime, kReplaced, kBody, kPersonal };

RecordContext for_registry(RecordContext context) {
  context.kind = HeaderKind::registry;
  return context;
}

}  // namespace

Bytes encode_registry_entry(const RecordContext& context, const IndexKeys& keys, const Signer& signer,
                            const RegistryEntry& entry) {
  Bytes fields;
  ByteWriter writer(fields);
  writer.field_u8(kType, static_cast<std::uint8_t>(entry.type));
  writer.field_i64(kTime, entry.time);
  writer.field_i64(kStorageTime, entry.storage_time);
  for (const Id32& id : entry.replaced) writer.field(kReplaced, id.view());
  writer.field(kBody, entry.body);
  if (!entry.personal.empty()) writer.field(kPersonal, entry.personal);
  return encode_signed_object(for_registry(context), keys, kInfo, {}, fields, signer);
}

RegistryEntry decode_registry_entry(const RecordContext& context, const IndexKeys& keys, const Id32& authority,
                                    ByteView object) {
  const SignedRecord record = decode_signed_object(for_registry(context), keys, kInfo, {}, authority, object);
  RegistryEntry entry = decode_registry_fields(record.fields);
  entry.signer = record.signer;
  return entry;
}

RegistryEntry decode_registry_fields(ByteView record) {
  const FieldList fields(record, "registry entry");
  RegistryEntry entry;
  entry.type = static_cast<RegistryType>(fields.u8(kType));
  entry.time = fields.i64(kTime);
  entry.storage_time = fields.i64(kStorageTime);
  entry.replaced = fields.ids(kReplaced);
  entry.body = copy_of(fields.require(kBody));
  if (const std::optional<ByteView> personal = fields.find(kPersonal)) entry.personal = copy_of(*personal);
  return entry;
}

}  // namespace igudar
