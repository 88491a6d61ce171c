#include <string_view>

#include "fs/exclude_rules.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// A file of patterns, a NUL, a path: the first may be anything, a verdict must come out.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  return fuzz::run(data, size, [](ByteView bytes) {
    const std::string_view input = text_of(bytes);
    const std::size_t end = input.find('\0');
    ExcludeRules rules;
    rules.add_file(input.substr(0, end));
    const std::string_view path = end == std::string_view::npos ? "a/b" : input.substr(end + 1);
    (void)rules.excludes(path, false);
    (void)rules.excludes(path, true);
  });
}
