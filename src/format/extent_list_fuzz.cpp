#include "format/entry_codec.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  return fuzz::run(data, size,
                   [](ByteView input) { fuzz::require(equal(encode_extent_list(decode_extent_list(input)), input)); });
}
