#include <gmock/gmock.h>

#include "base/hex.h"
#include "compress/codec.h"
#include "crypto/keyed_hash.h"
#include "format/byte_writer.h"
#include "format/field_list.h"
#include "format/gc_record.h"
#include "format/lease.h"
#include "format/record_testing.h"
#include "format/registry_entry.h"
#include "format/sealed_record.h"
#include "format/time_stamp.h"

namespace igudar {

namespace {

using testing::counted_id;
using ::testing::ElementsAre;
using testing::example_config;
using testing::example_snapshot;
using testing::expect_tamper_proof;
using testing::hex;
using testing::kIndexKey;
using testing::kKeys;
using testing::kSecret;
using testing::kSuite;
using testing::refuses;
using testing::Signers;

}  // namespace

TEST(ByteReader, refuses_varints_that_are_not_canonical) {
  EXPECT_EQ(ByteReader(hex("ff ff ff ff ff ff ff ff ff 01"), "x").varint(), ~std::uint64_t{0});
  for (const char* bad : {"80 00", "ff ff ff ff ff ff ff ff ff 02", "80 80 80 80 80 80 80 80 80 80 01", "80", ""})
    EXPECT_THROW((void)ByteReader(hex(bad), "x").varint(), Error) << bad;
}

TEST(ByteReader, reads_back_what_the_writer_wrote) {
  Bytes bytes;
  ByteWriter writer(bytes);
  writer.u16(0x0102);
  writer.u32(0x03040506);
  writer.i64(-2);
  for (const std::int64_t value : {0L, -1L, 1L, INT64_MIN, INT64_MAX}) writer.zigzag(value);
  writer.text("abc");
  EXPECT_TRUE(equal(ByteView(bytes).first(6), hex("0201 06050403")));
  ByteReader reader(bytes, "x");
  EXPECT_EQ(reader.u16(), 0x0102);
  EXPECT_EQ(reader.u32(), 0x03040506U);
  EXPECT_EQ(reader.i64(), -2);
  for (const std::int64_t value : {0L, -1L, 1L, INT64_MIN, INT64_MAX}) EXPECT_EQ(reader.zigzag(), value);
  EXPECT_EQ(reader.text(), "abc");
  EXPECT_TRUE(reader.done());
}

TEST(FieldList, skips_unknown_tags_and_refuses_descending_ones) {
  const Bytes good = hex("01 01 aa  02 00  02 01 bb  7f 02 0000");
  const FieldList fields(good, "x");
  EXPECT_EQ(fields.u8(1), 0xaa);
  EXPECT_EQ(fields.find_all(2).size(), 2U);
  EXPECT_FALSE(fields.find(3));
  EXPECT_THROW((void)fields.require(3), Error);
  EXPECT_THROW((void)fields.require(1, 2), Error);
  const Bytes descending = hex("02 00 01 00");
  EXPECT_THROW(FieldList(descending, "x"), Error);
}

TEST(SealedRecord, opens_with_its_key_purpose_and_associated_data_only) {
  const Bytes record = copy_of(view_of("a record"));
  for (const CipherSuite suite : kCipherSuites) {
    const Bytes sealed = seal_record(suite, kIndexKey.view(), "lease", view_of("aad"), record);
    EXPECT_EQ(sealed.size(), 1 + 32 + 2 + record.size() + seal_overhead(suite));
    EXPECT_EQ(open_record(kIndexKey.view(), "lease", view_of("aad"), sealed), record);
    EXPECT_FALSE(try_open_record(kSecret.view(), "lease", view_of("aad"), sealed));
    EXPECT_FALSE(try_open_record(kIndexKey.view(), "gc", view_of("aad"), sealed));
    EXPECT_FALSE(try_open_record(kIndexKey.view(), "lease", view_of("AAD"), sealed));
    EXPECT_NE(seal_record(suite, kIndexKey.view(), "lease", view_of("aad"), record), sealed);
    expect_tamper_proof([](ByteView s) { (void)open_record(kIndexKey.view(), "lease", view_of("aad"), s); }, sealed);
  }
}

TEST(SealedRecord, of_another_suite_than_it_says_does_not_open) {
  for (const CipherSuite suite : kCipherSuites)
    for (const CipherSuite other : kCipherSuites) {
      Bytes sealed = seal_record(suite, kIndexKey.view(), "lease", view_of("aad"), view_of("a record"));
      sealed[0] = static_cast<std::uint8_t>(other);
      EXPECT_EQ(try_open_record(kIndexKey.view(), "lease", view_of("aad"), sealed).has_value(), suite == other);
    }
}

// Whoever broke the outer cipher has the inner record at most, and cannot pass it off as one of the inner suite.
TEST(SealedRecord, of_the_layered_suite_is_none_of_the_simple_one_without_its_outer_layer) {
  const std::string info = "igudar lease";
  const Bytes sealed = seal_record(CipherSuite::aes_256_gcm_chacha20_poly1305, kIndexKey.view(), "lease",
                                   view_of("aad"), view_of("a record"));
  Aead outer(AeadCipher::chacha20_poly1305,
             hkdf_sha256(kIndexKey.view(), salt_of(sealed), "outer " + info, kAeadKeySize).view());
  Bytes downgraded = copy_of(ByteView(sealed).first(sealed.size() - kAeadTagSize));
  downgraded[0] = static_cast<std::uint8_t>(CipherSuite::aes_256_gcm);
  ASSERT_TRUE(outer.open(counter_nonce(0), view_of("\2aad"), ByteView(sealed).subspan(33),
                         MutableByteView(downgraded).subspan(33)));
  EXPECT_FALSE(try_open_record(kIndexKey.view(), "lease", view_of("aad"), downgraded));
}

TEST(SealedRecord, of_an_unknown_suite_needs_a_newer_program) {
  Bytes sealed = seal_record(kSuite, kIndexKey.view(), "lease", {}, view_of("a record"));
  for (const std::uint8_t number : {std::uint8_t{0}, std::uint8_t{3}, std::uint8_t{255}}) {
    sealed[0] = number;
    try {
      (void)open_record(kIndexKey.view(), "lease", {}, sealed);
      ADD_FAILURE() << "opened as suite " << unsigned{number};
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsupported);
    }
  }
}

TEST(SealedRecord, compresses_long_records) {
  const Bytes record(100'000, 'a');
  const Bytes sealed = seal_record(kSuite, kIndexKey.view(), "index", {}, record);
  EXPECT_LT(sealed.size(), 1000U);
  EXPECT_EQ(open_record(kIndexKey.view(), "index", {}, sealed), record);
}

TEST(SealedRecord, body_refuses_other_codecs_wrong_sizes_and_bombs) {
  EXPECT_TRUE(equal(decode_sealed_body(hex("00 02 aabb")).view(), hex("aabb")));
  for (const char* bad : {"", "00", "00 01 aabb", "00 03 aabb", "02 02 aabb", "01 02 aabb", "00 81 80 80 80 01"})
    EXPECT_TRUE(refuses([](ByteView b) { (void)decode_sealed_body(b); }, hex(bad))) << bad;
  Buffer compressed;
  ASSERT_TRUE(Compressor().compress({Codec::zstd, 3}, Bytes(1'000'000, 0), compressed));
  Bytes bomb = hex("01 64");
  append(bomb, compressed.view());
  EXPECT_TRUE(refuses([](ByteView b) { (void)decode_sealed_body(b); }, bomb));
}

TEST(Config, is_the_same_bytes_for_ever) {
  const Signers signers;
  const Bytes object = encode_config(example_config(signers), signers.authority);
  EXPECT_EQ(to_hex(sha256(object).view()), "f7f908422754e88108b4f759cd4b70c239aae0c6bbe80e1f2606056ccc1b5bca");
  const Config config = decode_config(object);
  EXPECT_EQ(config.repository, signers.context.domain);
  EXPECT_EQ(config.created, 1'800'000'000'000'000'000);
  EXPECT_EQ(config.authority, signers.authority.public_key);
  EXPECT_EQ(config.chunk_sizes.average, ChunkSizes{}.average);
  EXPECT_EQ(config.frame_size, 2U << 20);
  EXPECT_EQ(config.pack_size, 64U << 20);
  EXPECT_EQ(config.suite, CipherSuite::aes_256_gcm_chacha20_poly1305);
  expect_tamper_proof([](ByteView o) { (void)decode_config(o); }, object);
}

TEST(Config, refuses_only_operations_that_need_an_unknown_feature) {
  const Signers signers;
  const Config config = decode_config(encode_config(example_config(signers), signers.authority));
  EXPECT_NO_THROW(config.require_support(Operation::read));
  EXPECT_THROW(config.require_support(Operation::write), Error);
}

TEST(Config, says_that_the_repository_keeps_to_fips_140_for_every_operation) {
  const Signers signers;
  Config config = example_config(signers);
  EXPECT_EQ(config.box_kind(), BoxKind::x25519);
  EXPECT_FALSE(claims_fips(encode_config(config, signers.authority)));
  config.require_fips();
  Bytes object = encode_config(config, signers.authority);
  const Config read = decode_config(object);
  EXPECT_TRUE(read.fips());
  EXPECT_EQ(read.box_kind(), BoxKind::p256);
  for (const auto* features : {&read.features_read, &read.features_write, &read.features_check, &read.features_delete})
    EXPECT_EQ(features->back(), "fips");
  EXPECT_NO_THROW(read.require_support(Operation::delete_));
  EXPECT_THROW(read.require_support(Operation::write), Error);  // the other feature is not known still
  EXPECT_TRUE(claims_fips(object));
  object[40] ^= 1;
  for (const std::size_t size : {object.size(), 60UL, 0UL})
    EXPECT_THROW((void)claims_fips(ByteView(object).first(size)), Error);
}

TEST(Config, naming_a_suite_that_is_not_known_needs_a_newer_program) {
  const Signers signers;
  Config config = example_config(signers);
  config.suite = static_cast<CipherSuite>(3);
  try {
    (void)decode_config(encode_config(config, signers.authority));
    ADD_FAILURE() << "was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
  }
}

TEST(Config, signed_by_somebody_else_is_refused) {
  const Signers signers;
  const Bytes object = encode_config(example_config(signers), signing_key_from_seed(counted_id<32>(99).view()));
  EXPECT_TRUE(refuses([](ByteView o) { (void)decode_config(o); }, object));
}

TEST(SnapshotRecord, round_trips) {
  const Signers signers;
  const Snapshot written = example_snapshot();
  const Bytes object =
      encode_snapshot(signers.context, kKeys, kSecret.view(), signers.signer(Capability::write), written);
  const Snapshot read = decode_snapshot(signers.context, kKeys, signers.authority.public_key, object);
  EXPECT_EQ(read.tree, written.tree);
  EXPECT_EQ(read.refset, written.refset);
  EXPECT_EQ(read.heads, written.heads);
  EXPECT_EQ(read.generation, 5U);
  EXPECT_EQ(read.time, -1);
  EXPECT_EQ(read.storage_time, written.storage_time);
  EXPECT_EQ(read.refset_pages, written.refset_pages);
  EXPECT_EQ(read.base, written.base);
  EXPECT_EQ(read.kind, SnapshotKind::stream);
  EXPECT_EQ(read.statistics, written.statistics);
  EXPECT_EQ(read.session, written.session);
  EXPECT_EQ(read.audit, written.audit);
  EXPECT_FALSE(read.description);
  EXPECT_EQ(open_description(read, kSecret.view()), written.description);
  EXPECT_EQ(read.capability, Capability::write);
  EXPECT_EQ(read.signer, signers.signer(Capability::write).key.public_key);
  EXPECT_EQ(read.host_key, host_group_key(kIndexKey.view(), "host"));
  EXPECT_EQ(read.paths_key, paths_group_key(kIndexKey.view(), {"a", "b"}));
  EXPECT_THAT(read.tag_keys, ElementsAre(tag_group_key(kIndexKey.view(), "t")));
  EXPECT_THROW((void)open_description(read, kIndexKey.view()), Error);
  expect_tamper_proof(
      [&](ByteView o) { (void)decode_snapshot(signers.context, kKeys, signers.authority.public_key, o); }, object);
}

TEST(SnapshotRecord, group_keys_are_those_of_the_format) {
  const std::string message = std::string("paths") + '\0' + "/a" + '\0' + "/b" + '\0';
  const Id32 whole = hmac_sha256(kIndexKey.view(), view_of(message));
  EXPECT_TRUE(equal(paths_group_key(kIndexKey.view(), {"/b", "/a"}).view(), whole.view().first(16)));
}

TEST(SignedRecord, is_refused_from_whoever_may_not_sign_it) {
  const Signers signers;
  const Id32& authority = signers.authority.public_key;
  const auto read_snapshot = [&](ByteView o) { (void)decode_snapshot(signers.context, kKeys, authority, o); };
  const auto read_tombstone = [&](ByteView o) { (void)decode_tombstone(signers.context, kKeys, authority, o); };

  const Signer keeper = signers.signer(Capability::maintain);
  EXPECT_TRUE(
      refuses(read_snapshot, encode_snapshot(signers.context, kKeys, kSecret.view(), keeper, example_snapshot())));
  EXPECT_NO_THROW(read_tombstone(encode_tombstone(signers.context, kKeys, keeper, {})));
  const Signer writer = signers.signer(Capability::write);
  EXPECT_TRUE(refuses(read_tombstone, encode_tombstone(signers.context, kKeys, writer, {})));

  Signer impostor = signers.signer(Capability::write);
  impostor.capability = Capability::full;  // the certificate says write
  EXPECT_TRUE(refuses(read_tombstone, encode_tombstone(signers.context, kKeys, impostor, {})));
  Signer stranger = signers.signer(Capability::full);
  stranger.certificate = certify(signing_key_from_seed(counted_id<32>(50).view()), signers.context.domain,
                                 stranger.key.public_key, Capability::full);
  EXPECT_TRUE(refuses(read_tombstone, encode_tombstone(signers.context, kKeys, stranger, {})));
  RecordContext elsewhere = signers.context;
  elsewhere.domain = counted_id<16>(8);
  EXPECT_TRUE(refuses(read_tombstone, encode_tombstone(elsewhere, kKeys, signers.signer(Capability::full), {})));
}

TEST(SignedRecord, of_one_kind_is_not_taken_for_another) {
  const Signers signers;
  const Signer signer = signers.signer(Capability::full);
  Bytes object = encode_tombstone(signers.context, kKeys, signer, {});
  object[4] = static_cast<std::uint8_t>(HeaderKind::snapshot);
  EXPECT_TRUE(refuses(
      [&](ByteView o) { (void)decode_snapshot(signers.context, kKeys, signers.authority.public_key, o); }, object));
}

TEST(TombstoneRecord, round_trips) {
  const Signers signers;
  const Tombstone written{{{counted_id<32>(1), {counted_id<32>(2), counted_id<32>(3)}}, {counted_id<32>(4), {}}},
                          -5,
                          6,
                          {counted_id<32>(7)}};
  const Bytes object = encode_tombstone(signers.context, kKeys, signers.signer(Capability::full), written);
  const Tombstone read = decode_tombstone(signers.context, kKeys, signers.authority.public_key, object);
  ASSERT_EQ(read.forgotten.size(), 2U);
  EXPECT_EQ(read.forgotten[0].id, counted_id<32>(1));
  EXPECT_THAT(read.forgotten[0].heads, ElementsAre(counted_id<32>(2), counted_id<32>(3)));
  EXPECT_EQ(read.time, -5);
  EXPECT_EQ(read.storage_time, 6);
  EXPECT_THAT(read.heads, ElementsAre(counted_id<32>(7)));
  expect_tamper_proof(
      [&](ByteView o) { (void)decode_tombstone(signers.context, kKeys, signers.authority.public_key, o); }, object);
}

TEST(GcRecord, round_trips_and_is_bound_to_its_name) {
  const Signers signers;
  const Id32& authority = signers.authority.public_key;
  const Signer signer = signers.signer(Capability::maintain);
  const Bytes object =
      encode_condemnation(signers.context, kKeys, signer, {3, {counted_id<16>(1)}, {counted_id<32>(2)}, 4});
  const Condemnation read = decode_condemnation(signers.context, kKeys, authority, 3, object);
  EXPECT_EQ(read.generation, 3U);
  EXPECT_THAT(read.packs, ElementsAre(counted_id<16>(1)));
  EXPECT_THAT(read.segments, ElementsAre(counted_id<32>(2)));
  EXPECT_EQ(read.time, 4);
  EXPECT_THROW((void)decode_condemnation(signers.context, kKeys, authority, 4, object), Error);
  EXPECT_THROW((void)decode_swept_mark(signers.context, kKeys, authority, 3, object), Error);
  const Bytes swept = encode_swept_mark(signers.context, kKeys, signer, {3, 6});
  EXPECT_EQ(decode_swept_mark(signers.context, kKeys, authority, 3, swept).time, 6);
  expect_tamper_proof([&](ByteView o) { (void)decode_condemnation(signers.context, kKeys, authority, 3, o); }, object);
}

TEST(LeaseRecord, written_by_version_1_is_read_for_ever) {
  const Lease lease{9, 1800, LeaseRole::pruner, counted_id<32>(1), "boot", 2, 3, 4};
  const std::pair<CipherSuite, Bytes> goldens[] = {
      {CipherSuite::aes_256_gcm,
       hex("4947445207010000000001ed119471b0472df95118a5737ec8511eb2da39d3c5c721367bf050ff77ca0dedd0b6d630ce"
           "a5fe8f9536deb94d32c88538ddc1ed4f9143fa9afbd8d38a8b2018717bf028530a86dc4b8d69b690e76af6e4812575cd"
           "f0a7e133564e36c3a7bea1df9837350a94a1c0f7f13d06cecc8db3e7d84fccfdcd122aa2829a7ed42c96dd75006328fc"
           "a1c80214aa94566ebca1")},
      {CipherSuite::aes_256_gcm_chacha20_poly1305,
       hex("4947445207010000000002ed119471b0472df95118a5737ec8511eb2da39d3c5c721367bf050ff77ca0ded32c09a766a"
           "dcd29dcec2f041949d16bbd0efcd85399aec0dab1db6b55b6093e6ca10c3ae29b03a1c37413296e9048b8ada91efd95e"
           "ac81813504979e4174dc97cd1dc8bd1bef915002266c9372f62152b00b14d9cdcded6751d0ffc9e545f74775400b743d"
           "c51df3eaaf3cfca0398fd0bc97d5102be32f7134672877aa9168")}};
  for (const auto& [suite, golden] : goldens) {
    EXPECT_EQ(decode_lease(IndexKeys({{0, kSuite, kIndexKey.view()}}), "s.0", golden), lease);
    const Bytes object = encode_lease(IndexKeys({{3, suite, kIndexKey.view()}}), "s.0", lease);
    EXPECT_EQ(object.size(), golden.size());
    EXPECT_EQ(object[10], golden[10]);
    EXPECT_EQ(decode_lease(kKeys, "s.0", object), lease);
    EXPECT_THROW((void)decode_lease(kKeys, "s.1", object), Error);
    EXPECT_THROW((void)decode_lease(IndexKeys({{4, kSuite, kIndexKey.view()}}), "s.0", object), Error);
    expect_tamper_proof([](ByteView o) { (void)decode_lease(kKeys, "s.0", o); }, object);
  }
}

TEST(TimeStampRecord, written_by_version_1_is_read_for_ever) {
  const SnapshotId snapshot = counted_id<32>(1);
  const TimeStamp stamp{{1, 2, 3}, 1'800'000'000'000'000'000, "http://example.org/"};
  // Sealed by the writer in Python.
  const std::pair<CipherSuite, Bytes> goldens[] = {
      {CipherSuite::aes_256_gcm,
       hex("494744520f010000000001202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f22fe59e34f"
           "3582eb3451f8df67b01c802a3cbdc5115ec69e8947303418d52b3dd88255d96d02e45205a008f75d3fe982b0c29c4dee"
           "1e")},
      {CipherSuite::aes_256_gcm_chacha20_poly1305,
       hex("494744520f010000000002202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f79c22b7af3"
           "96dede4ae17ba49f81a553b8ebc1cdd6280955b14bd7d19d7a7af1b61088ed5af4f2cbf1f94ec8872d786b476a60a8ae"
           "25c98118e99ed2d97d492b9aabb6d84166")}};
  for (const auto& [suite, golden] : goldens) {
    EXPECT_EQ(decode_time_stamp(IndexKeys({{0, kSuite, kIndexKey.view()}}), snapshot, golden), stamp);
    const Bytes object = encode_time_stamp(IndexKeys({{3, suite, kIndexKey.view()}}), snapshot, stamp);
    EXPECT_EQ(object.size(), golden.size());
    EXPECT_EQ(object[10], golden[10]);
    EXPECT_EQ(decode_time_stamp(kKeys, snapshot, object), stamp);
    EXPECT_THROW((void)decode_time_stamp(kKeys, counted_id<32>(2), object), Error);
    EXPECT_THROW((void)decode_time_stamp(IndexKeys({{4, kSuite, kIndexKey.view()}}), snapshot, object), Error);
    expect_tamper_proof([&](ByteView o) { (void)decode_time_stamp(kKeys, snapshot, o); }, object);
  }
  EXPECT_EQ(to_hex(time_stamp_imprint(counted_id<16>(7), snapshot).view()),
            "292ce49e18b049856d9cf180466084a3d1e115dc0b0eb38b4b5c7a146b801d8b");
}

TEST(TimeStampObjectId, names_the_snapshot_and_the_object) {
  const SnapshotId snapshot = counted_id<32>(1);
  const std::string id = time_stamp_object_id(snapshot, view_of("abc"));
  EXPECT_EQ(id, to_hex(snapshot.view()) + ".ba7816bf");
  EXPECT_EQ(parse_time_stamp_object_id(id), snapshot);
  for (const std::string& other :
       {std::string(), id.substr(1), id + "0", "A" + id.substr(1), to_hex(snapshot.view()) + "-ba7816bf"})
    EXPECT_FALSE(parse_time_stamp_object_id(other)) << other;
}

TEST(ObjectHeader, tells_newer_versions_from_damage) {
  Bytes object;
  write_header(object, HeaderKind::pack);
  EXPECT_EQ(object, hex("49474452 03 01 0000"));
  EXPECT_NO_THROW(check_header(object, HeaderKind::pack));
  const auto code_of = [](const Bytes& bytes, HeaderKind kind) {
    try {
      check_header(bytes, kind);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::failed;
  };
  EXPECT_EQ(code_of(object, HeaderKind::index), ErrorCode::damaged);
  EXPECT_EQ(code_of(hex("49474452 03 02 0000"), HeaderKind::pack), ErrorCode::unsupported);
  EXPECT_EQ(code_of(hex("49474452 03 01 0100"), HeaderKind::pack), ErrorCode::unsupported);
  EXPECT_EQ(code_of(hex("49474452"), HeaderKind::pack), ErrorCode::truncated);
}

TEST(RegistryEntry, comes_back_as_it_was_written_or_not_at_all) {
  const Signers signers;
  RegistryEntry written;
  written.type = RegistryType::erasure_plan;
  written.time = -1;
  written.storage_time = 2;
  written.replaced = {counted_id<32>(1), counted_id<32>(2)};
  written.body = {1, 2};
  written.personal = {3};
  const Bytes object = encode_registry_entry(signers.context, kKeys, signers.signer(Capability::full), written);
  const auto read = [&](ByteView o) {
    return decode_registry_entry(signers.context, kKeys, signers.authority.public_key, o);
  };
  EXPECT_EQ(read(object).type, written.type);
  EXPECT_EQ(read(object).time, -1);
  EXPECT_EQ(read(object).storage_time, 2);
  EXPECT_EQ(read(object).replaced, written.replaced);
  EXPECT_EQ(read(object).body, written.body);
  EXPECT_EQ(read(object).personal, written.personal);
  EXPECT_EQ(read(object).signer, signers.signer(Capability::full).key.public_key);
  expect_tamper_proof([&](ByteView o) { (void)read(o); }, object);
}

}  // namespace igudar
