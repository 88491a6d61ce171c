#include "format/consent_body.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// The first byte says which of the bodies the rest is.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  return fuzz::run(data, size, [](ByteView input) {
    const std::uint8_t kind = input.empty() ? 0 : input[0];
    const ByteView body = input.subspan(input.empty() ? 0 : 1);
    switch (kind) {
      case 1:
        fuzz::require(decode_consent(encode_consent(decode_consent(body))) == decode_consent(body));
        break;
      case 2:
        fuzz::require(decode_consent_details(encode_consent_details(decode_consent_details(body))) ==
                      decode_consent_details(body));
        break;
      case 3:
        fuzz::require(decode_personal_source(encode_personal_source(decode_personal_source(body))) ==
                      decode_personal_source(body));
        break;
      case 4:
        fuzz::require(decode_personal_source_details(encode_personal_source_details(
                          decode_personal_source_details(body))) == decode_personal_source_details(body));
        break;
      case 5:
        fuzz::require(decode_processing_name(encode_processing_name(decode_processing_name(body))) ==
                      decode_processing_name(body));
        break;
      default:
        (void)decode_processing_value(body);
    }
  });
}
