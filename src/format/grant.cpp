#include "format/grant.h"

#include <algorithm>

#include "crypto/kdf.h"
#include "format/authority_record.h"

namespace igudar {

namespace {

constexpr const char* kWhat = "grant";
enum Tag : std::uint64_t { kDomain = 1, kEpoch, kSigner, kBox, kCapability, kGranted, kSealed };
enum SealedTag : std::uint64_t { kName = 1, kCertificate, kKeys };

Bytes encode_keys(const GrantedKeys& keys) {
  Bytes out;
  out.reserve(256 + 256 * keys.epochs.size());  // so that growing leaves no copies of secrets behind
  ByteWriter writer(out);
  writer.field(kName, keys.domain_name);
  writer.field(kCertificate, keys.certificate);
  write_epochs(writer, kKeys, keys.epochs);
  return out;
}

}  // namespace

BoxKeyPair holder_box(const SigningKey& signer, BoxKind kind) {
  return derive_box_key_pair(kind, hkdf_sha256(signer.seed.view(), {}, "igudar holder box 1", 32).view());
}

Bytes encode_grant(const Id16& repository, Grant grant, const GrantedKeys& keys, const SigningKey& authority) {
  Bytes plain = encode_keys(keys);
  grant.sealed = seal_to(grant.box, plain);
  wipe(plain);
  Bytes body;
  ByteWriter writer(body);
  writer.field(kDomain, grant.domain.view());
  writer.field_u16(kEpoch, grant.epoch);
  writer.field(kSigner, grant.signer.view());
  writer.field(kBox, grant.box.view());
  writer.field_u8(kCapability, static_cast<std::uint8_t>(grant.capability));
  writer.field_i64(kGranted, grant.granted);
  writer.field(kSealed, grant.sealed);
  return encode_authority_record(HeaderKind::grant, kWhat, repository, body, authority);
}

Grant decode_grant(const Id16& repository, const Id32& authority, ByteView object) {
  return decode_grant_fields(decode_authority_record(HeaderKind::grant, kWhat, repository, authority, object));
}

std::optional<GrantedKeys> open_grant(const Grant& grant, const BoxKeyPair& box) {
  const std::optional<SecretBytes> record = open_sealed(box.public_key, box.secret_key.view(), grant.sealed);
  if (!record) return std::nullopt;
  return decode_granted_keys(record->view());
}

Grant decode_grant_fields(ByteView body) {
  const FieldList fields(body, kWhat);
  return {Id16::from(fields.require(kDomain, 16)), fields.u16(kEpoch),
          Id32::from(fields.require(kSigner, 32)), fields.box_key(kBox),
          to_capability(fields.u8(kCapability)),   fields.i64(kGranted),
          copy_of(fields.require(kSealed))};
}

GrantedKeys decode_granted_keys(ByteView record) {
  const FieldList fields(record, kWhat);
  GrantedKeys keys;
  keys.domain_name = fields.text(kName);
  const ByteView certificate = fields.require(kCertificate, keys.certificate.size());
  std::copy(certificate.begin(), certificate.end(), keys.certificate.begin());
  keys.epochs = read_epochs(fields, kKeys);
  if (keys.epochs.empty()) ByteReader({}, kWhat).fail();
  return keys;
}

}  // namespace igudar
