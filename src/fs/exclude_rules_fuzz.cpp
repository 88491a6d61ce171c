#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "fs/exclude_rules.h"

// A file of patterns, a NUL, a path: the first may be anything, a verdict must come out.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = igudar::text_of({data, size});
  const std::size_t end = input.find('\0');
  igudar::ExcludeRules rules;
  rules.add_file(input.substr(0, end));
  const std::string_view path = end == std::string_view::npos ? "a/b" : input.substr(end + 1);
  (void)rules.excludes(path, false);
  (void)rules.excludes(path, true);
  return 0;
}
