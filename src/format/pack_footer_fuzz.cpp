#include <cstring>

#include "format/pack.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  return fuzz::run(data, size, [](ByteView input) {
    // A pack as large as the first bytes say; what is accepted lies inside it.
    if (input.size() < 8) throw Error(ErrorCode::truncated, "no size");
    std::uint64_t pack_size = 0;
    std::memcpy(&pack_size, input.data(), sizeof pack_size);
    const PackFooter footer = decode_footer(input.subspan(8), pack_size);
    fuzz::require(footer.toc_offset + footer.toc_size <= footer.hashes_offset);
    fuzz::require(footer.hashes_offset + footer.hashes_size() + kFooterSize == pack_size);
  });
}
