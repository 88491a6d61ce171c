// Feeds decompress() with arbitrary bytes: codec number (1 byte), plain size (3 bytes, little-endian, at most 1 MiB),
// compressed data. It must fill exactly the plain size or throw Error(damaged).

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "compress/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHeaderSize = 4;
  constexpr std::size_t kMostPlainBytes = std::size_t{1} << 20;
  if (size < kHeaderSize) return 0;
  const std::size_t stated = data[1] | std::size_t{data[2]} << 8 | std::size_t{data[3]} << 16;
  const std::size_t plain_size = std::min(stated, kMostPlainBytes);
  igudar::Compressor compressor;
  igudar::Buffer plain;
  try {
    compressor.decompress(static_cast<igudar::Codec>(data[0]), {data + kHeaderSize, size - kHeaderSize}, plain_size,
                          plain);
    if (plain.size() != plain_size) std::abort();
  } catch (const igudar::Error& error) {
    if (error.code() != igudar::ErrorCode::damaged) std::abort();
  }
  return 0;
}
