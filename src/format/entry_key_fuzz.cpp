#include "format/entry_codec.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  return fuzz::run(data, size, [](ByteView input) {
    const std::string path = path_of_key(text_of(input));
    fuzz::require(key_of_path(path) == text_of(input));
  });
}
