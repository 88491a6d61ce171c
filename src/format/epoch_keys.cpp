#include "format/epoch_keys.h"

namespace igudar {

namespace {

constexpr const char* kWhat = "keys of a domain";
constexpr std::size_t kKeySize = 32;
enum Tag : std::uint64_t { kEpoch = 1, kSuite, kIdKey, kChunkerKey, kIndexKey, kDataPublic, kDataSecret };

Bytes encode(const EpochKeys& keys) {
  Bytes out;
  out.reserve(256);  // so that growing leaves no copies of secrets behind
  ByteWriter writer(out);
  const auto secret = [&](std::uint64_t tag, const SecretBytes& value) {
    if (!value.empty()) writer.field(tag, value.view());
  };
  writer.field_u16(kEpoch, keys.epoch);
  writer.field_u8(kSuite, static_cast<std::uint8_t>(keys.suite));
  secret(kIdKey, keys.id_key);
  secret(kChunkerKey, keys.chunker_key);
  secret(kIndexKey, keys.index_key);
  writer.field(kDataPublic, keys.data_public_key.view());
  secret(kDataSecret, keys.data_secret_key);
  return out;
}

EpochKeys decode(ByteView input) {
  const FieldList fields(input, kWhat);
  const auto secret = [&](std::uint64_t tag) {
    return fields.find(tag) ? SecretBytes(fields.require(tag, kKeySize)) : SecretBytes();
  };
  EpochKeys keys;
  keys.epoch = fields.u16(kEpoch);
  keys.suite = require_cipher_suite(fields.u8(kSuite));
  keys.id_key = secret(kIdKey);
  keys.chunker_key = secret(kChunkerKey);
  keys.index_key = SecretBytes(fields.require(kIndexKey, kKeySize));
  keys.data_public_key = fields.box_key(kDataPublic);
  keys.data_secret_key = secret(kDataSecret);
  return keys;
}

}  // namespace

EpochKeys EpochKeys::clone() const {
  return {
      epoch, suite, id_key.clone(), chunker_key.clone(), index_key.clone(), data_public_key, data_secret_key.clone()};
}

void write_epochs(ByteWriter& writer, std::uint64_t tag, const std::vector<EpochKeys>& epochs) {
  for (const EpochKeys& keys : epochs) {
    Bytes encoded = encode(keys);
    writer.field(tag, encoded);
    wipe(encoded);
  }
}

std::vector<EpochKeys> read_epochs(const FieldList& fields, std::uint64_t tag) {
  std::vector<EpochKeys> epochs;
  for (const ByteView field : fields.find_all(tag)) {
    EpochKeys keys = decode(field);
    if (!epochs.empty() && keys.epoch <= epochs.back().epoch) ByteReader({}, kWhat).fail();
    epochs.push_back(std::move(keys));
  }
  return epochs;
}

}  // namespace igudar
