#include "crypto/sha256_pieces.h"

#include <algorithm>

#include "crypto/fips.h"
#include "crypto/hash.h"
#include "crypto/sha256_lanes.h"

namespace igudar {

void sha256_of_pieces(ByteView bytes, std::size_t size, std::vector<Id32>& digests) {
  digests.resize((bytes.size() + size - 1) / size);
  const bool several = digests.size() > 1 && size <= Sha256Lanes::kLongestMessage;
  Sha256Lanes* lanes = several && !in_fips_mode() ? Sha256Lanes::of_this_thread() : nullptr;
  if (lanes != nullptr && digests.size() >= lanes->fewest_pieces() && lanes->hash(bytes, size, digests)) return;
  for (std::size_t i = 0; i < digests.size(); ++i) {
    const ByteView rest = bytes.subspan(i * size);
    digests[i] = sha256(rest.first(std::min(size, rest.size())));
  }
}

}  // namespace igudar
