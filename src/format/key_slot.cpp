#include "format/key_slot.h"

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "format/byte_writer.h"
#include "format/field_list.h"
#include "format/object_header.h"
#include "format/password_derivation.h"
#include "format/sealed_record.h"

namespace igudar {

namespace {

constexpr std::size_t kLargestWrapped = 4096;
constexpr std::size_t kRecoverySalt = 16;
enum ClearTag : std::uint64_t { kRecipient = 1, kKdf, kLabel, kWrapped };
enum WrappedTag : std::uint64_t { kFingerprint = 1, kWrappedKey, kOaepHash };
enum SlotTag : std::uint64_t {
  kCapability = 1,
  kSigningSeed,
  kAuthority,
  kCertificate,
  kAuthoritySeed,
  kDomain,
  kConfig
};
enum DomainTag : std::uint64_t { kNumber = 1, kName, kIdKey, kChunkerKey, kIndexKey, kDataPublic, kDataSecret };
enum LabelTag : std::uint64_t { kLabelCapability = 1, kLabelCreated, kLabelUser, kLabelHost, kLabelSigner, kLabelName };

Capability to_capability(std::uint8_t value) {
  if (value < 1 || value > 3) throw Error(ErrorCode::damaged, tr("a key slot grants an unknown capability"));
  return static_cast<Capability>(value);
}

Bytes encode_domain(const DomainSecrets& domain) {
  Bytes out;
  ByteWriter writer(out);
  Bytes number;
  ByteWriter(number).u16(domain.number);
  writer.field(kNumber, number);
  writer.field(kName, domain.name);
  const auto secret = [&](std::uint64_t tag, const SecretBytes& value) {
    if (!value.empty()) writer.field(tag, value.view());
  };
  secret(kIdKey, domain.id_key);
  secret(kChunkerKey, domain.chunker_key);
  secret(kIndexKey, domain.index_key);
  writer.field(kDataPublic, domain.data_public_key.view());
  secret(kDataSecret, domain.data_secret_key);
  return out;
}

DomainSecrets decode_domain(ByteView input) {
  const FieldList fields(input, "key slot");
  const auto secret = [&](std::uint64_t tag) {
    const std::optional<ByteView> value = fields.find(tag);
    return value ? SecretBytes(fields.require(tag, 32)) : SecretBytes();
  };
  DomainSecrets domain;
  domain.number = ByteReader(fields.require(kNumber, 2), "key slot").u16();
  domain.name = fields.text(kName);
  domain.id_key = secret(kIdKey);
  domain.chunker_key = secret(kChunkerKey);
  domain.index_key = secret(kIndexKey);
  domain.data_public_key = Id32::from(fields.require(kDataPublic, 32));
  domain.data_secret_key = secret(kDataSecret);
  return domain;
}

Bytes encode_secrets(const SlotSecrets& secrets) {
  Bytes out;
  out.reserve(4096);  // so that growing leaves no copies of secrets behind
  ByteWriter writer(out);
  writer.field_u8(kCapability, static_cast<std::uint8_t>(secrets.signer.capability));
  writer.field(kSigningSeed, secrets.signer.key.seed.view());
  writer.field(kAuthority, secrets.authority.view());
  writer.field(kCertificate, secrets.signer.certificate);
  if (!secrets.authority_seed.empty()) writer.field(kAuthoritySeed, secrets.authority_seed.view());
  for (const DomainSecrets& domain : secrets.domains) {
    Bytes encoded = encode_domain(domain);
    writer.field(kDomain, encoded);
    wipe(encoded);
  }
  writer.field(kConfig, secrets.config);
  return out;
}

Bytes encode_label(const SlotLabel& label) {
  Bytes out;
  ByteWriter writer(out);
  writer.field_u8(kLabelCapability, static_cast<std::uint8_t>(label.capability));
  writer.field_i64(kLabelCreated, label.created);
  writer.field(kLabelUser, label.user);
  writer.field(kLabelHost, label.host);
  writer.field(kLabelSigner, label.signer.view());
  if (!label.recipient_name.empty()) writer.field(kLabelName, label.recipient_name);
  return out;
}

Bytes encode_derivation(const SlotRecipient& recipient) {
  Bytes out;
  ByteWriter writer(out);
  write_derivation(writer, {recipient.kdf, recipient.kdf_salt});
  return out;
}

Bytes encode_wrapped(const SlotRecipient& recipient) {
  Bytes out;
  ByteWriter writer(out);
  writer.field(kFingerprint, recipient.fingerprint.view());
  writer.field(kWrappedKey, recipient.wrapped);
  if (recipient.oaep_hash) writer.field_u8(kOaepHash, static_cast<std::uint8_t>(*recipient.oaep_hash));
  return out;
}

// Both answer nullopt for what only a newer program knows.
std::optional<SlotRecipient> parse_password(const FieldList& clear) {
  ByteReader reader(clear.require(kKdf, 25), "key slot");
  const PasswordDerivation derivation = read_derivation(reader);
  const auto known = std::find(kPasswordKdfs.begin(), kPasswordKdfs.end(), derivation.kdf.kdf);
  if (known == kPasswordKdfs.end()) return std::nullopt;
  check_bounds(derivation.kdf);
  SlotRecipient recipient;
  recipient.kdf = derivation.kdf;
  recipient.kdf_salt = derivation.salt;
  return recipient;
}

std::optional<SlotRecipient> parse_wrapped(RecipientKind kind, const FieldList& clear) {
  const FieldList fields(clear.require(kWrapped), "key slot");
  SlotRecipient recipient;
  recipient.kind = kind;
  recipient.fingerprint = KeyFingerprint::from(fields.require(kFingerprint, KeyFingerprint::kSize));
  recipient.wrapped = copy_of(fields.require(kWrappedKey));
  if (recipient.wrapped.size() > kLargestWrapped)
    throw Error(ErrorCode::damaged, tr("the wrapped key in a key slot is too long"));
  if (kind == RecipientKind::recovery) fields.require(kWrappedKey, kRecoverySalt);
  if (kind == RecipientKind::rsa || fields.find(kOaepHash)) {
    const std::uint8_t hash = fields.u8(kOaepHash);
    if (hash < 1 || hash > 2) return std::nullopt;
    recipient.oaep_hash = static_cast<OaepHash>(hash);
  }
  return recipient;
}

std::optional<SlotRecipient> parse_recipient(const FieldList& clear) {
  const std::uint8_t kind = clear.u8(kRecipient);
  if (kind == static_cast<std::uint8_t>(RecipientKind::password)) return parse_password(clear);
  if (kind < 1 || kind > static_cast<std::uint8_t>(RecipientKind::recovery)) return std::nullopt;
  return parse_wrapped(static_cast<RecipientKind>(kind), clear);
}

}  // namespace

KeyFingerprint fingerprint_of(ByteView public_key) {
  return KeyFingerprint::from(sha256(public_key).view().first(KeyFingerprint::kSize));
}

DomainSecrets DomainSecrets::clone() const {
  return {
      number, name, id_key.clone(), chunker_key.clone(), index_key.clone(), data_public_key, data_secret_key.clone(),
      suite};
}

Bytes encode_slot(const Id16& id, const SlotRecipient& recipient, ByteView slot_key, const SlotSecrets& secrets,
                  const SlotLabel& label) {
  Bytes clear;
  ByteWriter clear_writer(clear);
  clear_writer.field_u8(kRecipient, static_cast<std::uint8_t>(recipient.kind));
  const bool is_password = recipient.kind == RecipientKind::password;
  if (is_password) clear_writer.field(kKdf, encode_derivation(recipient));
  const DomainSecrets& domain = secrets.domains.front();
  clear_writer.field(kLabel,
                     seal_record(domain.suite, domain.index_key.view(), "slot label", id.view(), encode_label(label)));
  if (!is_password) clear_writer.field(kWrapped, encode_wrapped(recipient));

  Bytes object;
  write_header(object, HeaderKind::key_slot);
  ByteWriter writer(object);
  writer.u32(static_cast<std::uint32_t>(clear.size()));
  writer.raw(clear);
  Bytes record = encode_secrets(secrets);
  append(object, seal_record(domain.suite, slot_key, "key slot", Bytes(object), record));
  wipe(record);
  append(object, sha256(object).view());
  return object;
}

std::optional<KeySlot> parse_slot(const Id16& id, ByteView object) {
  check_header(object, HeaderKind::key_slot);
  if (object.size() < kHeaderSize + 4 + kSmallestSealedRecord + 32)
    throw Error(ErrorCode::truncated, tr("a key slot is cut short"));
  const ByteView checked = object.first(object.size() - 32);
  if (!equal(sha256(checked).view(), object.last(32)))
    throw Error(ErrorCode::damaged, tr("a key slot is damaged: its checksum does not match"));

  ByteReader reader(checked.subspan(kHeaderSize), "key slot");
  const FieldList clear(reader.take(reader.u32()), "key slot");
  std::optional<SlotRecipient> recipient = parse_recipient(clear);
  if (!recipient) return std::nullopt;
  KeySlot slot;
  slot.id = id;
  slot.recipient = std::move(*recipient);
  slot.label = copy_of(clear.require(kLabel));
  slot.clear = copy_of(checked.first(checked.size() - reader.rest().size()));
  slot.sealed = copy_of(reader.rest());
  for (const ByteView sealed : {ByteView(slot.label), ByteView(slot.sealed)})
    if (!sealed.empty() && !find_cipher_suite(sealed[0])) return std::nullopt;
  return slot;
}

std::optional<SlotSecrets> open_slot(const KeySlot& slot, ByteView slot_key) {
  std::optional<Bytes> record = try_open_record(slot_key, "key slot", slot.clear, slot.sealed);
  if (!record) return std::nullopt;
  SlotSecrets secrets = decode_slot_record(*record);
  wipe(*record);
  return secrets;
}

SlotLabel open_slot_label(const KeySlot& slot, ByteView index_key) {
  return decode_slot_label(open_record(index_key, "slot label", slot.id.view(), slot.label));
}

SlotSecrets decode_slot_record(ByteView record) {
  const FieldList fields(record, "key slot");
  SlotSecrets secrets;
  secrets.signer.capability = to_capability(fields.u8(kCapability));
  secrets.signer.key = signing_key_from_seed(fields.require(kSigningSeed, 32));
  secrets.authority = Id32::from(fields.require(kAuthority, 32));
  const ByteView certificate = fields.require(kCertificate, 64);
  std::copy(certificate.begin(), certificate.end(), secrets.signer.certificate.begin());
  if (fields.find(kAuthoritySeed)) secrets.authority_seed = SecretBytes(fields.require(kAuthoritySeed, 32));
  for (const ByteView domain : fields.find_all(kDomain)) secrets.domains.push_back(decode_domain(domain));
  if (secrets.domains.empty()) throw Error(ErrorCode::damaged, tr("a key slot holds no keys"));
  secrets.config = copy_of(fields.require(kConfig));
  return secrets;
}

SlotLabel decode_slot_label(ByteView record) {
  const FieldList fields(record, "slot label");
  return {to_capability(fields.u8(kLabelCapability)),
          fields.i64(kLabelCreated),
          fields.text(kLabelUser),
          fields.text(kLabelHost),
          Id32::from(fields.require(kLabelSigner, 32)),
          fields.find(kLabelName) ? fields.text(kLabelName) : std::string()};
}

}  // namespace igudar
