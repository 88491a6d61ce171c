#include "format/epoch_record.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return igudar::fuzz::run(data, size, [](igudar::ByteView input) { (void)igudar::decode_epoch_fields(input); });
}
