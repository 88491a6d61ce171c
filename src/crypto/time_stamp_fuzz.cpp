#include "crypto/time_stamp.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// A token, or behind a first byte of 1 an answer. Whom the system trusts does not matter: hardly any input gets there.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  return fuzz::run(data, size, [](ByteView input) {
    static TimeStampTrust trust = TimeStampTrust::of_system();
    static const TimeStampRequest request = make_time_stamp_request({});
    if (!input.empty() && input[0] == 1) {
      (void)parse_time_stamp_response(input.subspan(1), request);
      return;
    }
    const TimeStampToken token = parse_time_stamp_token(input);
    (void)trust.verify(token, token.imprint, token.time);
    fuzz::require(parse_time_stamp_token(token.der).serial == token.serial);
  });
}
