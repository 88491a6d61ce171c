#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/bytes.h"

namespace igudar {

// The numbers are part of the repository format (docs/format.md, "Codecs"), and so are the containers:
//   raw    the bytes themselves
//   zstd   one Zstandard frame (RFC 8878) that states its content size, without checksum or dictionary
//   lz4    one LZ4 block, without the LZ4 frame round it
//   zlib   one zlib stream (RFC 1950), without preset dictionary
//   bzip2  one bzip2 stream
//   lzma   one .xz stream with a single LZMA2 filter and no integrity check
// Nothing follows the container. Integrity is the business of the encryption round it.
enum class Codec : std::uint8_t { raw = 0, zstd = 1, lz4 = 2, zlib = 3, bzip2 = 4, lzma = 5 };

// Adaptive zstd: parameters measured to lie on the edge of speed against size (docs/benchmarks.md). Two, since what
// pays differs: many small files gathered repeat themselves nearby, which a table that stays in the first cache finds;
// one large file repeats itself from afar, which takes a larger table.
constexpr int kAdaptiveGathered = 0;
constexpr int kAdaptiveLarge = -1;

struct CompressionSetting {
  Codec codec = Codec::zstd;
  int level = kAdaptiveGathered;
};

// "auto" (adaptive zstd), "zstd", "zstd:9", "lz4", "zlib:6", "bzip2", "lzma:3", "none". nullopt when it is not one of
// these or the level is out of the codec's range: zstd 1–22, lz4 1–12, zlib 1–9, bzip2 1–9, lzma 0–9. Without a level:
// 3, 1, 6, 9 and 6.
std::optional<CompressionSetting> parse_compression(std::string_view text);

// Compresses and decompresses whole buffers of up to 1 GiB, keeping the codecs' working memory between calls. A codec
// takes no memory before its first use.
// Not thread-safe: one for each thread.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(Compressor&&) noexcept;

  // Replaces `out` with the compressed form of `plain`. False (and `out` unspecified) when it would not be smaller,
  // which holds for no bytes and for the codec raw. Throws Error(usage) when the level is out of the codec's range.
  bool compress(const CompressionSetting& setting, ByteView plain, Buffer& out);

  // Replaces `out`, which must end up exactly `plain_size` bytes long; throws Error(damaged) otherwise or when
  // `compressed` is not valid or is followed by anything. Never writes past plain_size, and takes at most 256 MiB to
  // work, whatever the input says. The caller bounds plain_size.
  void decompress(Codec codec, ByteView compressed, std::size_t plain_size, Buffer& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A cheap guess whether compressing `plain` is worth the time: false for data that looks random (order-0 entropy of
// samples near 8 bits and a fast codec finds nothing in a sample). Wrong guesses cost size or time, never correctness.
bool looks_compressible(ByteView plain);

}  // namespace igudar
