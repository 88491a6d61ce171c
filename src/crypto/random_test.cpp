#include "crypto/random.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace igudar {

TEST(Random, fills_all_of_the_buffer) {
  Bytes bytes(100'000);
  fill_random(bytes);
  std::array<int, 256> counts{};
  for (std::uint8_t byte : bytes) ++counts[byte];
  // 390 are expected of each value; beyond these limits lie fewer than one run in 10^12.
  EXPECT_GT(*std::min_element(counts.begin(), counts.end()), 230);
  EXPECT_LT(*std::max_element(counts.begin(), counts.end()), 560);
  fill_random({});
}

TEST(Random, ids_differ) {
  EXPECT_NE(random_id<16>(), random_id<16>());
}

}  // namespace igudar
