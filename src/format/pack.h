#pragma once

#include <vector>

#include "format/frame.h"

namespace igudar {

// What a pack says of itself (docs/format.md section 7).

struct TableOfContents {
  std::vector<SessionRef> sessions;
  std::vector<FrameInfo> frames;     // in the order they lie in the pack, from offset 8 on
  std::vector<ChunkId> ids;          // of all chunks, frame by frame
  std::vector<std::uint32_t> sizes;  // likewise
};
Bytes encode_toc(const TableOfContents& toc);
// Throws damaged unless everything adds up.
TableOfContents decode_toc(ByteView record);
constexpr std::string_view kTocInfo = "toc";

constexpr std::uint32_t kHashBlock = 32 * 1024;
constexpr std::size_t kBlockHashSize = 16;
constexpr std::size_t kFooterSize = 96;

struct PackFooter {
  std::uint64_t toc_offset = 0;
  std::uint64_t toc_size = 0;
  std::uint64_t parity_offset = 0;
  std::uint64_t parity_size = 0;
  std::uint64_t hashes_offset = 0;
  std::uint16_t epoch = 0;  // that the table of contents is sealed under
  PackType type = PackType::data;

  std::uint64_t hashes_size() const { return (hashes_offset + kHashBlock - 1) / kHashBlock * kBlockHashSize; }
};
// `hashes` are the block hashes; the footer's root covers them.
Bytes encode_footer(const PackFooter& footer, ByteView hashes);
// Checks the structure against the size of the whole pack, not the root. Throws damaged or truncated.
PackFooter decode_footer(ByteView footer, std::uint64_t pack_size);
// Appends the hashes of the blocks of `bytes`, which begin where a block does; the last one may be short.
void append_block_hashes(ByteView bytes, Bytes& hashes);
// Which blocks of `bytes`, counted from 0, are not those that `hashes` begins with. Precondition: there are as many.
std::vector<std::uint64_t> altered_blocks(ByteView bytes, ByteView hashes);
// Whether `hashes` are those that the footer's root covers.
[[nodiscard]] bool footer_covers(ByteView footer, ByteView hashes);

}  // namespace igudar
