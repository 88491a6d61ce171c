#pragma once

#include <memory>
#include <span>

#include "base/bytes.h"

namespace igudar {

// SHA-256 of several messages at a time by Intel's multi-buffer library (2 lanes with the processor's SHA instructions,
// 4 to 16 with vectors): what sha256_of_pieces() uses where it is there. For crypto/ alone. Not thread-safe.
class Sha256Lanes {
 public:
  static constexpr std::size_t kLongestMessage = 65'534;  // the library counts a message's bytes in 16 bits

  // This thread's lanes; nullptr where the program was built without the library, or its self-test fails.
  static Sha256Lanes* of_this_thread();

  // From how many pieces on hash() is worth it on this processor.
  std::size_t fewest_pieces() const;

  // Precondition: size <= kLongestMessage, and there is a digest for each piece. False when the library refused any of
  // them; the digests are worth nothing then.
  [[nodiscard]] bool hash(ByteView bytes, std::size_t size, std::span<Id32> digests);

  ~Sha256Lanes();

 private:
  struct Manager;
  explicit Sha256Lanes(std::unique_ptr<Manager> manager);
  std::unique_ptr<Manager> manager_;
};

}  // namespace igudar
