#include "format/gc_record.h"

#include <fmt/format.h>

#include "format/byte_writer.h"
#include "format/field_list.h"

namespace igudar {

namespace {

constexpr const char* kWhat = "gc record";
constexpr std::string_view kInfo = "gc";
enum Tag : std::uint64_t { kGeneration = 1, kPacks = 2, kSegments = 3, kTime = 4 };

RecordContext gc_context(RecordContext context) {
  context.kind = HeaderKind::gc;
  return context;
}

template <std::size_t N>
Bytes join(const std::vector<FixedId<N>>& ids) {
  Bytes out;
  for (const FixedId<N>& id : ids) append(out, id.view());
  return out;
}

template <std::size_t N>
std::vector<FixedId<N>> split(const FieldList& fields, std::uint64_t tag) {
  std::vector<FixedId<N>> ids;
  ByteReader reader(fields.find(tag).value_or(ByteView{}), kWhat);
  while (!reader.done()) ids.push_back(reader.id<N>());
  return ids;
}

Bytes encode_fields(std::uint64_t generation, const std::vector<PackName>& packs, const std::vector<Id32>& segments,
                    TimeNs time) {
  Bytes fields;
  ByteWriter writer(fields);
  writer.field_u64(kGeneration, generation);
  if (!packs.empty()) writer.field(kPacks, join(packs));
  if (!segments.empty()) writer.field(kSegments, join(segments));
  writer.field_i64(kTime, time);
  return fields;
}

Condemnation decode(const RecordContext& context, const IndexKeys& keys, const Id32& authority, const std::string& id,
                    std::uint64_t generation, ByteView object) {
  const SignedRecord record = decode_signed_object(gc_context(context), keys, kInfo, view_of(id), authority, object);
  Condemnation result = decode_gc_fields(record.fields);
  if (result.generation != generation) ByteReader({}, kWhat).fail();
  result.signer = record.signer;
  return result;
}

}  // namespace

std::string gc_object_id(std::uint64_t generation) {
  return fmt::format("{:016x}", generation);
}

std::string swept_object_id(std::uint64_t generation) {
  return gc_object_id(generation) + ".swept";
}

Bytes encode_condemnation(const RecordContext& context, const IndexKeys& keys, const Signer& signer,
                          const Condemnation& record) {
  return encode_signed_object(gc_context(context), keys, kInfo, view_of(gc_object_id(record.generation)),
                              encode_fields(record.generation, record.packs, record.segments, record.time), signer);
}

Condemnation decode_condemnation(const RecordContext& context, const IndexKeys& keys, const Id32& authority,
                                 std::uint64_t generation, ByteView object) {
  return decode(context, keys, authority, gc_object_id(generation), generation, object);
}

Bytes encode_swept_mark(const RecordContext& context, const IndexKeys& keys, const Signer& signer,
                        const SweptMark& record) {
  return encode_signed_object(gc_context(context), keys, kInfo, view_of(swept_object_id(record.generation)),
                              encode_fields(record.generation, {}, {}, record.time), signer);
}

Condemnation decode_gc_fields(ByteView record) {
  const FieldList fields(record, kWhat);
  return {fields.u64(kGeneration), split<16>(fields, kPacks), split<32>(fields, kSegments), fields.i64(kTime)};
}

SweptMark decode_swept_mark(const RecordContext& context, const IndexKeys& keys, const Id32& authority,
                            std::uint64_t generation, ByteView object) {
  const Condemnation record = decode(context, keys, authority, swept_object_id(generation), generation, object);
  return {generation, record.time, record.signer};
}

}  // namespace igudar
