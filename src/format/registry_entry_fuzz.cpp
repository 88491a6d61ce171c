#include "format/registry_entry.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  return fuzz::run(data, size, [](ByteView input) { (void)decode_registry_fields(input); });
}
