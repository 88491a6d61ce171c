#include "format/signed_record.h"

#include "base/error.h"
#include "base/translate.h"
#include "crypto/random.h"
#include "format/byte_reader.h"
#include "format/byte_writer.h"
#include "format/sealed_record.h"

namespace igudar {

namespace {

constexpr std::size_t kTrailerSize = 32 + 1 + 64 + 64;
constexpr std::size_t kPrefixSize = kHeaderSize + 2;

Bytes certificate_message(const Id16& domain, const Id32& signer, Capability capability) {
  Bytes message;
  ByteWriter writer(message);
  writer.raw(view_of("igudar certificate 1"));
  writer.raw(domain.view());
  writer.raw(signer.view());
  writer.u8(static_cast<std::uint8_t>(capability));
  return message;
}

Bytes signature_message(const RecordContext& context, std::uint16_t epoch, ByteView object_id, ByteView salt,
                        ByteView fields) {
  Bytes message;
  ByteWriter writer(message);
  writer.raw(view_of("igudar record 1"));
  writer.raw(context.domain.view());
  writer.u8(static_cast<std::uint8_t>(context.kind));
  writer.u16(epoch);
  writer.bytes(object_id);
  writer.raw(salt);
  writer.raw(fields);
  return message;
}

bool may_sign(Capability capability, HeaderKind kind) {
  if (capability == Capability::full) return true;
  if (kind == HeaderKind::registry) return false;
  return capability == (kind == HeaderKind::snapshot ? Capability::write : Capability::maintain);
}

Bytes aad_of(ByteView prefix, ByteView extra) {
  Bytes aad = copy_of(prefix);
  append(aad, extra);
  return aad;
}

}  // namespace

Capability to_capability(std::uint8_t value) {
  if (value < 1 || value > 3) throw Error(ErrorCode::damaged, tr("an unknown capability is granted"));
  return static_cast<Capability>(value);
}

bool is_certified(const Id32& authority, const Id16& domain, const Id32& signer, Capability capability,
                  ByteView certificate) {
  return verify_signature(authority, certificate_message(domain, signer, capability), certificate);
}

const char* capability_name(Capability capability) {
  switch (capability) {
    case Capability::full:
      return "full";
    case Capability::write:
      return "write";
    case Capability::maintain:
      return "maintain";
  }
  return "unknown";
}

Signature certify(const SigningKey& authority, const Id16& domain, const Id32& signer, Capability capability) {
  return sign(authority, certificate_message(domain, signer, capability));
}

Bytes encode_signed_object(const RecordContext& context, const IndexKeys& keys, std::string_view info,
                           ByteView object_id, ByteView fields, const Signer& signer) {
  const IndexKeys::Key& newest = keys.newest();
  const Id32 salt = random_id<32>();
  Bytes record = copy_of(fields);
  ByteWriter writer(record);
  writer.raw(signer.key.public_key.view());
  writer.u8(static_cast<std::uint8_t>(signer.capability));
  writer.raw(signer.certificate);
  writer.raw(sign(signer.key, signature_message(context, newest.epoch, object_id, salt.view(), fields)));

  Bytes object;
  write_header(object, context.kind);
  ByteWriter(object).u16(newest.epoch);
  append(object, seal_record(newest.suite, newest.key, info, aad_of(object, object_id), record, salt));
  return object;
}

SignedRecord decode_signed_object(const RecordContext& context, const IndexKeys& keys, std::string_view info,
                                  ByteView object_id, const Id32& authority, ByteView object) {
  check_header(object, context.kind);
  ByteReader outer(object.subspan(kHeaderSize), "signed object");
  const std::uint16_t epoch = outer.u16();
  const ByteView sealed = outer.rest();
  const Bytes record = open_record(keys.of(epoch), info, aad_of(object.first(kPrefixSize), object_id), sealed);
  if (record.size() < kTrailerSize) outer.fail();

  const ByteView fields = ByteView(record).first(record.size() - kTrailerSize);
  ByteReader trailer(ByteView(record).last(kTrailerSize), "signature");
  SignedRecord result{copy_of(fields), trailer.id<32>(), static_cast<Capability>(trailer.u8())};
  const ByteView certificate = trailer.take(64);
  const bool genuine =
      may_sign(result.capability, context.kind) &&
      is_certified(authority, context.domain, result.signer, result.capability, certificate) &&
      verify_signature(result.signer, signature_message(context, epoch, object_id, salt_of(sealed), fields),
                       trailer.take(64));
  if (!genuine)
    throw Error(ErrorCode::forged, tr("a record's signature is not valid: someone without the right wrote it"));
  return result;
}

}  // namespace igudar
