#include "repo/fuse_filter.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace igudar {

namespace {

std::uint64_t mix(std::uint64_t key, std::uint64_t seed) {  // the finaliser of MurmurHash3
  std::uint64_t h = key + seed;
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53ULL;
  return h ^ h >> 33;
}

std::array<std::uint32_t, 3> places(const FuseFilterShape& shape, std::uint64_t hash) {
  __extension__ using Wide = unsigned __int128;
  const auto first = static_cast<std::uint32_t>(static_cast<Wide>(hash) * shape.segment_count_length >> 64);
  const std::uint32_t mask = shape.segment_length - 1;
  const std::uint32_t second = (first + shape.segment_length) ^ (static_cast<std::uint32_t>(hash >> 18) & mask);
  const std::uint32_t third = (first + 2 * shape.segment_length) ^ (static_cast<std::uint32_t>(hash) & mask);
  return {first, second, third};
}

std::uint8_t fingerprint(std::uint64_t hash) {
  return static_cast<std::uint8_t>(hash ^ hash >> 32);
}

FuseFilterShape shape_for(std::size_t count) {
  const double n = std::max<double>(2, static_cast<double>(count));
  FuseFilterShape shape;
  shape.segment_length =
      std::min(1U << 18, 1U << static_cast<unsigned>(std::floor(std::log(n) / std::log(3.33) + 2.25)));
  const double factor = std::max(1.125, 0.875 + 0.25 * std::log(1e6) / std::log(n));
  const auto capacity = static_cast<std::uint32_t>(std::llround(n * factor));
  const std::uint32_t needed = (capacity + shape.segment_length - 1) / shape.segment_length;
  const std::uint32_t segments = needed > 2 ? needed - 2 : 1;
  shape.segment_count_length = segments * shape.segment_length;
  shape.array_length = (segments + 2) * shape.segment_length;
  return shape;
}

// Finds an order in which each key owns a place no later key uses: (hash, which of its three places). Empty when the
// seed fails.
std::vector<std::pair<std::uint64_t, std::uint8_t>> peel(const FuseFilterShape& shape,
                                                         const std::vector<std::uint64_t>& keys) {
  std::vector<std::uint64_t> hashes_xor(shape.array_length);
  std::vector<std::uint32_t> counts(shape.array_length);
  for (const std::uint64_t key : keys) {
    const std::uint64_t hash = mix(key, shape.seed);
    for (const std::uint32_t place : places(shape, hash)) {
      hashes_xor[place] ^= hash;
      ++counts[place];
    }
  }
  std::vector<std::uint32_t> singles;
  for (std::uint32_t place = 0; place < shape.array_length; ++place)
    if (counts[place] == 1) singles.push_back(place);

  std::vector<std::pair<std::uint64_t, std::uint8_t>> order;
  order.reserve(keys.size());
  while (!singles.empty()) {
    const std::uint32_t single = singles.back();
    singles.pop_back();
    if (counts[single] != 1) continue;
    const std::uint64_t hash = hashes_xor[single];
    const auto three = places(shape, hash);
    for (std::uint8_t i = 0; i < 3; ++i) {
      if (three[i] == single) order.emplace_back(hash, i);
      hashes_xor[three[i]] ^= hash;
      if (--counts[three[i]] == 1) singles.push_back(three[i]);
    }
  }
  if (order.size() != keys.size()) order.clear();
  return order;
}

}  // namespace

FuseFilter build_fuse_filter(std::vector<std::uint64_t> keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  FuseFilter filter;
  filter.shape = shape_for(keys.size());
  filter.fingerprints.resize(filter.shape.array_length);
  if (keys.empty()) return filter;

  std::vector<std::pair<std::uint64_t, std::uint8_t>> order;
  for (filter.shape.seed = 0x9e3779b97f4a7c15ULL; order.empty(); filter.shape.seed = mix(filter.shape.seed, 1)) {
    order = peel(filter.shape, keys);
    if (!order.empty()) break;
  }
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const auto three = places(filter.shape, it->first);
    std::uint8_t value = fingerprint(it->first);
    for (std::uint8_t i = 0; i < 3; ++i)
      if (i != it->second) value ^= filter.fingerprints[three[i]];
    filter.fingerprints[three[it->second]] = value;
  }
  return filter;
}

bool fuse_filter_contains(const FuseFilterShape& shape, std::span<const std::uint8_t> fingerprints, std::uint64_t key) {
  const std::uint64_t hash = mix(key, shape.seed);
  const auto three = places(shape, hash);
  return (fingerprint(hash) ^ fingerprints[three[0]] ^ fingerprints[three[1]] ^ fingerprints[three[2]]) == 0;
}

}  // namespace igudar
