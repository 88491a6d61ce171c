#include "format/pack.h"

#include <numeric>

#include "base/error.h"
#include "base/translate.h"
#include "crypto/hash.h"
#include "crypto/sha256_pieces.h"
#include "format/byte_reader.h"
#include "format/byte_writer.h"
#include "format/object_header.h"

namespace igudar {

namespace {

constexpr std::size_t kRootOffset = 48;
constexpr std::uint64_t kTocVersion = 1;

FrameInfo read_frame_info(ByteReader& reader) {
  FrameInfo frame;
  frame.type = static_cast<ChunkType>(reader.u8());
  frame.codec = static_cast<Codec>(reader.u8());
  frame.session = reader.varint32();
  frame.stream = reader.varint32();
  frame.counter = reader.varint();
  frame.first_ordinal = reader.varint_up_to(std::uint64_t{1} << 47);
  frame.plain_size = reader.varint32();
  frame.compressed_size = reader.varint32();
  frame.padding = reader.varint32();
  frame.chunks = reader.varint32();
  check_frame_info(frame);
  return frame;
}

void write_frame_info(ByteWriter& writer, const FrameInfo& frame) {
  writer.u8(static_cast<std::uint8_t>(frame.type));
  writer.u8(static_cast<std::uint8_t>(frame.codec));
  for (const std::uint64_t value :
       {std::uint64_t{frame.session}, std::uint64_t{frame.stream}, frame.counter, frame.first_ordinal,
        std::uint64_t{frame.plain_size}, std::uint64_t{frame.compressed_size}, std::uint64_t{frame.padding},
        std::uint64_t{frame.chunks}})
    writer.varint(value);
}

// That each frame's sizes add up to its plain size.
bool sizes_add_up(const TableOfContents& toc) {
  std::size_t at = 0;
  for (const FrameInfo& frame : toc.frames) {
    if (frame.chunks > toc.sizes.size() - at) return false;
    const auto begin = toc.sizes.begin() + static_cast<std::ptrdiff_t>(at);
    if (std::accumulate(begin, begin + frame.chunks, std::uint64_t{0}) != frame.plain_size) return false;
    at += frame.chunks;
  }
  return at == toc.sizes.size();
}

}  // namespace

Bytes encode_toc(const TableOfContents& toc) {
  Bytes out;
  out.reserve(toc.frames.size() * 24 + toc.ids.size() * 35 + toc.sessions.size() * 96 + 32);
  ByteWriter writer(out);
  writer.varint(kTocVersion);
  write_sessions(writer, toc.sessions);
  writer.varint(toc.frames.size());
  for (const FrameInfo& frame : toc.frames) write_frame_info(writer, frame);
  for (const ChunkId& id : toc.ids) writer.raw(id.view());
  for (const std::uint32_t size : toc.sizes) writer.varint(size);
  return out;
}

TableOfContents decode_toc(ByteView record) {
  ByteReader reader(record, "table of contents");
  if (reader.varint() != kTocVersion) reader.fail();
  TableOfContents toc;
  toc.sessions = read_sessions(reader);
  toc.frames.resize(reader.count(10));
  std::uint64_t chunks = 0;
  for (FrameInfo& frame : toc.frames) {
    frame = read_frame_info(reader);
    if (frame.session >= toc.sessions.size()) reader.fail();
    frame.suite = toc.sessions[frame.session].suite;
    chunks += frame.chunks;
  }
  if (chunks > reader.rest().size() / 33) reader.fail();
  toc.ids.resize(static_cast<std::size_t>(chunks));
  toc.sizes.resize(static_cast<std::size_t>(chunks));
  for (ChunkId& id : toc.ids) id = reader.id<32>();
  for (std::uint32_t& size : toc.sizes) size = static_cast<std::uint32_t>(reader.varint_up_to(kLargestChunk));
  reader.expect_done();
  if (!sizes_add_up(toc)) reader.fail();
  return toc;
}

Bytes encode_footer(const PackFooter& footer, ByteView hashes) {
  Bytes out;
  ByteWriter writer(out);
  for (const std::uint64_t value :
       {footer.toc_offset, footer.toc_size, footer.parity_offset, footer.parity_size, footer.hashes_offset})
    writer.u64(value);
  writer.u32(kHashBlock);
  writer.u16(footer.epoch);
  writer.u8(static_cast<std::uint8_t>(footer.type));
  writer.u8(0);
  writer.raw(sha256(hashes, Bytes(out)).view());
  writer.u64(0);
  write_header(out, HeaderKind::pack_footer);
  return out;
}

PackFooter decode_footer(ByteView footer, std::uint64_t pack_size) {
  ByteReader reader(footer, "pack footer");
  if (footer.size() != kFooterSize) reader.fail();
  check_header(footer.last(kHeaderSize), HeaderKind::pack_footer);
  PackFooter result;
  result.toc_offset = reader.u64();
  result.toc_size = reader.u64();
  result.parity_offset = reader.u64();
  result.parity_size = reader.u64();
  result.hashes_offset = reader.u64();
  const std::uint32_t block = reader.u32();
  result.epoch = reader.u16();
  const std::uint8_t type = reader.u8();
  result.type = static_cast<PackType>(type);
  const bool sound = block == kHashBlock && (type == 1 || type == 2) && reader.u8() == 0 &&
                     result.toc_offset >= kHeaderSize && result.hashes_offset <= pack_size &&
                     result.toc_size <= result.hashes_offset &&
                     result.toc_offset <= result.hashes_offset - result.toc_size &&
                     result.parity_offset == result.toc_offset + result.toc_size &&
                     result.parity_size == result.hashes_offset - result.parity_offset &&
                     pack_size - result.hashes_offset == result.hashes_size() + kFooterSize;
  if (!sound) reader.fail();
  return result;
}

void append_block_hashes(ByteView bytes, Bytes& hashes) {
  std::vector<Id32> digests;
  sha256_of_pieces(bytes, kHashBlock, digests);
  for (const Id32& digest : digests) append(hashes, digest.view().first(kBlockHashSize));
}

std::vector<std::uint64_t> altered_blocks(ByteView bytes, ByteView hashes) {
  Bytes found;
  append_block_hashes(bytes, found);
  std::vector<std::uint64_t> altered;
  for (std::size_t at = 0; at < found.size(); at += kBlockHashSize)
    if (!equal(ByteView(found).subspan(at, kBlockHashSize), hashes.subspan(at, kBlockHashSize)))
      altered.push_back(at / kBlockHashSize);
  return altered;
}

bool footer_covers(ByteView footer, ByteView hashes) {
  return equal(sha256(hashes, footer.first(kRootOffset)).view(), footer.subspan(kRootOffset, 32));
}

}  // namespace igudar
