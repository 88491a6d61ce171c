#include "format/key_slot.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  return fuzz::run(data, size, [](ByteView input) {
    // With the right checksum, so that the fuzzer gets past it.
    Bytes object = copy_of(input);
    append(object, sha256(input).view());
    (void)parse_slot(Id16{}, object);
  });
}
