#include "store/azure/azure_answers.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// What a hostile service may answer with.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  (void)parse_azure_error(ByteView(data, size));
  fuzz::run(data, size, [](ByteView input) { (void)parse_azure_blocks(input); });
  return fuzz::run(data, size,
                   [](ByteView input) { fuzz::require(parse_azure_list(input).objects.size() <= input.size()); });
}
