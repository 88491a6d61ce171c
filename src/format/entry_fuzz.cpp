#include "format/entry_codec.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  return fuzz::run(data, size, [](ByteView input) {
    Entry entry;
    decode_entry_value(input, entry);
    Bytes encoded;
    encode_entry_value(entry, encoded);
    Entry again;
    decode_entry_value(encoded, again);
    Bytes encoded_again;
    encode_entry_value(again, encoded_again);
    fuzz::require(encoded_again == encoded);  // what is written once stays the same
  });
}
