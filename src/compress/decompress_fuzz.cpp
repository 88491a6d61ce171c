// Feeds decompress() with arbitrary bytes: codec number (1 byte), plain size (3 bytes, little-endian, at most 1 MiB),
// compressed data. It must fill exactly the plain size or throw Error(damaged).

#include <algorithm>

#include "compress/codec.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  constexpr std::size_t kHeaderSize = 4;
  constexpr std::size_t kMostPlainBytes = std::size_t{1} << 20;
  if (size < kHeaderSize) return 0;
  return fuzz::run(data, size, [=](ByteView input) {
    const std::size_t stated = input[1] | std::size_t{input[2]} << 8 | std::size_t{input[3]} << 16;
    const std::size_t plain_size = std::min(stated, kMostPlainBytes);
    Compressor compressor;
    Buffer plain;
    try {
      compressor.decompress(static_cast<Codec>(input[0]), input.subspan(kHeaderSize), plain_size, plain);
    } catch (const Error& error) {
      fuzz::require(error.code() == ErrorCode::damaged);
      throw;
    }
    fuzz::require(plain.size() == plain_size);
  });
}
