#include <algorithm>
#include <string_view>

#include "keys/recovery_words.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// Each line of the input as if it were typed in.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return igudar::fuzz::run(data, size, [](igudar::ByteView input) {
    igudar::RecoveryPageReader reader;
    std::string_view text = igudar::text_of(input);
    while (!text.empty() && !reader.complete()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      reader.add_line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (reader.complete()) (void)reader.take();
  });
}
