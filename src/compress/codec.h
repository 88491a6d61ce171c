#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/bytes.h"

namespace igudar {

// The numbers are part of the repository format (docs/format.md, "Codecs").
enum class Codec : std::uint8_t { raw = 0, zstd = 1, lz4 = 2, zlib = 3, bzip2 = 4, lzma = 5 };

struct CompressionSetting {
  Codec codec = Codec::zstd;
  int level = 3;
};

// "zstd", "zstd:9", "lz4", "zlib:6", "bzip2", "lzma:3", "none". nullopt when it is not one of these or the level is out
// of the codec's range.
std::optional<CompressionSetting> parse_compression(std::string_view text);

// Compresses and decompresses whole buffers, keeping the codecs' working memory between calls.
// Not thread-safe: one for each thread.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(Compressor&&) noexcept;

  // Replaces `out` with the compressed form of `plain`. False (and `out` unspecified) when it would not be smaller.
  bool compress(const CompressionSetting& setting, ByteView plain, Buffer& out);

  // Replaces `out`, which must end up exactly `plain_size` bytes long; throws Error(damaged) otherwise or when
  // `compressed` is not valid. Never writes past plain_size, whatever the input says.
  void decompress(Codec codec, ByteView compressed, std::size_t plain_size, Buffer& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A cheap guess whether compressing `plain` is worth the time: false for data that looks random (order-0 entropy of
// samples near 8 bits and a fast codec finds nothing in a sample). Wrong guesses cost size or time, never correctness.
bool looks_compressible(ByteView plain);

}  // namespace igudar
