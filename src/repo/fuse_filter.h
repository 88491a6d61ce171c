#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace igudar {

// Binary fuse filter with 8-bit fingerprints (Graf and Lemire, "Binary Fuse Filters: Fast and Smaller Than Xor
// Filters", ACM JEA 27, 2022): tells in three memory accesses that a key is surely absent; wrongly says "maybe" once in
// 256 times. About 9 bits for each key.
struct FuseFilterShape {
  std::uint64_t seed = 0;
  std::uint32_t segment_length = 0;  // a power of two
  std::uint32_t segment_count_length = 0;
  std::uint32_t array_length = 0;  // bytes of fingerprints
};

struct FuseFilter {
  FuseFilterShape shape;
  std::vector<std::uint8_t> fingerprints;
};

// `keys` are sorted or not, and may repeat.
FuseFilter build_fuse_filter(std::vector<std::uint64_t> keys);
// Whether `key` may be among those the filter was built from. fingerprints.size() == shape.array_length.
bool fuse_filter_contains(const FuseFilterShape& shape, std::span<const std::uint8_t> fingerprints, std::uint64_t key);

}  // namespace igudar
