#include <lz4.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "compress/codec.h"

namespace igudar {

namespace {

constexpr std::size_t kTooSmallToGuess = 1024;
constexpr std::size_t kSlices = 4;
constexpr std::size_t kSliceSize = 4096;
constexpr double kRandomLooking = 7.9;  // bits a byte
constexpr std::size_t kTrialSize = 32 * 1024;
constexpr std::size_t kTrialGoal = kTrialSize - kTrialSize / 50;

using ByteCounts = std::array<std::uint32_t, 256>;

void count_bytes(ByteView bytes, ByteCounts& counts) {
  for (const std::uint8_t byte : bytes) ++counts[byte];
}

// Order-0 entropy in bits a byte. A small sample shows too little of it; the Miller–Madow term makes up for that.
double entropy(const ByteCounts& counts, std::size_t total) {
  double sum = 0;
  int distinct = 0;
  for (const std::uint32_t count : counts) {
    if (count == 0) continue;
    ++distinct;
    sum += count * std::log2(static_cast<double>(count));
  }
  const auto n = static_cast<double>(total);
  return std::log2(n) - sum / n + (distinct - 1) / (2 * n * std::log(2.0));
}

double sampled_entropy(ByteView plain) {
  ByteCounts counts{};
  if (plain.size() <= kSlices * kSliceSize) {
    count_bytes(plain, counts);
    return entropy(counts, plain.size());
  }
  const std::size_t step = (plain.size() - kSliceSize) / (kSlices - 1);
  for (std::size_t i = 0; i < kSlices; ++i) count_bytes(plain.subspan(i * step, kSliceSize), counts);
  return entropy(counts, kSlices * kSliceSize);
}

// Whether LZ4 makes the middle of `plain` smaller by more than 2 %.
bool shrinks_in_a_trial(ByteView plain) {
  const std::size_t size = std::min(plain.size(), kTrialSize);
  const ByteView middle = plain.subspan((plain.size() - size) / 2, size);
  std::array<char, kTrialGoal> compressed;
  const int capacity = static_cast<int>(size - size / 50);
  return LZ4_compress_default(text_of(middle).data(), compressed.data(), static_cast<int>(size), capacity) > 0;
}

}  // namespace

bool looks_compressible(ByteView plain) {
  if (plain.size() < kTooSmallToGuess) return true;
  return sampled_entropy(plain) < kRandomLooking || shrinks_in_a_trial(plain);
}

}  // namespace igudar
