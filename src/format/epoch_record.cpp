#include "format/epoch_record.h"

#include "format/authority_record.h"
#include "format/byte_writer.h"
#include "format/field_list.h"

namespace igudar {

namespace {

constexpr const char* kWhat = "epoch";
enum Tag : std::uint64_t { kDomain = 1, kEpoch, kBegan, kDataPublic, kSuite, kBefore, kWithdrawal, kOlder };

}  // namespace

Bytes encode_epoch_record(const Id16& repository, const EpochRecord& record, const SigningKey& authority) {
  Bytes body;
  ByteWriter writer(body);
  writer.field(kDomain, record.domain.view());
  writer.field_u16(kEpoch, record.epoch);
  writer.field_i64(kBegan, record.began);
  writer.field(kDataPublic, record.data_public_key.view());
  writer.field_u8(kSuite, static_cast<std::uint8_t>(record.suite));
  if (record.before) writer.field(kBefore, record.before->view());
  for (const Withdrawal& withdrawal : record.withdrawals) {
    Bytes value;
    ByteWriter value_writer(value);
    value_writer.raw(withdrawal.signer.view());
    value_writer.i64(withdrawal.time);
    value_writer.u64(withdrawal.generation);
    for (const Id32& id : withdrawal.accepted) value_writer.raw(id.view());
    writer.field(kWithdrawal, value);
  }
  if (record.older != Rekeying::none) writer.field_u8(kOlder, static_cast<std::uint8_t>(record.older));
  return encode_authority_record(HeaderKind::epoch, kWhat, repository, body, authority);
}

EpochRecord decode_epoch_record(const Id16& repository, const Id32& authority, ByteView object) {
  return decode_epoch_fields(decode_authority_record(HeaderKind::epoch, kWhat, repository, authority, object));
}

EpochRecord decode_epoch_fields(ByteView body) {
  const FieldList fields(body, kWhat);
  EpochRecord record;
  record.domain = Id16::from(fields.require(kDomain, 16));
  record.epoch = fields.u16(kEpoch);
  record.began = fields.i64(kBegan);
  record.data_public_key = fields.box_key(kDataPublic);
  record.suite = require_cipher_suite(fields.u8(kSuite));
  if (fields.find(kBefore)) record.before = Id32::from(fields.require(kBefore, 32));
  for (const ByteView value : fields.find_all(kWithdrawal)) {
    ByteReader reader(value, kWhat);
    Withdrawal& withdrawal = record.withdrawals.emplace_back();
    withdrawal.signer = reader.id<32>();
    withdrawal.time = reader.i64();
    withdrawal.generation = reader.u64();
    while (!reader.done()) withdrawal.accepted.push_back(reader.id<32>());
  }
  if (fields.find(kOlder)) record.older = static_cast<Rekeying>(fields.u8(kOlder));
  return record;
}

}  // namespace igudar
