#include "store/s3/s3_answers.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// What a hostile service may answer with.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  (void)parse_s3_error(ByteView(data, size));
  fuzz::run(data, size, [](ByteView input) { (void)parse_s3_upload_id(input); });
  fuzz::run(data, size, [](ByteView input) { (void)parse_s3_uploads(input, wall_clock_ns()); });
  return fuzz::run(data, size,
                   [](ByteView input) { fuzz::require(parse_s3_list(input).objects.size() <= input.size()); });
}
