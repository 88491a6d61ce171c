#include "format/audit_entry.h"

#include <gmock/gmock.h>

#include "crypto/hash.h"
#include "format/format_testing.h"

namespace igudar {

namespace {

using testing::counted_id;
using testing::expect_tamper_proof;
using testing::refuses;

const Id32 kIndexKey = counted_id<32>(0x40);
const AuditHead kPlace{counted_id<16>(3), 7, counted_id<32>(0x30)};

IndexKeys index_keys() {
  return IndexKeys({{4, CipherSuite::aes_256_gcm, kIndexKey.view()}});
}

struct Writer {
  SigningKey authority = signing_key_from_seed(counted_id<32>(1).view());
  RecordContext context{counted_id<16>(7), HeaderKind::audit_entry};
  Signer signer{signing_key_from_seed(counted_id<32>(2).view()), Capability::write, {}};
  SubjectKey subject{counted_id<16>(5), SecretBytes(counted_id<32>(6).view())};

  Writer() { signer.certificate = certify(authority, context.domain, signer.key.public_key, signer.capability); }

  Bytes entry(const AuditFacts& facts, const AuditPersonal& personal) const {
    return encode_audit_entry(context, index_keys(), signer, kPlace, facts, &subject, personal);
  }
};

AuditFacts example_facts() {
  AuditFacts facts;
  facts.type = AuditType::outcome;
  facts.time = 1'800'000'000'000'000'000;
  facts.operation = "key add";
  facts.slot = counted_id<16>(9);
  facts.intent = 6;
  facts.status = 11;
  facts.error = "damaged";
  facts.counts = {{"files", 300}, {"new_bytes", 1ULL << 40}};
  facts.objects = {{AuditRelation::made, "keys/ab"}, {AuditRelation::removed, "snapshots/cd"}};
  facts.heads = {kPlace, {counted_id<16>(4), 0, counted_id<32>(8)}};
  facts.subjects = {counted_id<16>(1), counted_id<16>(2)};
  facts.forked = counted_id<16>(10);
  return facts;
}

AuditPersonal example_personal() {
  return {"amina", 1000, "web1", {"/home/amina/lettre \xff", "--tag=x"}, {{-1, "token", "wrong_key", "amina"}}};
}

TEST(AuditEntry, gives_back_what_it_was_given) {
  const Writer writer;
  const Bytes object = writer.entry(example_facts(), example_personal());
  const AuditEntry entry = decode_audit_entry(object);
  EXPECT_EQ(entry.log, kPlace.log);
  EXPECT_EQ(entry.number, kPlace.number);
  EXPECT_EQ(entry.previous, kPlace.hash);
  EXPECT_EQ(entry.subject, writer.subject.id);
  EXPECT_EQ(entry.capability, Capability::write);
  EXPECT_EQ(open_audit_facts(entry, index_keys()), example_facts());
  EXPECT_EQ(open_audit_personal(entry, writer.subject.key.view()), example_personal());
  EXPECT_THROW((void)open_audit_personal(entry, kIndexKey.view()), Error);
}

TEST(AuditEntry, shows_any_change_without_a_key) {
  const Writer writer;
  const Bytes object = writer.entry(example_facts(), example_personal());
  const auto verify = [&](ByteView o) {
    (void)decode_audit_entry(o);
    if (!is_genuine_audit_entry(o, writer.context.domain, writer.authority.public_key))
      throw Error(ErrorCode::forged, "not genuine");
  };
  expect_tamper_proof(verify, object);
  EXPECT_FALSE(is_genuine_audit_entry(object, counted_id<16>(8), writer.authority.public_key));
  EXPECT_FALSE(is_genuine_audit_entry(object, writer.context.domain, writer.signer.key.public_key));
}

TEST(AuditEntry, has_one_form_of_each_name) {
  const AuditLogId log = counted_id<16>(0);
  EXPECT_EQ(audit_object_id(log, 12), "000102030405060708090a0b0c0d0e0f.12");
  EXPECT_EQ(audit_object_id(log, 0, 63), "000102030405060708090a0b0c0d0e0f.0-63");
  const auto merged = parse_audit_object_id("000102030405060708090a0b0c0d0e0f.3-9");
  ASSERT_TRUE(merged);
  EXPECT_TRUE(merged->merged);
  EXPECT_EQ(merged->first, 3U);
  EXPECT_EQ(merged->last, 9U);
  for (const char* foreign : {"000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f.",
                              "000102030405060708090a0b0c0d0e0f.07", "000102030405060708090a0b0c0d0e0f.9-3",
                              "000102030405060708090a0b0c0d0e0f.1-", "00.1", "000102030405060708090a0b0c0d0e0f.-1"})
    EXPECT_FALSE(parse_audit_object_id(foreign)) << foreign;
}

TEST(AuditEntry, is_merged_byte_for_byte) {
  const Writer writer;
  const std::vector<Bytes> entries = {writer.entry(example_facts(), {}), writer.entry({}, example_personal())};
  const Bytes object = encode_merged_entries(entries);
  EXPECT_EQ(decode_merged_entries(object), entries);
  EXPECT_TRUE(refuses([](ByteView o) { (void)decode_merged_entries(o); }, ByteView(object).first(object.size() - 1)));
}

TEST(AuditSubject, is_signed_and_bound_to_its_name) {
  const Writer writer;
  const SessionRef sealed{writer.subject.id, 3, SealedSecret(3, counted_id<80>(11).view())};
  const Bytes object = encode_subject(writer.context, writer.signer, sealed, writer.subject.key.view(), "amina@web1");
  const auto decode = [&](const SubjectId& id, ByteView o) {
    return decode_subject(writer.context, writer.authority.public_key, id, o);
  };
  const SealedSubject read = decode(writer.subject.id, object);
  EXPECT_EQ(read.sealed, sealed);
  EXPECT_EQ(open_subject_name(read, writer.subject.key.view()), "amina@web1");
  EXPECT_THROW((void)open_subject_name(read, kIndexKey.view()), Error);
  EXPECT_THROW((void)decode(counted_id<16>(6), object), Error);
  // The domain's number is the signature's to protect, like all else.
  expect_tamper_proof([&](ByteView o) { (void)decode(writer.subject.id, o); }, object);
}

}  // namespace

}  // namespace igudar
