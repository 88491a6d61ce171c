#include "crypto/random.h"

#include <openssl/rand.h>

#include <algorithm>

#include "crypto/openssl.h"

namespace igudar {

void fill_random(MutableByteView out) {
  constexpr std::size_t kLargestPiece = std::size_t{1} << 30;  // RAND_bytes takes an int
  while (!out.empty()) {
    const std::size_t piece = std::min(out.size(), kLargestPiece);
    openssl::require(RAND_bytes(out.data(), static_cast<int>(piece)), "random bytes");
    out = out.subspan(piece);
  }
}

}  // namespace igudar
