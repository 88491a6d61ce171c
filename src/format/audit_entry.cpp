#include "format/audit_entry.h"

#include <charconv>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "format/byte_writer.h"
#include "format/field_list.h"
#include "format/sealed_record.h"

namespace igudar {

namespace {

constexpr const char* kWhat = "audit entry";
constexpr const char* kSubjectWhat = "audit subject";
constexpr std::size_t kLogDigits = 32;
constexpr std::size_t kTrailerSize = 32 + 1 + 64 + 64;
constexpr std::size_t kSignatureSize = 64;
constexpr std::size_t kClearSize = kHeaderSize + 2 + 16 + 8 + 32;

enum FactTag : std::uint64_t {
  kType = 1,
  kTime,
  kOperation,
  kSlot,
  kIntent,
  kStatus,
  kError,
  kCount,
  kObject,
  kHead,
  kSubject,
  kForked
};
enum PersonalTag : std::uint64_t { kUser = 1, kUid, kHost, kArgument, kFailure };
enum FailureTag : std::uint64_t { kFailedAt = 1, kMeans, kFailedWith, kFailedUser };

// What follows the content of entries and subjects: who wrote it, and the signature over all bytes before.
void sign_object(Bytes& object, std::string_view purpose, const Id16& domain, const Signer& signer) {
  append(object, signer.key.public_key.view());
  object.push_back(static_cast<std::uint8_t>(signer.capability));
  append(object, signer.certificate);
  Bytes message = copy_of(view_of(purpose));
  append(message, domain.view());
  append(message, object);
  append(object, sign(signer.key, message));
}

bool is_genuine(ByteView object, std::string_view purpose, const Id16& domain, const Id32& authority) {
  if (object.size() < kTrailerSize) return false;
  ByteReader trailer(object.last(kTrailerSize), kWhat);
  const Id32 signer = trailer.id<32>();
  const auto capability = static_cast<Capability>(trailer.u8());
  if (capability < Capability::full || capability > Capability::maintain) return false;
  const ByteView certificate = trailer.take(64);
  Bytes message = copy_of(view_of(purpose));
  append(message, domain.view());
  append(message, object.first(object.size() - kSignatureSize));
  return is_certified(authority, domain, signer, capability, certificate) &&
         verify_signature(signer, message, trailer.take(kSignatureSize));
}

Bytes encode_count(const std::string& name, std::uint64_t value) {
  Bytes out;
  ByteWriter writer(out);
  writer.text(name);
  writer.varint(value);
  return out;
}

Bytes encode_object(const AuditObject& object) {
  Bytes out{static_cast<std::uint8_t>(object.relation)};
  append(out, view_of(object.name));
  return out;
}

Bytes encode_head(const AuditHead& head) {
  Bytes out = copy_of(head.log.view());
  ByteWriter writer(out);
  writer.u64(head.number);
  writer.raw(head.hash.view());
  return out;
}

Bytes encode_facts(const AuditFacts& facts) {
  Bytes out;
  ByteWriter writer(out);
  writer.field_u8(kType, static_cast<std::uint8_t>(facts.type));
  writer.field_i64(kTime, facts.time);
  writer.field(kOperation, facts.operation);
  writer.field(kSlot, facts.slot.view());
  if (facts.intent) writer.field_u64(kIntent, *facts.intent);
  if (facts.status) writer.field_u32(kStatus, *facts.status);
  if (!facts.error.empty()) writer.field(kError, facts.error);
  for (const auto& [name, value] : facts.counts) writer.field(kCount, encode_count(name, value));
  for (const AuditObject& object : facts.objects) writer.field(kObject, encode_object(object));
  for (const AuditHead& head : facts.heads) writer.field(kHead, encode_head(head));
  for (const SubjectId& subject : facts.subjects) writer.field(kSubject, subject.view());
  if (facts.forked) writer.field(kForked, facts.forked->view());
  return out;
}

Bytes encode_failure(const FailedOpening& failure) {
  Bytes out;
  ByteWriter writer(out);
  writer.field_i64(kFailedAt, failure.time);
  writer.field(kMeans, failure.means);
  writer.field(kFailedWith, failure.error);
  writer.field(kFailedUser, failure.user);
  return out;
}

FailedOpening decode_failure(ByteView value) {
  const FieldList fields(value, kWhat);
  return {fields.i64(kFailedAt), fields.text(kMeans), fields.text(kFailedWith), fields.text(kFailedUser)};
}

Bytes encode_personal(const AuditPersonal& personal) {
  Bytes out;
  ByteWriter writer(out);
  writer.field(kUser, personal.user);
  writer.field_u32(kUid, personal.uid);
  writer.field(kHost, personal.host);
  for (const std::string& argument : personal.arguments) writer.field(kArgument, argument);
  for (const FailedOpening& failure : personal.failures) writer.field(kFailure, encode_failure(failure));
  return out;
}

// A number as names write it: decimal, without leading zeros.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0'))
    return std::nullopt;
  return number;
}

}  // namespace

std::string audit_object_id(const AuditLogId& log, std::uint64_t number) {
  return to_hex(log.view()) + '.' + std::to_string(number);
}

std::string audit_object_id(const AuditLogId& log, std::uint64_t first, std::uint64_t last) {
  return audit_object_id(log, first) + '-' + std::to_string(last);
}

std::optional<AuditObjectName> parse_audit_object_id(std::string_view id) {
  if (id.size() < kLogDigits + 2 || id[kLogDigits] != '.') return std::nullopt;
  const std::optional<Bytes> log = from_hex(id.substr(0, kLogDigits));
  if (!log) return std::nullopt;
  const std::string_view numbers = id.substr(kLogDigits + 1);
  const std::size_t dash = numbers.find('-');
  const std::optional<std::uint64_t> first = parse_number(numbers.substr(0, dash));
  const std::optional<std::uint64_t> last =
      dash == std::string_view::npos ? first : parse_number(numbers.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return AuditObjectName{AuditLogId::from(*log), *first, *last, dash != std::string_view::npos};
}

Bytes encode_audit_entry(const RecordContext& context, const IndexKeys& keys, const Signer& signer,
                         const AuditHead& place, const AuditFacts& facts, const SubjectKey* subject,
                         const AuditPersonal& personal) {
  const IndexKeys::Key& newest = keys.newest();
  Bytes object;
  write_header(object, HeaderKind::audit_entry);
  ByteWriter writer(object);
  writer.u16(newest.epoch);
  writer.raw(place.log.view());
  writer.u64(place.number);
  writer.raw(place.hash.view());
  const Bytes clear = object;
  writer.bytes(seal_record(newest.suite, newest.key, "audit", clear, encode_facts(facts)));
  Bytes personal_part;
  if (subject != nullptr) {
    personal_part = copy_of(subject->id.view());
    append(personal_part,
           seal_record(newest.suite, subject->key.view(), "audit personal", clear, encode_personal(personal)));
  }
  writer.bytes(personal_part);
  sign_object(object, "igudar audit 1", context.domain, signer);
  return object;
}

AuditEntry decode_audit_entry(ByteView object) {
  check_header(object, HeaderKind::audit_entry);
  ByteReader reader(object.subspan(kHeaderSize), kWhat);
  AuditEntry entry;
  entry.epoch = reader.u16();
  entry.log = reader.id<16>();
  entry.number = reader.u64();
  entry.previous = reader.id<32>();
  entry.clear = object.first(kClearSize);
  entry.sealed_facts = reader.bytes();
  const ByteView personal = reader.bytes();
  if (!personal.empty()) {
    if (personal.size() < SubjectId::kSize + kSmallestSealedRecord) reader.fail();
    entry.subject = SubjectId::from(personal.first(SubjectId::kSize));
    entry.sealed_personal = personal.subspan(SubjectId::kSize);
  }
  entry.signer = reader.id<32>();
  entry.capability = static_cast<Capability>(reader.u8());
  (void)reader.take(2 * kSignatureSize);
  reader.expect_done();
  return entry;
}

bool is_genuine_audit_entry(ByteView object, const Id16& domain, const Id32& authority) {
  return is_genuine(object, "igudar audit 1", domain, authority);
}

AuditFacts open_audit_facts(const AuditEntry& entry, const IndexKeys& keys) {
  return decode_audit_facts(open_record(keys.of(entry.epoch), "audit", entry.clear, entry.sealed_facts));
}

AuditPersonal open_audit_personal(const AuditEntry& entry, ByteView subject_key) {
  return decode_audit_personal(open_record(subject_key, "audit personal", entry.clear, entry.sealed_personal));
}

AuditFacts decode_audit_facts(ByteView record) {
  const FieldList fields(record, kWhat);
  AuditFacts facts;
  facts.type = static_cast<AuditType>(fields.u8(kType));
  facts.time = fields.i64(kTime);
  facts.operation = fields.text(kOperation);
  facts.slot = Id16::from(fields.require(kSlot, 16));
  if (fields.find(kIntent)) facts.intent = fields.u64(kIntent);
  if (fields.find(kStatus)) facts.status = fields.u32(kStatus);
  if (fields.find(kError)) facts.error = fields.text(kError);
  for (const ByteView value : fields.find_all(kCount)) {
    ByteReader reader(value, kWhat);
    std::string name = reader.text();
    facts.counts[std::move(name)] = reader.varint();
    reader.expect_done();
  }
  for (const ByteView value : fields.find_all(kObject)) {
    ByteReader reader(value, kWhat);
    const auto relation = static_cast<AuditRelation>(reader.u8());
    facts.objects.push_back({relation, std::string(text_of(reader.rest()))});
  }
  for (const ByteView value : fields.find_all(kHead)) {
    ByteReader reader(value, kWhat);
    facts.heads.push_back({reader.id<16>(), reader.u64(), reader.id<32>()});
    reader.expect_done();
  }
  for (const ByteView value : fields.find_all(kSubject)) facts.subjects.push_back(ByteReader(value, kWhat).id<16>());
  if (fields.find(kForked)) facts.forked = AuditLogId::from(fields.require(kForked, 16));
  return facts;
}

AuditPersonal decode_audit_personal(ByteView record) {
  const FieldList fields(record, kWhat);
  AuditPersonal personal{fields.text(kUser), fields.u32(kUid), fields.text(kHost), fields.texts(kArgument), {}};
  for (const ByteView value : fields.find_all(kFailure)) personal.failures.push_back(decode_failure(value));
  return personal;
}

Bytes encode_merged_entries(const std::vector<Bytes>& entries) {
  Bytes object;
  write_header(object, HeaderKind::audit_entry);
  ByteWriter writer(object);
  writer.u16(0);
  for (const Bytes& entry : entries) writer.bytes(entry);
  return object;
}

std::vector<Bytes> decode_merged_entries(ByteView object) {
  check_header(object, HeaderKind::audit_entry);
  ByteReader reader(object.subspan(kHeaderSize), kWhat);
  (void)reader.u16();
  std::vector<Bytes> entries;
  while (!reader.done()) entries.push_back(copy_of(reader.bytes()));
  return entries;
}

Bytes encode_subject(const RecordContext& context, const Signer& signer, const SessionRef& sealed, ByteView key,
                     std::string_view name) {
  Bytes object;
  write_header(object, HeaderKind::audit_subject);
  ByteWriter writer(object);
  writer.u16(sealed.epoch);
  writer.raw(sealed.id.view());
  writer.u8(static_cast<std::uint8_t>(sealed.suite));
  writer.bytes(sealed.sealed_secret.view());
  const Bytes clear = object;
  writer.bytes(seal_record(sealed.suite, key, "audit subject", clear, view_of(name)));
  sign_object(object, "igudar subject 1", context.domain, signer);
  return object;
}

SealedSubject decode_subject(const RecordContext& context, const Id32& authority, const SubjectId& subject,
                             ByteView object) {
  check_header(object, HeaderKind::audit_subject);
  ByteReader reader(object.subspan(kHeaderSize), kSubjectWhat);
  SealedSubject result;
  result.sealed.epoch = reader.u16();
  result.sealed.id = reader.id<16>();
  result.sealed.suite = require_cipher_suite(reader.u8());
  result.sealed.sealed_secret = SealedSecret(result.sealed.epoch, reader.bytes());
  result.clear = copy_of(object.first(object.size() - reader.rest().size()));
  result.sealed_name = copy_of(reader.bytes());
  (void)reader.take(kTrailerSize);
  reader.expect_done();
  if (result.sealed.id != subject) reader.fail();
  if (!is_genuine(object, "igudar subject 1", context.domain, authority))
    throw Error(ErrorCode::forged, tr("a record's signature is not valid: someone without the right wrote it"));
  return result;
}

std::string open_subject_name(const SealedSubject& subject, ByteView key) {
  return std::string(text_of(open_record(key, "audit subject", subject.clear, subject.sealed_name)));
}

}  // namespace igudar
