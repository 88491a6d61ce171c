#include "format/index_segment.h"

#include <algorithm>
#include <map>

#include "format/byte_reader.h"
#include "format/byte_writer.h"
#include "format/object_header.h"
#include "format/sealed_record.h"

namespace igudar {

namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kPrefixSize = kHeaderSize + 2;
constexpr std::string_view kInfo = "index";

// The columns of the frame table, in their order.
template <typename Visit>
void visit_frame_columns(Visit&& visit) {
  visit([](auto& f) -> auto& { return f.pack; });
  visit([](auto& f) -> auto& { return f.offset; });
  visit([](auto& f) -> auto& { return f.info.type; });
  visit([](auto& f) -> auto& { return f.info.codec; });
  visit([](auto& f) -> auto& { return f.info.session; });
  visit([](auto& f) -> auto& { return f.info.stream; });
  visit([](auto& f) -> auto& { return f.info.counter; });
  visit([](auto& f) -> auto& { return f.info.first_ordinal; });
  visit([](auto& f) -> auto& { return f.info.plain_size; });
  visit([](auto& f) -> auto& { return f.info.compressed_size; });
  visit([](auto& f) -> auto& { return f.info.padding; });
  visit([](auto& f) -> auto& { return f.info.chunks; });
}

template <typename T>
T narrow_varint(ByteReader& reader) {
  constexpr std::uint64_t most = sizeof(T) == 8 ? std::uint64_t{1} << 47 : sizeof(T) == 4 ? 0xffffffffU : 0xff;
  return static_cast<T>(reader.varint_up_to(most));
}

// Gives the frames the suites of their sessions, on which their sizes depend.
void check_frames(IndexSegment& segment, const ByteReader& reader) {
  for (SegmentFrame& frame : segment.frames) {
    check_frame_info(frame.info);
    if (frame.pack >= segment.packs.size() || frame.info.session >= segment.sessions.size()) reader.fail();
    frame.info.suite = segment.sessions[frame.info.session].suite;
    const std::uint64_t pack_size = segment.packs[frame.pack].size;
    if (frame.offset < kHeaderSize || frame.offset > pack_size || frame.info.sealed_size() > pack_size - frame.offset)
      reader.fail();
  }
}

// That every frame's chunks are all there, once each, and fill it.
void check_chunks(const IndexSegment& segment, const ByteReader& reader) {
  std::vector<std::uint64_t> filled(segment.frames.size());
  std::vector<std::uint32_t> seen(segment.frames.size());
  const ChunkId* before = nullptr;
  for (const SegmentChunk& chunk : segment.chunks) {
    if (before != nullptr && chunk.id < *before) reader.fail();
    before = &chunk.id;
    if (chunk.frame >= segment.frames.size() || chunk.number >= segment.frames[chunk.frame].info.chunks) reader.fail();
    filled[chunk.frame] += chunk.size;
    ++seen[chunk.frame];
  }
  for (std::size_t i = 0; i < segment.frames.size(); ++i)
    if (filled[i] != segment.frames[i].info.plain_size || seen[i] != segment.frames[i].info.chunks) reader.fail();
}

Bytes encode_record(const IndexSegment& segment) {
  Bytes out;
  out.reserve(segment.chunks.size() * 40 + segment.frames.size() * 24 + segment.packs.size() * 24 + 256);
  ByteWriter writer(out);
  writer.varint(kVersion);
  writer.varint(segment.packs.size());
  for (const SegmentPack& pack : segment.packs) {
    writer.raw(pack.name.view());
    writer.u8(static_cast<std::uint8_t>(pack.type));
    writer.varint(pack.size);
  }
  write_sessions(writer, segment.sessions);
  writer.varint(segment.frames.size());
  visit_frame_columns([&](auto column) {
    for (const SegmentFrame& frame : segment.frames) writer.varint(static_cast<std::uint64_t>(column(frame)));
  });
  writer.varint(segment.chunks.size());
  for (const SegmentChunk& chunk : segment.chunks) writer.raw(chunk.id.view());
  for (const SegmentChunk& chunk : segment.chunks) writer.varint(chunk.frame);
  for (const SegmentChunk& chunk : segment.chunks) writer.varint(chunk.number);
  for (const SegmentChunk& chunk : segment.chunks) writer.varint(chunk.size);
  return out;
}

}  // namespace

void IndexSegment::add_pack(const SegmentPack& pack, const TableOfContents& toc) {
  std::vector<std::uint32_t> session_ordinal;
  for (const SessionRef& session : toc.sessions) {
    auto known = std::find(sessions.begin(), sessions.end(), session);
    if (known == sessions.end()) known = sessions.insert(sessions.end(), session);
    session_ordinal.push_back(static_cast<std::uint32_t>(known - sessions.begin()));
  }
  packs.push_back(pack);
  std::uint64_t offset = kHeaderSize;
  std::size_t at = 0;
  for (const FrameInfo& info : toc.frames) {
    SegmentFrame& frame = frames.emplace_back(SegmentFrame{static_cast<std::uint32_t>(packs.size() - 1), offset, info});
    frame.info.session = session_ordinal[info.session];
    offset += info.sealed_size();
    for (std::uint32_t number = 0; number < info.chunks; ++number, ++at)
      chunks.push_back({toc.ids[at], static_cast<std::uint32_t>(frames.size() - 1), number, toc.sizes[at]});
  }
}

void IndexSegment::sort() {
  std::sort(chunks.begin(), chunks.end());
}

Bytes encode_index_segment(const IndexKeys& keys, const IndexSegment& segment) {
  Bytes object;
  write_header(object, HeaderKind::index);
  ByteWriter(object).u16(keys.newest().epoch);
  append(object, seal_record(keys.newest().suite, keys.newest().key, kInfo, Bytes(object), encode_record(segment)));
  return object;
}

IndexSegment decode_index_segment(const IndexKeys& keys, Bytes object) {
  check_header(object, HeaderKind::index);
  ByteReader outer(ByteView(object).subspan(kHeaderSize), "index segment");
  const ByteView index_key = keys.of(outer.u16());
  return decode_index_record(open_large_record(index_key, kInfo, kPrefixSize, std::move(object)).view());
}

IndexSegment decode_index_record(ByteView record) {
  ByteReader reader(record, "index segment");
  if (reader.varint() != kVersion) reader.fail();
  IndexSegment segment;
  segment.packs.resize(reader.count(18));
  for (SegmentPack& pack : segment.packs) {
    pack.name = reader.id<16>();
    pack.type = static_cast<PackType>(reader.u8());
    if (pack.type != PackType::data && pack.type != PackType::metadata) reader.fail();
    pack.size = reader.varint_up_to(std::uint64_t{1} << 40);
  }
  segment.sessions = read_sessions(reader);
  segment.frames.resize(reader.count(12));
  visit_frame_columns([&](auto column) {
    for (SegmentFrame& frame : segment.frames) {
      auto& cell = column(frame);
      cell = narrow_varint<std::remove_reference_t<decltype(cell)>>(reader);
    }
  });
  segment.chunks.resize(reader.count(35));
  if (segment.chunks.size() > kMostSegmentChunks) reader.fail();
  for (SegmentChunk& chunk : segment.chunks) chunk.id = reader.id<32>();
  for (SegmentChunk& chunk : segment.chunks) chunk.frame = reader.varint32();
  for (SegmentChunk& chunk : segment.chunks) chunk.number = reader.varint32();
  for (SegmentChunk& chunk : segment.chunks)
    chunk.size = static_cast<std::uint32_t>(reader.varint_up_to(kLargestChunk));
  reader.expect_done();
  check_frames(segment, reader);
  check_chunks(segment, reader);
  return segment;
}

}  // namespace igudar
