#include "chunking/fast_cdc.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"

namespace igudar {

namespace {

using Cuts = std::vector<std::size_t>;  // chunk lengths

constexpr ChunkSizes kTiny{.min = 64, .average = 256, .max = 1024};
constexpr ChunkSizes kSmall{.min = 2048, .average = 8192, .max = 65536};

Bytes counting_key() {
  Bytes key(32);
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  return key;
}

// The SHA-256 of 0, 1, 2 … as 32-bit little-endian numbers: random-looking, and the same for every implementation.
Bytes hashed_numbers(std::uint32_t count) {
  Bytes data;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::array<std::uint8_t, 4> number{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8),
                                             static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 24)};
    append(data, sha256(number).view());
  }
  return data;
}

Bytes random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  Bytes data(size);
  for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(generator());
  return data;
}

Bytes text_bytes(std::size_t size, unsigned seed) {
  const std::vector<std::string> words{"granary ",  "key ",      "the ", "of ",
                                       "amazigh\n", "snapshot ", "a ",   "{ return; }\n"};
  std::mt19937 generator(seed);
  Bytes data;
  while (data.size() < size) append(data, view_of(words[generator() % words.size()]));
  data.resize(size);
  return data;
}

Cuts all_cuts(const FastCdc& chunker, ByteView data) {
  Cuts cuts;
  while (const auto cut = chunker.next_cut(data, true)) {
    cuts.push_back(*cut);
    data = data.subspan(*cut);
  }
  EXPECT_TRUE(data.empty());
  return cuts;
}

std::set<std::size_t> positions(const Cuts& cuts, std::size_t origin) {
  std::set<std::size_t> result;
  for (const std::size_t cut : cuts) result.insert(origin += cut);
  return result;
}

// The definition in docs/format.md, a byte at a time.
std::size_t reference_cut(const ChunkSizes& sizes, ByteView key, ByteView data) {
  const SecretBytes gear = hkdf_sha256(key, {}, "igudar gear 1", 2048);
  int bits = 0;
  while ((std::uint32_t{1} << bits) < sizes.average) ++bits;
  std::uint64_t hash = 0;
  const std::size_t end = std::min<std::size_t>(data.size(), sizes.max);
  for (std::size_t p = sizes.min; p < end; ++p) {
    std::uint64_t added = 0;
    for (std::size_t i = 8; i-- > 0;) added = added << 8 | gear.view()[std::size_t{8} * data[p] + i];
    hash = (hash << 1) + added;
    const int tested = p < sizes.average ? bits + 2 : bits - 2;
    if (hash >> (64 - tested) == 0) return p + 1;
  }
  return end;
}

}  // namespace

TEST(FastCdc, cuts_as_the_format_defines) {
  const ChunkSizes odd{.min = 1001, .average = 2048, .max = 5003};
  const std::vector<Bytes> inputs{
      random_bytes(60'000, 1), text_bytes(60'001, 2), Bytes(20'000, 0),      Bytes(20'002, 0xff), hashed_numbers(1000),
      random_bytes(64, 3),     random_bytes(65, 4),   random_bytes(1024, 5), random_bytes(1, 6),  random_bytes(257, 7)};
  for (const ChunkSizes& sizes : {kTiny, kSmall, odd}) {
    const FastCdc chunker(sizes, counting_key());
    for (const Bytes& input : inputs) {
      ByteView rest(input);
      while (!rest.empty()) {
        const std::size_t expected = reference_cut(sizes, counting_key(), rest);
        ASSERT_EQ(chunker.next_cut(rest, true), expected) << rest.size() << " bytes left of " << input.size();
        rest = rest.subspan(expected);
      }
    }
  }
}

// Computed by a separate program in another language: a change here would break deduplication with every repository.
TEST(FastCdc, keeps_the_cuts_of_the_first_format) {
  const Cuts expected{277, 332, 480, 264, 274, 359, 269, 146, 396, 372, 261, 237, 258, 370,
                      389, 261, 261, 257, 299, 561, 113, 260, 278, 274, 212, 315, 319, 98};
  EXPECT_EQ(all_cuts(FastCdc(kTiny, counting_key()), hashed_numbers(256)), expected);
  const Cuts large = all_cuts(FastCdc(kSmall, counting_key()), hashed_numbers(65'536));
  EXPECT_EQ(large.size(), 227U);
  EXPECT_EQ(Cuts(large.begin(), large.begin() + 6), (Cuts{8454, 8389, 3524, 8293, 9130, 11669}));
}

TEST(FastCdc, keeps_chunks_within_bounds_and_near_the_average) {
  const FastCdc chunker(kSmall, counting_key());
  const Bytes data = random_bytes(8 << 20, 8);
  const Cuts cuts = all_cuts(chunker, data);
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    EXPECT_LE(cuts[i], kSmall.max);
    if (i + 1 < cuts.size()) {
      EXPECT_GT(cuts[i], kSmall.min);
    }
  }
  const std::size_t average = data.size() / cuts.size();
  EXPECT_GT(average, kSmall.average * 8 / 10);
  EXPECT_LT(average, kSmall.average * 14 / 10);
}

TEST(FastCdc, agrees_on_all_later_cuts_from_any_cut_on) {
  const FastCdc chunker(kTiny, counting_key());
  const Bytes data = text_bytes(50'000, 9);
  const Cuts cuts = all_cuts(chunker, data);
  std::size_t start = 0;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const Cuts rest(cuts.begin() + static_cast<std::ptrdiff_t>(i), cuts.end());
    ASSERT_EQ(all_cuts(chunker, ByteView(data).subspan(start)), rest) << i;
    start += cuts[i];
  }
}

TEST(FastCdc, finds_the_old_cuts_again_after_an_insertion) {
  const FastCdc chunker(kTiny, counting_key());
  const Bytes data = random_bytes(200'000, 10);
  Bytes longer = random_bytes(137, 11);
  const std::size_t inserted = longer.size();
  append(longer, data);
  const auto before = positions(all_cuts(chunker, data), inserted);
  const auto after = positions(all_cuts(chunker, longer), 0);
  std::vector<std::size_t> shared;
  std::ranges::set_intersection(before, after, std::back_inserter(shared));
  EXPECT_GT(shared.size(), before.size() * 9 / 10);
}

TEST(FastCdc, other_keys_give_other_cuts) {
  const Bytes data = random_bytes(100'000, 12);
  const auto one = positions(all_cuts(FastCdc(kTiny, view_of("one")), data), 0);
  const auto two = positions(all_cuts(FastCdc(kTiny, view_of("two")), data), 0);
  std::vector<std::size_t> shared;
  std::ranges::set_intersection(one, two, std::back_inserter(shared));
  EXPECT_LT(shared.size(), one.size() / 10);
}

TEST(FastCdc, says_nothing_before_it_can_be_sure) {
  const FastCdc chunker(kTiny, counting_key());
  EXPECT_EQ(chunker.next_cut({}, true), std::nullopt);
  EXPECT_EQ(chunker.next_cut({}, false), std::nullopt);
  const Bytes data = random_bytes(4096, 13);
  const std::size_t cut = *chunker.next_cut(data, true);
  ASSERT_LT(cut, kTiny.max);
  for (std::size_t size = 1; size <= data.size(); ++size) {
    const ByteView known = ByteView(data).first(size);
    EXPECT_EQ(chunker.next_cut(known, true), std::min(size, cut)) << size;
    EXPECT_EQ(chunker.next_cut(known, false), size < cut ? std::nullopt : std::optional(cut)) << size;
  }
  // Zeros have no cut of their own: only at the largest size is it certain.
  EXPECT_EQ(chunker.next_cut(Bytes(kTiny.max - 1), false), std::nullopt);
  EXPECT_EQ(chunker.next_cut(Bytes(kTiny.max), false), kTiny.max);
  EXPECT_EQ(chunker.next_cut(Bytes(kTiny.max + 1), false), kTiny.max);
}

TEST(Check_sizes, permits_exactly_the_documented_sizes) {
  EXPECT_NO_THROW(check_sizes({}));
  EXPECT_NO_THROW(check_sizes({.min = 64, .average = 128, .max = 129}));
  EXPECT_NO_THROW(check_sizes({.min = 64, .average = 1 << 25, .max = 1 << 26}));
  for (const ChunkSizes& bad :
       {ChunkSizes{.min = 63, .average = 128, .max = 256}, ChunkSizes{.min = 128, .average = 128, .max = 256},
        ChunkSizes{.min = 64, .average = 128, .max = 128}, ChunkSizes{.min = 64, .average = 192, .max = 256},
        ChunkSizes{.min = 64, .average = 128, .max = (1 << 26) + 1}, ChunkSizes{.min = 64, .average = 0, .max = 256}}) {
    EXPECT_THROW(check_sizes(bad), Error);
    EXPECT_THROW(FastCdc(bad, view_of("key")), Error);
  }
}

}  // namespace igudar
