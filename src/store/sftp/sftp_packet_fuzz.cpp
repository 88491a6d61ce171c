#include "store/sftp/sftp_packet.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// The names of a folder, as a hostile server may tell them.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace igudar;
  return fuzz::run(data, size, [](ByteView input) {
    SftpFieldReader fields(input);
    for (std::uint32_t left = fields.u32(); left > 0; --left) {
      fuzz::require(fields.text().size() <= input.size());
      (void)fields.text();
      (void)fields.attributes();
    }
  });
}
