#pragma once

#include <vector>

#include "format/index_keys.h"
#include "format/pack.h"

namespace igudar {

// An index segment (docs/format.md section 9): which chunks lie in which frames of which packs.

constexpr std::size_t kMostSegmentChunks = 1U << 20;

struct SegmentPack {
  PackName name;
  PackType type = PackType::data;
  std::uint64_t size = 0;
  bool operator==(const SegmentPack&) const = default;
};

struct SegmentFrame {
  std::uint32_t pack = 0;  // ordinal
  std::uint64_t offset = 0;
  FrameInfo info;
  bool operator==(const SegmentFrame&) const = default;
};

// A chunk: `number`-th of its frame.
struct SegmentChunk {
  ChunkId id;
  std::uint32_t frame = 0;
  std::uint32_t number = 0;
  std::uint32_t size = 0;
  auto operator<=>(const SegmentChunk&) const = default;
};

struct IndexSegment {
  std::vector<SegmentPack> packs;
  std::vector<SessionRef> sessions;
  std::vector<SegmentFrame> frames;
  std::vector<SegmentChunk> chunks;  // ascending by id

  // Adds a pack by its table of contents. Call sort() after the last one.
  void add_pack(const SegmentPack& pack, const TableOfContents& toc);
  void sort();
};

Bytes encode_index_segment(const IndexKeys& keys, const IndexSegment& segment);
// Throws damaged unless everything adds up: ordinals in range, ids ascending, chunk sizes filling their frames. Takes
// the object to give its memory back early: a large segment's forms are tens of MiB each.
IndexSegment decode_index_segment(const IndexKeys& keys, Bytes object);
// The record inside the seal, for the fuzzer.
IndexSegment decode_index_record(ByteView record);

}  // namespace igudar
