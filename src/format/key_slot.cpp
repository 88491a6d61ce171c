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
enum ClearTag : std::uint64_t { kRecipient = 1, kKdf, kLabel, kWrapped, kLabelEpoch, kLabelDomain };
enum WrappedTag : std::uint64_t { kFingerprint = 1, kWrappedKey, kOaepHash };
enum SlotTag : std::uint64_t {
  kCapability = 1,
  kSigningSeed,
  kAuthority,
  kCertificate,
  kAuthoritySeed,
  kEpoch,
  kConfig
};
enum LabelTag : std::uint64_t { kLabelCapability = 1, kLabelCreated, kLabelUser, kLabelHost, kLabelSigner, kLabelName };

Bytes encode_secrets(const SlotSecrets& secrets) {
  Bytes out;
  out.reserve(4096);  // so that growing leaves no copies of secrets behind
  ByteWriter writer(out);
  writer.field_u8(kCapability, static_cast<std::uint8_t>(secrets.signer.capability));
  writer.field(kSigningSeed, secrets.signer.key.seed.view());
  writer.field(kAuthority, secrets.authority.view());
  writer.field(kCertificate, secrets.signer.certificate);
  if (!secrets.authority_seed.empty()) writer.field(kAuthoritySeed, secrets.authority_seed.view());
  write_epochs(writer, kEpoch, secrets.epochs);
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

SlotSecrets SlotSecrets::clone() const {
  SlotSecrets copy;
  copy.signer = signer.clone();
  copy.authority = authority;
  copy.authority_seed = authority_seed.clone();
  for (const EpochKeys& keys : epochs) copy.epochs.push_back(keys.clone());
  copy.config = config;
  return copy;
}

Bytes encode_slot(const Id16& id, const SlotRecipient& recipient, ByteView slot_key, const SlotSecrets& secrets,
                  const IndexKeys& label_keys, const std::optional<Id16>& label_domain, const SlotLabel& label) {
  Bytes clear;
  ByteWriter clear_writer(clear);
  clear_writer.field_u8(kRecipient, static_cast<std::uint8_t>(recipient.kind));
  const bool is_password = recipient.kind == RecipientKind::password;
  if (is_password) clear_writer.field(kKdf, encode_derivation(recipient));
  const IndexKeys::Key& key = label_keys.newest();
  clear_writer.field(kLabel, seal_record(key.suite, key.key, "slot label", id.view(), encode_label(label)));
  if (!is_password) clear_writer.field(kWrapped, encode_wrapped(recipient));
  clear_writer.field_u16(kLabelEpoch, key.epoch);
  if (label_domain) clear_writer.field(kLabelDomain, label_domain->view());

  Bytes object;
  write_header(object, HeaderKind::key_slot);
  ByteWriter writer(object);
  writer.u32(static_cast<std::uint32_t>(clear.size()));
  writer.raw(clear);
  Bytes record = encode_secrets(secrets);
  append(object, seal_record(key.suite, slot_key, "key slot", Bytes(object), record));
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
  slot.label_epoch = clear.u16(kLabelEpoch);
  if (clear.find(kLabelDomain)) slot.label_domain = Id16::from(clear.require(kLabelDomain, 16));
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

SlotLabel open_slot_label(const KeySlot& slot, const IndexKeys& keys) {
  return decode_slot_label(open_record(keys.of(slot.label_epoch), "slot label", slot.id.view(), slot.label));
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
  secrets.epochs = read_epochs(fields, kEpoch);
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
