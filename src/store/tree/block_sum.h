#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/bytes.h"

namespace igudar {

// A sum of 64 bits that tells accidents (holes, lost writes) from the bytes that were written; no protection against
// anybody who means it. Four lanes of multiplications and rotations, so that it costs little beside a cipher.
// Thread-safe.
inline std::uint64_t block_sum(ByteView bytes) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;
  constexpr std::size_t kLanes = 4;
  std::uint64_t lanes[kLanes] = {1, 2, 3, 4};
  const auto word_at = [&](std::size_t offset, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + offset, size);
    return word;
  };
  const auto mix = [](std::uint64_t state, std::uint64_t word) { return (std::rotl(state, 29) ^ word) * kOdd; };
  std::size_t at = 0;
  for (; bytes.size() - at >= kLanes * 8; at += kLanes * 8)
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] = mix(lanes[lane], word_at(at + lane * 8, 8));
  std::uint64_t sum = bytes.size();
  for (const std::uint64_t lane : lanes) sum = mix(sum, lane ^ (lane >> 32));
  for (; at < bytes.size(); at += 8) sum = mix(sum, word_at(at, std::min<std::size_t>(8, bytes.size() - at)));
  return sum ^ (sum >> 29);
}

}  // namespace igudar
