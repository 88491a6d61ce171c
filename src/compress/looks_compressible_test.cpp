#include <gtest/gtest.h>

#include <random>

#include "compress/codec.h"

namespace igudar {

namespace {

Bytes random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  Bytes data(size);
  for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(generator());
  return data;
}

}  // namespace

TEST(Looks_compressible, is_false_for_random_data_of_any_size_worth_asking_about) {
  for (const std::size_t size : {1024U, 1500U, 4096U, 16'385U, 100'000U, 1U << 20})
    for (unsigned seed = 0; seed < 20; ++seed) EXPECT_FALSE(looks_compressible(random_bytes(size, seed))) << size;
}

TEST(Looks_compressible, is_true_for_data_too_small_to_tell) {
  EXPECT_TRUE(looks_compressible({}));
  EXPECT_TRUE(looks_compressible(random_bytes(1023, 1)));
}

TEST(Looks_compressible, is_true_for_zeros_text_and_base64) {
  EXPECT_TRUE(looks_compressible(Bytes(1 << 20)));
  Bytes text;
  while (text.size() < 50'000) append(text, view_of("the granary keeps what the village cannot lose\n"));
  EXPECT_TRUE(looks_compressible(text));
  Bytes base64 = random_bytes(100'000, 2);
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::uint8_t& byte : base64) byte = static_cast<std::uint8_t>(kDigits[byte & 63]);
  EXPECT_TRUE(looks_compressible(base64));
}

// All byte values are equally frequent, so that only the trial can tell.
TEST(Looks_compressible, is_true_for_repeated_runs_of_random_bytes) {
  const Bytes block = random_bytes(8192, 3);
  Bytes data;
  while (data.size() < 1 << 20) append(data, block);
  EXPECT_TRUE(looks_compressible(data));
}

TEST(Looks_compressible, is_true_when_a_quarter_is_text) {
  Bytes data(300'000, 'x');
  append(data, random_bytes(900'000, 4));
  EXPECT_TRUE(looks_compressible(data));
}

}  // namespace igudar
