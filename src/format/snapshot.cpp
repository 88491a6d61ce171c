#include "format/snapshot.h"

#include <algorithm>

#include "crypto/keyed_hash.h"
#include "format/byte_writer.h"
#include "format/field_list.h"
#include "format/sealed_record.h"
#include "format/session_keys.h"

namespace igudar {

namespace {

constexpr const char* kWhat = "snapshot";
enum Tag : std::uint64_t {
  kTree = 1,
  kRefset,
  kHead,
  kGeneration,
  kTime,
  kStorageTime,
  kGroupKeys,
  kTagKey,
  kRefsetPages,
  kBase,
  kKind,
  kStatistics,
  kSession,
  kDescription,
  kScanTime,
  kSealedSecret,
  kAudit
};
enum DescriptionTag : std::uint64_t { kHost = 1, kUser, kPath, kTagText, kProgram, kAnnotation };
enum TombstoneTag : std::uint64_t { kForgotten = 1, kForgottenAt, kForgottenStorageTime, kForgottenHead };
constexpr std::size_t kStatisticsCount = 12;

RecordContext with_kind(RecordContext context, HeaderKind kind) {
  context.kind = kind;
  return context;
}

Id16 group_key(ByteView index_key, const std::string& message) {
  return Id16::from(hmac_sha256(index_key, view_of(message)).view().first(16));
}

Bytes encode_root(const TableRoot& root) {
  Bytes out = copy_of(root.page.view());
  out.push_back(root.level);
  return out;
}

TableRoot decode_root(const FieldList& fields, std::uint64_t tag) {
  const ByteView value = fields.require(tag, 33);
  if (value[32] > kHighestLevel) ByteReader({}, kWhat).fail();
  return {ChunkId::from(value.first(32)), value[32]};
}

Bytes encode_audit_reference(const AuditReference& reference) {
  Bytes out = copy_of(reference.log.view());
  ByteWriter writer(out);
  writer.u64(reference.number);
  writer.raw(reference.hash.view());
  return out;
}

AuditReference decode_audit_reference(ByteView value) {
  ByteReader reader(value, kWhat);
  const AuditReference reference{reader.id<16>(), reader.u64(), reader.id<32>()};
  reader.expect_done();
  return reference;
}

// The statistics in their order on disk.
template <typename S>
auto statistics_fields(S& s) {
  return std::array<decltype(&s.entries), kStatisticsCount>{
      &s.entries,    &s.files,      &s.bytes,     &s.new_files,    &s.changed_files, &s.unchanged_files,
      &s.read_bytes, &s.new_chunks, &s.new_bytes, &s.stored_bytes, &s.unreadable,    &s.duration_ns};
}

Bytes encode_description(const SnapshotDescription& description) {
  Bytes out;
  ByteWriter writer(out);
  writer.field(kHost, description.host);
  writer.field(kUser, description.user);
  for (const std::string& path : description.paths) writer.field(kPath, path);
  for (const std::string& tag : description.tags) writer.field(kTagText, tag);
  writer.field(kProgram, description.program);
  for (const auto& [key, value] : description.annotations) {
    Bytes pair;
    ByteWriter pair_writer(pair);
    pair_writer.text(key);
    pair_writer.text(value);
    writer.field(kAnnotation, pair);
  }
  return out;
}

void write_group_keys(ByteWriter& writer, ByteView index_key, const SnapshotDescription& description) {
  Bytes keys = copy_of(host_group_key(index_key, description.host).view());
  append(keys, paths_group_key(index_key, description.paths).view());
  writer.field(kGroupKeys, keys);
  for (const std::string& tag : description.tags) writer.field(kTagKey, tag_group_key(index_key, tag).view());
}

void write_refset_pages(ByteWriter& writer, const std::vector<OrdinalRange>& ranges) {
  for (const OrdinalRange& range : ranges) {
    Bytes value = copy_of(range.session.view());
    ByteWriter range_writer(value);
    range_writer.u32(range.stream);
    range_writer.u64(range.first);
    range_writer.u64(range.count);
    writer.field(kRefsetPages, value);
  }
}

std::vector<OrdinalRange> read_refset_pages(const FieldList& fields) {
  constexpr std::uint64_t kMostOrdinal = std::uint64_t{1} << 47;
  std::vector<OrdinalRange> ranges;
  for (const ByteView value : fields.find_all(kRefsetPages)) {
    ByteReader reader(value, kWhat);
    const OrdinalRange range{reader.id<16>(), reader.u32(), reader.u64(), reader.u64()};
    reader.expect_done();
    if (range.first > kMostOrdinal || range.count > kMostOrdinal) reader.fail();
    ranges.push_back(range);
  }
  return ranges;
}

}  // namespace

Id16 host_group_key(ByteView index_key, std::string_view host) {
  return group_key(index_key, std::string("host") + '\0' + std::string(host));
}

Id16 paths_group_key(ByteView index_key, std::vector<std::string> paths) {
  std::sort(paths.begin(), paths.end());
  std::string message = std::string("paths") + '\0';
  for (const std::string& path : paths) message += path + '\0';
  return group_key(index_key, message);
}

Id16 tag_group_key(ByteView index_key, std::string_view tag) {
  return group_key(index_key, std::string("tag") + '\0' + std::string(tag));
}

Bytes encode_snapshot(const RecordContext& context, const IndexKeys& keys, ByteView session_secret,
                      const Signer& signer, const Snapshot& snapshot) {
  Bytes fields;
  ByteWriter writer(fields);
  writer.field(kTree, encode_root(snapshot.tree));
  writer.field(kRefset, encode_root(snapshot.refset));
  for (const Id32& head : snapshot.heads) writer.field(kHead, head.view());
  writer.field_u64(kGeneration, snapshot.generation);
  writer.field_i64(kTime, snapshot.time);
  writer.field_i64(kStorageTime, snapshot.storage_time);
  write_group_keys(writer, keys.oldest(), *snapshot.description);
  write_refset_pages(writer, snapshot.refset_pages);
  if (snapshot.base) writer.field(kBase, snapshot.base->view());
  writer.field_u8(kKind, static_cast<std::uint8_t>(snapshot.kind));
  Bytes statistics;
  ByteWriter statistics_writer(statistics);
  for (const std::uint64_t* value : statistics_fields(snapshot.statistics)) statistics_writer.varint(*value);
  writer.field(kStatistics, statistics);
  const SessionId& session = snapshot.session.id;
  writer.field(kSession, session.view());
  writer.field(kDescription, seal_record(keys.newest().suite, derive_description_key(session_secret, session).view(),
                                         "description", session.view(), encode_description(*snapshot.description)));
  writer.field_i64(kScanTime, snapshot.scan_time);
  Bytes sealed_secret;
  ByteWriter secret_writer(sealed_secret);
  secret_writer.u16(snapshot.session.epoch);
  secret_writer.u8(static_cast<std::uint8_t>(snapshot.session.suite));
  secret_writer.u16(snapshot.session.sealed_secret.epoch());
  secret_writer.raw(snapshot.session.sealed_secret.view());
  writer.field(kSealedSecret, sealed_secret);
  if (snapshot.audit) writer.field(kAudit, encode_audit_reference(*snapshot.audit));
  return encode_signed_object(with_kind(context, HeaderKind::snapshot), keys, "snapshot", {}, fields, signer);
}

Snapshot decode_snapshot(const RecordContext& context, const IndexKeys& keys, const Id32& authority, ByteView object) {
  const SignedRecord record =
      decode_signed_object(with_kind(context, HeaderKind::snapshot), keys, "snapshot", {}, authority, object);
  Snapshot snapshot = decode_snapshot_fields(record.fields);
  snapshot.signer = record.signer;
  snapshot.capability = record.capability;
  return snapshot;
}

SnapshotDescription open_description(const Snapshot& snapshot, ByteView session_secret) {
  const SecretBytes key = derive_description_key(session_secret, snapshot.session.id);
  return decode_snapshot_description(
      open_record(key.view(), "description", snapshot.session.id.view(), snapshot.sealed_description));
}

Snapshot decode_snapshot_fields(ByteView record) {
  const FieldList fields(record, kWhat);
  Snapshot snapshot;
  snapshot.tree = decode_root(fields, kTree);
  snapshot.refset = decode_root(fields, kRefset);
  snapshot.heads = fields.ids(kHead);
  snapshot.generation = fields.u64(kGeneration);
  snapshot.time = fields.i64(kTime);
  snapshot.storage_time = fields.i64(kStorageTime);
  const ByteView group_keys = fields.require(kGroupKeys, 32);
  snapshot.host_key = Id16::from(group_keys.first(16));
  snapshot.paths_key = Id16::from(group_keys.last(16));
  for (const ByteView key : fields.find_all(kTagKey)) snapshot.tag_keys.push_back(ByteReader(key, kWhat).id<16>());
  snapshot.refset_pages = read_refset_pages(fields);
  if (fields.find(kBase)) snapshot.base = SnapshotId::from(fields.require(kBase, 32));
  snapshot.kind = static_cast<SnapshotKind>(fields.u8(kKind));
  ByteReader statistics = fields.reader(kStatistics);
  for (std::uint64_t* value : statistics_fields(snapshot.statistics)) *value = statistics.varint();
  ByteReader sealed_secret = fields.reader(kSealedSecret);
  snapshot.session.id = SessionId::from(fields.require(kSession, 16));
  snapshot.session.epoch = sealed_secret.u16();
  snapshot.session.suite = require_cipher_suite(sealed_secret.u8());
  const std::uint16_t sealed_to = sealed_secret.u16();
  snapshot.session.sealed_secret = SealedSecret(sealed_to, sealed_secret.rest());
  snapshot.scan_time = fields.find(kScanTime) ? fields.i64(kScanTime) : std::numeric_limits<TimeNs>::min();
  if (fields.find(kAudit)) snapshot.audit = decode_audit_reference(fields.require(kAudit));
  snapshot.sealed_description = copy_of(fields.require(kDescription));
  return snapshot;
}

SnapshotDescription decode_snapshot_description(ByteView record) {
  const FieldList fields(record, "snapshot description");
  const auto optional_text = [&](std::uint64_t tag) {
    return std::string(text_of(fields.find(tag).value_or(ByteView{})));
  };
  SnapshotDescription description{fields.text(kHost),     optional_text(kUser),    fields.texts(kPath),
                                  fields.texts(kTagText), optional_text(kProgram), {}};
  for (const ByteView pair : fields.find_all(kAnnotation)) {
    ByteReader reader(pair, "snapshot description");
    std::string key = reader.text();
    description.annotations[std::move(key)] = reader.text();
  }
  return description;
}

Bytes encode_tombstone(const RecordContext& context, const IndexKeys& keys, const Signer& signer,
                       const Tombstone& tombstone) {
  Bytes fields;
  ByteWriter writer(fields);
  for (const ForgottenSnapshot& forgotten : tombstone.forgotten) {
    Bytes value = copy_of(forgotten.id.view());
    for (const Id32& head : forgotten.heads) append(value, head.view());
    writer.field(kForgotten, value);
  }
  writer.field_i64(kForgottenAt, tombstone.time);
  writer.field_i64(kForgottenStorageTime, tombstone.storage_time);
  for (const Id32& head : tombstone.heads) writer.field(kForgottenHead, head.view());
  return encode_signed_object(with_kind(context, HeaderKind::tombstone), keys, "tombstone", {}, fields, signer);
}

Tombstone decode_tombstone(const RecordContext& context, const IndexKeys& keys, const Id32& authority,
                           ByteView object) {
  const SignedRecord record =
      decode_signed_object(with_kind(context, HeaderKind::tombstone), keys, "tombstone", {}, authority, object);
  Tombstone tombstone = decode_tombstone_fields(record.fields);
  tombstone.signer = record.signer;
  return tombstone;
}

Tombstone decode_tombstone_fields(ByteView record) {
  const FieldList fields(record, "tombstone");
  Tombstone tombstone;
  for (const ByteView value : fields.find_all(kForgotten)) {
    ByteReader reader(value, "tombstone");
    ForgottenSnapshot& forgotten = tombstone.forgotten.emplace_back();
    forgotten.id = reader.id<32>();
    while (!reader.done()) forgotten.heads.push_back(reader.id<32>());
  }
  tombstone.time = fields.i64(kForgottenAt);
  tombstone.storage_time = fields.i64(kForgottenStorageTime);
  tombstone.heads = fields.ids(kForgottenHead);
  return tombstone;
}

}  // namespace igudar
