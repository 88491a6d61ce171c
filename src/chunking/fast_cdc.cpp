#include "chunking/fast_cdc.h"

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "base/secret.h"
#include "base/translate.h"
#include "crypto/kdf.h"

namespace igudar {

namespace {

constexpr std::uint32_t kLeastMin = 64;
constexpr std::uint32_t kMostMax = 64 * 1024 * 1024;
constexpr int kNormalisation = 2;

using GearTable = std::array<std::uint64_t, 256>;

GearTable gear_table(ByteView chunker_key) {
  const SecretBytes material = hkdf_sha256(chunker_key, {}, "igudar gear 1", 256 * 8);
  GearTable gear{};
  for (std::size_t i = 0; i < gear.size(); ++i) {
    for (std::size_t byte = 0; byte < 8; ++byte)
      gear[i] |= static_cast<std::uint64_t>(material.view()[8 * i + byte]) << (8 * byte);
  }
  return gear;
}

// The top bits: they are the ones that all of the last 64 bytes have reached.
std::uint64_t top_bits(int count) {
  return ~std::uint64_t{0} << (64 - count);
}

struct Range {
  std::size_t begin;
  std::size_t end;
};

// Rolls `hash` over the bytes of `range`. The position after the first byte at which no bit of `mask` is set; nullopt
// when there is none.
//
// Four bytes a step: what is added to the hash is summed aside, so that each step waits for the one before it only
// once.
std::optional<std::size_t> find_match(const GearTable& gear, ByteView data, Range range, std::uint64_t mask,
                                      std::uint64_t& hash) {
  const std::uint8_t* bytes = data.data();
  std::uint64_t h = hash;
  std::size_t p = range.begin;
  for (; p + 4 <= range.end; p += 4) {
    const std::uint64_t one = gear[bytes[p]];
    const std::uint64_t two = (one << 1) + gear[bytes[p + 1]];
    const std::uint64_t three = (two << 1) + gear[bytes[p + 2]];
    const std::uint64_t four = (three << 1) + gear[bytes[p + 3]];
    if ((((h << 1) + one) & mask) == 0) return p + 1;
    if ((((h << 2) + two) & mask) == 0) return p + 2;
    if ((((h << 3) + three) & mask) == 0) return p + 3;
    h = (h << 4) + four;
    if ((h & mask) == 0) return p + 4;
  }
  for (; p < range.end; ++p) {
    h = (h << 1) + gear[bytes[p]];
    if ((h & mask) == 0) return p + 1;
  }
  hash = h;
  return std::nullopt;
}

}  // namespace

void check_sizes(const ChunkSizes& sizes) {
  if (sizes.min >= kLeastMin && sizes.min < sizes.average && sizes.average < sizes.max && sizes.max <= kMostMax &&
      std::has_single_bit(sizes.average))
    return;
  throw Error(
      ErrorCode::damaged,
      trf("The chunk sizes (smallest {}, average {}, largest {} bytes) are outside the permitted bounds.", sizes.min,
          sizes.average, sizes.max),
      tr("The repository's configuration is damaged or was made by a program that does not keep to the format."));
}

FastCdc::FastCdc(const ChunkSizes& sizes, ByteView chunker_key) : sizes_(sizes) {
  check_sizes(sizes);
  const int average_bits = std::countr_zero(sizes.average);
  mask_small_ = top_bits(average_bits + kNormalisation);
  mask_large_ = top_bits(average_bits - kNormalisation);
  gear_ = gear_table(chunker_key);
}

std::optional<std::size_t> FastCdc::next_cut(ByteView data, bool at_end) const {
  const std::size_t end = std::min<std::size_t>(data.size(), sizes_.max);
  const std::size_t middle = std::min<std::size_t>(end, sizes_.average);
  if (end > sizes_.min) {
    std::uint64_t hash = 0;
    if (const auto cut = find_match(gear_, data, {sizes_.min, middle}, mask_small_, hash)) return cut;
    if (const auto cut = find_match(gear_, data, {middle, end}, mask_large_, hash)) return cut;
  }
  if (end == sizes_.max || (at_end && end > 0)) return end;
  return std::nullopt;
}

}  // namespace igudar
