#include "format/config.h"

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "format/byte_writer.h"
#include "format/field_list.h"
#include "format/object_header.h"

namespace igudar {

namespace {

enum Tag : std::uint64_t {
  kRepository = 1,
  kCreated,
  kAuthority,
  kIdAlgorithm,
  kChunkSizes = 6,
  kFrameSize,
  kPackSize,
  kFeaturesRead,
  kFeaturesWrite,
  kFeaturesCheck,
  kFeaturesDelete,
  kSuite
};
constexpr std::uint8_t kHmacOfLeaves = 3;
constexpr std::size_t kTrailerSize = 64 + 32;
constexpr std::uint32_t kLargestPack = 1U << 30;

Bytes signed_message(ByteView before) {
  Bytes message = copy_of(view_of("igudar config 1"));
  append(message, before);
  return message;
}

// All but the signature and the checksum, which fits.
ByteView checked_config(ByteView object) {
  check_header(object, HeaderKind::config);
  if (object.size() < kHeaderSize + kTrailerSize) throw Error(ErrorCode::truncated, tr("the config is cut short"));
  if (!equal(sha256(object.first(object.size() - 32)).view(), object.last(32)))
    throw Error(ErrorCode::damaged, tr("the config is damaged: its checksum does not match"));
  return object.first(object.size() - kTrailerSize);
}

}  // namespace

void Config::require_support(Operation operation) const {
  const std::vector<std::string>* needed[] = {&features_read, &features_write, &features_check, &features_delete};
  const std::vector<std::string>& features = *needed[static_cast<int>(operation)];
  const auto unknown = std::find_if(features.begin(), features.end(),
                                    [](const std::string& feature) { return feature != kFipsFeature; });
  if (unknown == features.end()) return;
  throw Error(ErrorCode::unsupported,
              trf("the repository uses the feature '{}', which this program does not know", *unknown),
              tr("Use a newer igudar."));
}

bool Config::fips() const {
  return std::find(features_read.begin(), features_read.end(), kFipsFeature) != features_read.end();
}

void Config::require_fips() {
  for (std::vector<std::string>* features : {&features_read, &features_write, &features_check, &features_delete})
    features->emplace_back(kFipsFeature);
}

Bytes encode_config(const Config& config, const SigningKey& authority) {
  Bytes object;
  write_header(object, HeaderKind::config);
  ByteWriter writer(object);
  writer.field(kRepository, config.repository.view());
  writer.field_i64(kCreated, config.created);
  writer.field(kAuthority, config.authority.view());
  writer.field_u8(kIdAlgorithm, kHmacOfLeaves);
  Bytes sizes;
  ByteWriter size_writer(sizes);
  for (const std::uint32_t size : {config.chunk_sizes.min, config.chunk_sizes.average, config.chunk_sizes.max})
    size_writer.u32(size);
  writer.field(kChunkSizes, sizes);
  writer.field_u32(kFrameSize, config.frame_size);
  writer.field_u32(kPackSize, config.pack_size);
  for (const std::string& feature : config.features_read) writer.field(kFeaturesRead, feature);
  for (const std::string& feature : config.features_write) writer.field(kFeaturesWrite, feature);
  for (const std::string& feature : config.features_check) writer.field(kFeaturesCheck, feature);
  for (const std::string& feature : config.features_delete) writer.field(kFeaturesDelete, feature);
  writer.field_u8(kSuite, static_cast<std::uint8_t>(config.suite));
  append(object, sign(authority, signed_message(object)));
  append(object, sha256(object).view());
  return object;
}

Config decode_config(ByteView object) {
  const ByteView body = checked_config(object);
  Config config = decode_config_fields(body.subspan(kHeaderSize));
  if (!verify_signature(config.authority, signed_message(body), object.subspan(body.size(), 64)))
    throw Error(ErrorCode::damaged, tr("the config was altered: its signature is not valid"));
  return config;
}

bool claims_fips(ByteView object) {
  return decode_config_fields(checked_config(object).subspan(kHeaderSize)).fips();
}

Config decode_config_fields(ByteView record) {
  const FieldList fields(record, "config");
  Config config;
  config.repository = Id16::from(fields.require(kRepository, 16));
  config.created = fields.i64(kCreated);
  config.authority = Id32::from(fields.require(kAuthority, 32));
  if (fields.u8(kIdAlgorithm) != kHmacOfLeaves)
    throw Error(ErrorCode::unsupported, tr("the repository uses an algorithm that this program does not know"),
                tr("Use a newer igudar."));

  ByteReader sizes(fields.require(kChunkSizes, 12), "config");
  config.chunk_sizes.min = sizes.u32();
  config.chunk_sizes.average = sizes.u32();
  config.chunk_sizes.max = sizes.u32();
  check_sizes(config.chunk_sizes);
  config.frame_size = fields.u32(kFrameSize);
  config.pack_size = fields.u32(kPackSize);
  if (config.frame_size == 0 || config.frame_size > (64U << 20) || config.pack_size == 0 ||
      config.pack_size > kLargestPack)
    sizes.fail();
  config.features_read = fields.texts(kFeaturesRead);
  config.features_write = fields.texts(kFeaturesWrite);
  config.features_check = fields.texts(kFeaturesCheck);
  config.features_delete = fields.texts(kFeaturesDelete);
  config.suite = require_cipher_suite(fields.u8(kSuite));
  return config;
}

}  // namespace igudar
