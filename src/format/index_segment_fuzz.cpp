#include "format/index_segment.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  return fuzz::run(data, size, [](ByteView input) {
    const IndexSegment segment = decode_index_record(input);
    for (const SegmentChunk& chunk : segment.chunks) {
      const SegmentFrame& frame = segment.frames.at(chunk.frame);
      fuzz::require(chunk.size <= frame.info.plain_size);
      fuzz::require(frame.offset + frame.info.sealed_size() <= segment.packs.at(frame.pack).size);
    }
  });
}
