#include "format/pack.h"

#include <gmock/gmock.h>

#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "format/format_testing.h"
#include "format/index_segment.h"
#include "format/object_header.h"

namespace igudar {

namespace {

using testing::counted_id;
using testing::expect_tamper_proof;
using testing::hex;
using testing::refuses;

FrameInfo frame(std::uint32_t plain_size, std::uint32_t chunks) {
  FrameInfo info;
  info.codec = Codec::zstd;
  info.stream = 3;
  info.counter = 4;
  info.first_ordinal = 5;
  info.plain_size = plain_size;
  info.compressed_size = 6;
  info.padding = 1;
  info.chunks = chunks;
  return info;
}

TableOfContents example_toc() {
  TableOfContents toc;
  toc.sessions = {{counted_id<16>(1), 0x0102, SealedSecret(0x0304, counted_id<80>(2).view())}};
  toc.frames = {frame(300, 2), frame(7, 1)};
  toc.ids = {counted_id<32>(9), counted_id<32>(8), counted_id<32>(7)};
  toc.sizes = {100, 200, 7};
  return toc;
}

PackFooter example_footer() {
  PackFooter footer;
  footer.toc_offset = 70'000;
  footer.toc_size = 100;
  footer.parity_offset = footer.hashes_offset = 70'100;
  footer.type = PackType::metadata;
  return footer;
}

}  // namespace

TEST(SealedSecret, has_the_size_of_a_kind_of_box) {
  const Bytes box(SealedSecret::kLargest + 1);
  const auto sized = [&](std::size_t size) { return SealedSecret(7, ByteView(box).first(size)); };
  EXPECT_EQ(sized(SealedSecret::kSmallest).view().size(), SealedSecret::kSmallest);
  EXPECT_EQ(sized(SealedSecret::kLargest).view().size(), SealedSecret::kLargest);
  EXPECT_EQ(sized(SealedSecret::kLargest).epoch(), 7);
  EXPECT_THROW((void)sized(SealedSecret::kSmallest - 1), Error);
  EXPECT_THROW((void)sized(SealedSecret::kLargest + 1), Error);
}

TEST(TableOfContents, is_written_as_the_format_has_it) {
  const TableOfContents toc = example_toc();
  Bytes wanted = hex("01 01");
  append(wanted, counted_id<16>(1).view());
  append(wanted, hex("0201 01 0403 50"));
  append(wanted, counted_id<80>(2).view());
  append(wanted, hex("02  01 01 00 03 04 05 ac02 06 01 02  01 01 00 03 04 05 07 06 01 01"));
  for (const ChunkId& id : toc.ids) append(wanted, id.view());
  append(wanted, hex("64 c801 07"));
  const Bytes record = encode_toc(toc);
  EXPECT_EQ(to_hex(record), to_hex(wanted));

  const TableOfContents read = decode_toc(record);
  EXPECT_EQ(read.sessions, toc.sessions);
  EXPECT_EQ(read.frames, toc.frames);
  EXPECT_EQ(read.ids, toc.ids);
  EXPECT_EQ(read.sizes, toc.sizes);
}

TEST(TableOfContents, must_add_up) {
  const auto decode = [](ByteView r) { (void)decode_toc(r); };
  TableOfContents toc = example_toc();
  toc.sizes[0] = 99;
  EXPECT_TRUE(refuses(decode, encode_toc(toc)));
  toc = example_toc();
  toc.frames[1].session = 1;
  EXPECT_TRUE(refuses(decode, encode_toc(toc)));
  toc = example_toc();
  toc.frames[0].chunks = 0xffffffff;
  EXPECT_TRUE(refuses(decode, encode_toc(toc)));
  toc = example_toc();
  toc.frames[0].codec = Codec::raw;  // whose compressed size is the plain one
  EXPECT_TRUE(refuses(decode, encode_toc(toc)));
  const Bytes record = encode_toc(example_toc());
  for (std::size_t size = 0; size < record.size(); ++size) EXPECT_TRUE(refuses(decode, ByteView(record).first(size)));
}

TEST(PackFooter, is_written_as_the_format_has_it) {
  const Bytes hashes(3 * kBlockHashSize, 5);
  const PackFooter footer = example_footer();
  const Bytes bytes = encode_footer(footer, hashes);
  const Bytes before =
      hex("7011010000000000 6400000000000000 d411010000000000 0000000000000000 d411010000000000 00800000 0000 02 00");
  ASSERT_EQ(before.size(), 48U);
  EXPECT_EQ(to_hex(ByteView(bytes).first(48)), to_hex(before));
  EXPECT_EQ(to_hex(ByteView(bytes).subspan(48, 32)), to_hex(sha256(hashes, before).view()));
  EXPECT_EQ(to_hex(ByteView(bytes).last(16)),
            "0000000000000000"
            "4947445209010000");
  EXPECT_TRUE(footer_covers(bytes, hashes));
  EXPECT_FALSE(footer_covers(bytes, Bytes(3 * kBlockHashSize, 6)));

  const std::uint64_t pack_size = footer.hashes_offset + footer.hashes_size() + kFooterSize;
  EXPECT_EQ(footer.hashes_size(), 48U);
  const PackFooter read = decode_footer(bytes, pack_size);
  EXPECT_EQ(read.toc_offset, footer.toc_offset);
  EXPECT_EQ(read.type, PackType::metadata);
  EXPECT_THROW((void)decode_footer(bytes, pack_size + 1), Error);
  EXPECT_THROW((void)decode_footer(bytes, pack_size - 1), Error);
}

TEST(PackFooter, with_any_byte_changed_is_refused_or_no_longer_covers_its_hashes) {
  const Bytes hashes(3 * kBlockHashSize, 5);
  const PackFooter footer = example_footer();
  const Bytes bytes = encode_footer(footer, hashes);
  const std::uint64_t pack_size = footer.hashes_offset + footer.hashes_size() + kFooterSize;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i >= 80 && i < 88) continue;  // reserved, not looked at
    Bytes altered = bytes;
    altered[i] ^= 0x10;
    EXPECT_TRUE(refuses([&](ByteView f) { (void)decode_footer(f, pack_size); }, altered) ||
                !footer_covers(altered, hashes))
        << i;
  }
}

TEST(Frame, opens_under_its_own_description_only) {
  const SessionId session = counted_id<16>(1);
  Compressor compressor;
  Buffer compressed;
  const Bytes plain(5000, 'x');
  ASSERT_TRUE(compressor.compress({Codec::zstd, 3}, plain, compressed));
  for (const CipherSuite suite : kCipherSuites)
    for (const std::uint32_t padding : {0U, 100U}) {
      SuiteCipher cipher = stream_cipher(suite, counted_id<32>(1).view(), session, 3);
      FrameInfo info = frame(5000, 1);
      info.suite = suite;
      info.compressed_size = static_cast<std::uint32_t>(compressed.size());
      info.padding = padding;
      Buffer sealed;
      Buffer scratch;
      Buffer out;
      seal_frame(cipher, 0, session, info, compressed.view(), sealed);
      ASSERT_EQ(sealed.size(), compressed.size() + padding + (suite == CipherSuite::aes_256_gcm ? 16 : 32));
      ASSERT_EQ(sealed.size(), info.sealed_size());
      const auto open_as = [&](const FrameInfo& as, std::uint16_t domain, const SessionId& of) {
        return refuses([&](ByteView s) { open_frame(cipher, domain, of, as, s, compressor, scratch, out); },
                       sealed.view());
      };
      EXPECT_FALSE(open_as(info, 0, session));
      EXPECT_TRUE(equal(out.view(), plain));
      FrameInfo other = info;
      other.counter += 1;
      EXPECT_TRUE(open_as(other, 0, session));
      other = info;
      other.type = ChunkType::page;
      EXPECT_TRUE(open_as(other, 0, session));
      other = info;
      other.plain_size += 1;
      EXPECT_TRUE(open_as(other, 0, session));
      EXPECT_TRUE(open_as(info, 1, session));
      EXPECT_TRUE(open_as(info, 0, counted_id<16>(2)));
    }
}

// Computed in Python as docs/format.md sections 1 and 8 have it.
TEST(Frame, is_sealed_as_the_format_has_it) {
  const std::pair<CipherSuite, std::string_view> goldens[] = {
      {CipherSuite::aes_256_gcm, "1c6c79733f6582330c47b9e7c080c6dba904fb64dc419ed0a70ed014a1496ed4ac7e572a84c4"},
      {CipherSuite::aes_256_gcm_chacha20_poly1305,
       "1cc62f86c51b7418dd8113b260a1c7265834a317835e8bb7dce615d949c138a4babaa1563398c8f39d57fd72822d1bb292cd2e842602"},
  };
  for (const auto& [suite, golden] : goldens) {
    SuiteCipher cipher = stream_cipher(suite, counted_id<32>(1).view(), counted_id<16>(1), 3);
    FrameInfo info = frame(20, 1);
    info.suite = suite;
    info.codec = Codec::raw;
    info.compressed_size = 20;
    info.padding = 2;
    Buffer sealed;
    seal_frame(cipher, 0, counted_id<16>(1), info, Bytes(20, 'x'), sealed);
    EXPECT_EQ(to_hex(sealed.view()), golden);
  }
}

TEST(Frame, with_any_byte_changed_or_cut_off_is_refused) {
  const SessionId session = counted_id<16>(1);
  const Bytes plain(40, 'x');
  Compressor compressor;
  for (const CipherSuite suite : kCipherSuites) {
    SuiteCipher cipher = stream_cipher(suite, counted_id<32>(1).view(), session, 3);
    FrameInfo info = frame(40, 1);
    info.suite = suite;
    info.codec = Codec::raw;
    info.compressed_size = 40;
    info.padding = 0;
    Buffer sealed;
    Buffer scratch;
    Buffer out;
    seal_frame(cipher, 0, session, info, plain, sealed);
    expect_tamper_proof(
        [&](ByteView s) {
          open_frame(cipher, 0, session, info, s, compressor, scratch, out);
          EXPECT_TRUE(equal(out.view(), plain));
        },
        copy_of(sealed.view()));
  }
}

TEST(Frame, said_to_be_of_another_suite_does_not_open) {
  const SessionId session = counted_id<16>(1);
  const Bytes plain(200, 'x');
  Compressor compressor;
  for (const CipherSuite suite : kCipherSuites)
    for (const CipherSuite other : kCipherSuites) {
      FrameInfo info = frame(200, 1);
      info.codec = Codec::raw;
      info.compressed_size = 200;
      info.padding = 0;
      info.suite = suite;
      Buffer sealed;
      Buffer scratch;
      Buffer out;
      SuiteCipher cipher = stream_cipher(suite, counted_id<32>(1).view(), session, 3);
      seal_frame(cipher, 0, session, info, plain, sealed);
      info.suite = other;
      SuiteCipher opening = stream_cipher(other, counted_id<32>(1).view(), session, 3);
      EXPECT_EQ(refuses([&](ByteView s) { open_frame(opening, 0, session, info, s, compressor, scratch, out); },
                        sealed.view()),
                suite != other);
    }
}

// Whoever broke the outer cipher, and claims that the session is of the simple suite, gains nothing.
TEST(Frame, of_the_layered_suite_is_none_of_the_simple_one_without_its_outer_layer) {
  const SessionId session = counted_id<16>(1);
  const Id32 key = counted_id<32>(1);
  const std::string stream_info("igudar stream \3\0\0\0", 18);
  FrameInfo info = frame(200, 1);
  info.codec = Codec::raw;
  info.compressed_size = 200;
  info.padding = 0;
  info.suite = CipherSuite::aes_256_gcm;
  Compressor compressor;
  Buffer sealed;
  Buffer scratch;
  Buffer out;
  SuiteCipher simple = stream_cipher(info.suite, key.view(), session, 3);
  Aead inner(AeadCipher::aes_256_gcm,
             hkdf_sha256(key.view(), session.view(), "inner " + stream_info, kAeadKeySize).view());
  const Bytes plain(200, 'x');
  sealed.resize(static_cast<std::size_t>(info.sealed_size()));
  Bytes aad = hex("01 01 00 0000");
  append(aad, session.view());
  append(aad, hex("03000000 0400000000000000 c8000000 c8000000 00000000"));
  inner.seal(counter_nonce(info.counter), aad, plain, sealed.span());
  EXPECT_TRUE(
      refuses([&](ByteView s) { open_frame(simple, 0, session, info, s, compressor, scratch, out); }, sealed.view()));
}

TEST(Frame, keys_are_derived_as_the_format_has_it_and_differ_by_stream_and_session) {
  const Id32 key = counted_id<32>(1);
  const Id16 session = counted_id<16>(1);
  const std::string info("igudar stream \1\0\0\0", 18);
  const Bytes plain(100, 'x');
  const auto sealed_by = [&](auto&& cipher) {
    Bytes sealed(plain.size() + kAeadTagSize);
    cipher.seal(counter_nonce(5), view_of("aad"), plain, sealed);
    return sealed;
  };
  const auto of_stream = [&](const SessionId& of, std::uint32_t stream) {
    return sealed_by(stream_cipher(CipherSuite::aes_256_gcm, key.view(), of, stream));
  };
  EXPECT_EQ(of_stream(session, 1),
            sealed_by(Aead(AeadCipher::aes_256_gcm, hkdf_sha256(key.view(), session.view(), info, 32).view())));
  EXPECT_NE(of_stream(session, 1), of_stream(session, 256));
  EXPECT_NE(of_stream(session, 1), of_stream(counted_id<16>(2), 1));

  const Bytes within =
      sealed_by(Aead(AeadCipher::aes_256_gcm, hkdf_sha256(key.view(), session.view(), "inner " + info, 32).view()));
  Aead outer(AeadCipher::chacha20_poly1305, hkdf_sha256(key.view(), session.view(), "outer " + info, 32).view());
  Bytes wanted(plain.size() + 2 * kAeadTagSize);
  outer.seal(counter_nonce(5), view_of("aad"), within, wanted);
  Bytes layered(wanted.size());
  stream_cipher(CipherSuite::aes_256_gcm_chacha20_poly1305, key.view(), session, 1)
      .seal(counter_nonce(5), view_of("aad"), plain, layered);
  EXPECT_EQ(to_hex(layered), to_hex(wanted));
}

TEST(TableOfContents, gives_frames_the_suites_of_their_sessions) {
  TableOfContents toc = example_toc();
  toc.sessions.push_back({counted_id<16>(1), 0x0102, SealedSecret(0x0304, counted_id<80>(2).view()),
                          CipherSuite::aes_256_gcm_chacha20_poly1305});
  toc.frames[1].session = 1;
  const TableOfContents read = decode_toc(encode_toc(toc));
  EXPECT_EQ(read.sessions, toc.sessions);
  EXPECT_EQ(read.frames[0].sealed_size(), 6U + 1 + 16);
  EXPECT_EQ(read.frames[1].sealed_size(), 6U + 1 + 32);

  IndexSegment segment;
  segment.add_pack({counted_id<16>(1), PackType::data, 1000}, read);
  EXPECT_EQ(segment.frames[1].offset, kHeaderSize + 6 + 1 + 16);
  segment.sort();
  const Id32 key = counted_id<32>(3);
  const IndexKeys keys({{5, CipherSuite::aes_256_gcm_chacha20_poly1305, key.view()}});
  const IndexSegment stored = decode_index_segment(keys, encode_index_segment(keys, segment));
  EXPECT_EQ(stored.frames[1].info.sealed_size(), 6U + 1 + 32);

  toc.sessions[1].suite = static_cast<CipherSuite>(3);
  try {
    (void)decode_toc(encode_toc(toc));
    ADD_FAILURE() << "was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
  }
}

namespace {

IndexSegment example_segment() {
  IndexSegment segment;
  segment.add_pack({counted_id<16>(1), PackType::data, 1000}, example_toc());
  TableOfContents other = example_toc();
  other.sessions[0].id = counted_id<16>(50);
  segment.add_pack({counted_id<16>(2), PackType::data, 2000}, other);
  segment.sort();
  return segment;
}

}  // namespace

TEST(IndexSegment, says_where_the_chunks_of_its_packs_are) {
  const IndexSegment segment = example_segment();
  const Id32 key = counted_id<32>(3);
  const IndexKeys keys({{5, CipherSuite::aes_256_gcm, key.view()}});
  const Bytes object = encode_index_segment(keys, segment);
  const IndexSegment read = decode_index_segment(keys, object);
  EXPECT_EQ(read.packs, segment.packs);
  EXPECT_EQ(read.sessions, segment.sessions);
  EXPECT_EQ(read.frames, segment.frames);
  EXPECT_EQ(read.chunks, segment.chunks);
  ASSERT_EQ(read.chunks.size(), 6U);
  EXPECT_EQ(read.chunks[0].id, counted_id<32>(7));
  EXPECT_EQ(read.frames[1].offset, kHeaderSize + 6 + 1 + kAeadTagSize);
  EXPECT_EQ(read.frames[3].info.session, 1U);
  EXPECT_EQ(read.frames[3].pack, 1U);
  expect_tamper_proof([&](ByteView o) { (void)decode_index_segment(keys, copy_of(o)); }, object);
}

TEST(IndexSegment, must_add_up) {
  const Id32 key = counted_id<32>(3);
  const IndexKeys keys({{5, CipherSuite::aes_256_gcm, key.view()}});
  const auto refused = [&](const std::function<void(IndexSegment&)>& spoil) {
    IndexSegment segment = example_segment();
    spoil(segment);
    const Bytes object = encode_index_segment(keys, segment);
    return refuses([&](ByteView o) { (void)decode_index_segment(keys, copy_of(o)); }, object);
  };
  EXPECT_FALSE(refused([](IndexSegment&) {}));
  EXPECT_TRUE(refused([](IndexSegment& s) { s.packs.pop_back(); }));
  EXPECT_TRUE(refused([](IndexSegment& s) { s.sessions.pop_back(); }));
  EXPECT_TRUE(refused([](IndexSegment& s) { s.frames.pop_back(); }));
  EXPECT_TRUE(refused([](IndexSegment& s) { s.chunks.pop_back(); }));
  EXPECT_TRUE(refused([](IndexSegment& s) { std::swap(s.chunks.front(), s.chunks.back()); }));
  EXPECT_TRUE(refused([](IndexSegment& s) { s.chunks[0].size += 1; }));
  EXPECT_TRUE(refused([](IndexSegment& s) { s.frames[0].offset = 990; }));
  EXPECT_TRUE(refused([](IndexSegment& s) { s.packs[0].type = static_cast<PackType>(3); }));
}

}  // namespace igudar
