#include "format/consent_body.h"

#include "crypto/keyed_hash.h"
#include "format/byte_writer.h"
#include "format/field_list.h"

namespace igudar {

namespace {

enum ConsentTag : std::uint64_t { kCategory = 1, kBasis, kGiven, kUntil, kWithdrawn };
enum ConsentDetailsTag : std::uint64_t { kSubject = 1, kPurpose, kDocument, kRecordedBy, kReason };
enum SourceTag : std::uint64_t { kSourceCategory = 1, kPlace, kAbove, kRemoved };
enum SourceDetailsTag : std::uint64_t { kPath = 1, kHost, kSourceRecordedBy };
constexpr std::uint64_t kName = 1;
constexpr std::uint64_t kValue = 1;
constexpr const char* kConsent = "consent";
constexpr const char* kSource = "source of personal data";
constexpr const char* kProcessing = "record of processing";

std::string text_or_none(const FieldList& fields, std::uint64_t tag) {
  return fields.find(tag) ? fields.text(tag) : std::string();
}

void field_unless_empty(ByteWriter& writer, std::uint64_t tag, const std::string& text) {
  if (!text.empty()) writer.field(tag, text);
}

}  // namespace

PlaceKey place_key(ByteView index_key, const std::string& host, const std::string& path) {
  const std::string message = std::string("place") + '\0' + host + '\0' + path;
  return PlaceKey::from(hmac_sha256(index_key, view_of(message)).view().first(PlaceKey::kSize));
}

Bytes encode_consent(const ConsentBody& body) {
  Bytes out;
  ByteWriter writer(out);
  for (const std::string& category : body.categories) writer.field(kCategory, category);
  writer.field_u8(kBasis, static_cast<std::uint8_t>(body.basis));
  writer.field_i64(kGiven, body.given);
  if (body.until) writer.field_i64(kUntil, *body.until);
  if (body.withdrawn) writer.field_u8(kWithdrawn, 1);
  return out;
}

ConsentBody decode_consent(ByteView record) {
  const FieldList fields(record, kConsent);
  ConsentBody body;
  body.categories = fields.texts(kCategory);
  body.basis = static_cast<LegalBasis>(fields.u8(kBasis));
  body.given = fields.i64(kGiven);
  if (fields.find(kUntil)) body.until = fields.i64(kUntil);
  body.withdrawn = fields.find(kWithdrawn).has_value();
  return body;
}

Bytes encode_consent_details(const ConsentDetails& details) {
  Bytes out;
  ByteWriter writer(out);
  field_unless_empty(writer, kSubject, details.subject);
  field_unless_empty(writer, kPurpose, details.purpose);
  field_unless_empty(writer, kDocument, details.document);
  writer.field(kRecordedBy, details.recorded_by);
  field_unless_empty(writer, kReason, details.reason);
  return out;
}

ConsentDetails decode_consent_details(ByteView record) {
  const FieldList fields(record, kConsent);
  return {text_or_none(fields, kSubject), text_or_none(fields, kPurpose), text_or_none(fields, kDocument),
          fields.text(kRecordedBy), text_or_none(fields, kReason)};
}

Bytes encode_personal_source(const PersonalSourceBody& body) {
  Bytes out;
  ByteWriter writer(out);
  for (const std::string& category : body.categories) writer.field(kSourceCategory, category);
  writer.field(kPlace, body.place.view());
  for (const PlaceKey& place : body.above) writer.field(kAbove, place.view());
  if (body.removed) writer.field_u8(kRemoved, 1);
  return out;
}

PersonalSourceBody decode_personal_source(ByteView record) {
  const FieldList fields(record, kSource);
  PersonalSourceBody body;
  body.categories = fields.texts(kSourceCategory);
  body.place = PlaceKey::from(fields.require(kPlace, PlaceKey::kSize));
  for (const ByteView place : fields.find_all(kAbove))
    body.above.push_back(ByteReader(place, kSource).id<PlaceKey::kSize>());
  body.removed = fields.find(kRemoved).has_value();
  return body;
}

Bytes encode_personal_source_details(const PersonalSourceDetails& details) {
  Bytes out;
  ByteWriter writer(out);
  writer.field(kPath, details.path);
  field_unless_empty(writer, kHost, details.host);
  writer.field(kSourceRecordedBy, details.recorded_by);
  return out;
}

PersonalSourceDetails decode_personal_source_details(ByteView record) {
  const FieldList fields(record, kSource);
  return {fields.text(kPath), text_or_none(fields, kHost), fields.text(kSourceRecordedBy)};
}

Bytes encode_processing_name(const std::string& name) {
  Bytes out;
  ByteWriter(out).field(kName, name);
  return out;
}

Bytes encode_processing_value(const std::string& value) {
  Bytes out;
  ByteWriter(out).field(kValue, value);
  return out;
}

std::string decode_processing_name(ByteView record) {
  return FieldList(record, kProcessing).text(kName);
}

std::string decode_processing_value(ByteView record) {
  return FieldList(record, kProcessing).text(kValue);
}

}  // namespace igudar
