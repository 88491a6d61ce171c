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
  toc.sessions = {{counted_id<16>(1), counted_id<80>(2)}};
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

TEST(TableOfContents, is_written_as_the_format_has_it) {
  const TableOfContents toc = example_toc();
  Bytes wanted = hex("01 01");
  append(wanted, counted_id<16>(1).view());
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
  Aead key(derive_stream_key(counted_id<32>(1).view(), session, 3).view());
  Compressor compressor;
  Buffer compressed;
  const Bytes plain(5000, 'x');
  ASSERT_TRUE(compressor.compress({Codec::zstd, 3}, plain, compressed));
  FrameInfo info = frame(5000, 1);
  info.compressed_size = static_cast<std::uint32_t>(compressed.size());
  for (const std::uint32_t padding : {0U, 100U}) {
    info.padding = padding;
    Buffer sealed;
    Buffer scratch;
    Buffer out;
    seal_frame(key, 0, session, info, compressed.view(), sealed);
    ASSERT_EQ(sealed.size(), info.sealed_size());
    open_frame(key, 0, session, info, sealed.view(), compressor, scratch, out);
    EXPECT_TRUE(equal(out.view(), plain));
    const auto open_as = [&](const FrameInfo& as, std::uint16_t domain, const SessionId& of) {
      return refuses([&](ByteView s) { open_frame(key, domain, of, as, s, compressor, scratch, out); }, sealed.view());
    };
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

TEST(Frame, stream_keys_differ_by_stream_and_session) {
  const Id32 key = counted_id<32>(1);
  const SecretBytes one = derive_stream_key(key.view(), counted_id<16>(1), 1);
  EXPECT_FALSE(equal(one.view(), derive_stream_key(key.view(), counted_id<16>(1), 256).view()));
  EXPECT_FALSE(equal(one.view(), derive_stream_key(key.view(), counted_id<16>(2), 1).view()));
  EXPECT_TRUE(
      equal(one.view(),
            hkdf_sha256(key.view(), counted_id<16>(1).view(), std::string("igudar stream \1\0\0\0", 18), 32).view()));
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
  const Bytes object = encode_index_segment(0, key.view(), segment);
  const IndexSegment read = decode_index_segment(0, key.view(), object);
  EXPECT_EQ(read.packs, segment.packs);
  EXPECT_EQ(read.sessions, segment.sessions);
  EXPECT_EQ(read.frames, segment.frames);
  EXPECT_EQ(read.chunks, segment.chunks);
  ASSERT_EQ(read.chunks.size(), 6U);
  EXPECT_EQ(read.chunks[0].id, counted_id<32>(7));
  EXPECT_EQ(read.frames[1].offset, kHeaderSize + 6 + 1 + kAeadTagSize);
  EXPECT_EQ(read.frames[3].info.session, 1U);
  EXPECT_EQ(read.frames[3].pack, 1U);
  expect_tamper_proof([&](ByteView o) { (void)decode_index_segment(0, key.view(), copy_of(o)); }, object);
}

TEST(IndexSegment, must_add_up) {
  const Id32 key = counted_id<32>(3);
  const auto refused = [&](const std::function<void(IndexSegment&)>& spoil) {
    IndexSegment segment = example_segment();
    spoil(segment);
    const Bytes object = encode_index_segment(0, key.view(), segment);
    return refuses([&](ByteView o) { (void)decode_index_segment(0, key.view(), copy_of(o)); }, object);
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
