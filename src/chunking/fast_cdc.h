#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace igudar {

struct ChunkSizes {
  std::uint32_t min = 256 * 1024;
  std::uint32_t average = 1024 * 1024;  // a power of two
  std::uint32_t max = 4 * 1024 * 1024;
};
// Throws Error(damaged) unless 64 <= min < average < max <= 64 MiB and average is a power of two.
void check_sizes(const ChunkSizes& sizes);

// FastCDC (Xia et al., USENIX ATC 2016, with the 2020 refinements): gear hash, minimum-size skipping, normalised
// chunking of level 2. The gear table comes from a secret key (docs/format.md, "Chunker"), so that chunk lengths do not
// identify known files to whoever lacks it.
//
// A cut depends only on where its chunk starts and on the bytes that follow: two runs that once agree on a cut agree on
// all later ones. Large files are cut by several threads thanks to this.
//
// Gear table: number i is bytes 8i to 8i+7, little-endian, of HKDF-SHA-256(chunker key, no salt, "igudar gear 1").
// Cut: the first `min` bytes are skipped. Each later byte, at position p of the chunk, makes hash = (hash << 1) + its
// gear number (modulo 2^64, from 0). The chunk ends after the first byte that leaves the top bits of the hash zero,
// log2(average) + 2 of them while p < average and log2(average) - 2 later; else at `max` bytes or the end of the data.
//
// Thread safety: const after construction.
// Errors: the constructor throws as check_sizes() does.
class FastCdc {
 public:
  FastCdc(const ChunkSizes& sizes, ByteView chunker_key);

  // The length of the chunk that begins at data[0]; nullopt when that cannot be said before more bytes are known, which
  // is never the case once data.size() >= max or `at_end` (no bytes follow data) holds. Empty data at the end: nullopt.
  std::optional<std::size_t> next_cut(ByteView data, bool at_end) const;
  const ChunkSizes& sizes() const { return sizes_; }

 private:
  ChunkSizes sizes_;
  std::uint64_t mask_small_ = 0;  // before the average: more bits, cuts are rarer
  std::uint64_t mask_large_ = 0;  // after it
  std::array<std::uint64_t, 256> gear_{};
};

}  // namespace igudar
