#include "format/authority_record.h"

#include "base/error.h"
#include "base/translate.h"
#include "crypto/hash.h"

namespace igudar {

namespace {

constexpr std::size_t kSignatureSize = 64;
constexpr std::size_t kChecksumSize = 32;

Bytes signed_message(std::string_view what, const Id16& repository, ByteView before) {
  Bytes message = copy_of(view_of("igudar " + std::string(what) + " 1"));
  append(message, repository.view());
  append(message, before);
  return message;
}

}  // namespace

Bytes encode_authority_record(HeaderKind kind, std::string_view what, const Id16& repository, ByteView body,
                              const SigningKey& authority) {
  Bytes object;
  write_header(object, kind);
  append(object, body);
  append(object, sign(authority, signed_message(what, repository, object)));
  append(object, sha256(object).view());
  return object;
}

Bytes decode_authority_record(HeaderKind kind, std::string_view what, const Id16& repository, const Id32& authority,
                              ByteView object) {
  check_header(object, kind);
  if (object.size() < kHeaderSize + kSignatureSize + kChecksumSize)
    throw Error(ErrorCode::truncated, tr("a record of the repository's keys is cut short"));
  const ByteView checked = object.first(object.size() - kChecksumSize);
  if (!equal(sha256(checked).view(), object.last(kChecksumSize)))
    throw Error(ErrorCode::damaged, tr("a record of the repository's keys is damaged: its checksum does not match"));
  const ByteView before = checked.first(checked.size() - kSignatureSize);
  if (!verify_signature(authority, signed_message(what, repository, before), checked.last(kSignatureSize)))
    throw Error(ErrorCode::forged,
                tr("a record of the repository's keys is forged: the repository's authority did not sign it"));
  return copy_of(before.subspan(kHeaderSize));
}

}  // namespace igudar
