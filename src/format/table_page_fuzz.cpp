#include "format/table_page.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  return fuzz::run(data, size, [](ByteView input) {
    const std::uint8_t level = input.empty() ? 0 : input[0];
    const TablePage page = decode_page(input, level);
    PageEncoder encoder(level);
    for (const LeafEntry& entry : page.entries) encoder.add_entry(entry.key, entry.value);
    for (const ChildPage& child : page.children) encoder.add_child(child);
    fuzz::require(equal(encoder.finish(), input));  // there is one way only to write a page
  });
}
