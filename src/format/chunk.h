#pragma once

#include <array>
#include <vector>

#include "base/bytes.h"
#include "crypto/cipher_suite.h"

namespace igudar {

// The numbers are part of the format (docs/format.md sections 6 and 7).
enum class ChunkType : std::uint8_t { data = 1, page = 2, extents = 3, refset = 4 };
enum class PackType : std::uint8_t { data = 1, metadata = 2 };
constexpr PackType pack_type_of(ChunkType type) {
  return type == ChunkType::data ? PackType::data : PackType::metadata;
}
constexpr std::uint32_t kLargestChunk = 64U << 20;
constexpr std::uint32_t kLargestFrame = 64U << 20;

using ChunkId = Id32;
using SessionId = Id16;
using PackName = Id16;

// A secret of 32 bytes, sealed to the public key of an epoch: as long as the kind of that key makes it.
class SealedSecret {
 public:
  static constexpr std::size_t kSmallest = 80;
  static constexpr std::size_t kLargest = 113;

  SealedSecret() = default;
  // Throws damaged for a size that no kind has.
  SealedSecret(std::uint16_t epoch, ByteView box);

  std::uint16_t epoch() const { return epoch_; }
  ByteView view() const { return ByteView(bytes_).first(size_); }
  std::uint64_t prefix() const { return FixedId<kLargest>{bytes_}.prefix(); }
  auto operator<=>(const SealedSecret&) const = default;

 private:
  std::array<std::uint8_t, kLargest> bytes_{};  // zero beyond the size
  std::uint8_t size_ = 0;
  std::uint16_t epoch_ = 0;
};

// A backup session as packs, index segments and snapshots name it: its id, and its secret sealed to the domain. The
// secret alone may be sealed anew later, to a newer epoch.
struct SessionRef {
  SessionId id;
  std::uint16_t epoch = 0;  // of the domain's keys, when it began
  SealedSecret sealed_secret;
  CipherSuite suite = CipherSuite::aes_256_gcm;  // of all its frames
  auto operator<=>(const SessionRef&) const = default;
};

// Stored chunk copies with consecutive ordinals.
struct OrdinalRange {
  SessionId session;
  std::uint32_t stream = 0;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  bool operator==(const OrdinalRange&) const = default;
};

// Adds `next` to `ranges`: to the last of them when it follows that one.
inline void append_range(std::vector<OrdinalRange>& ranges, const OrdinalRange& next) {
  if (!ranges.empty()) {
    OrdinalRange& last = ranges.back();
    if (last.session == next.session && last.stream == next.stream && last.first + last.count == next.first) {
      last.count += next.count;
      return;
    }
  }
  ranges.push_back(next);
}

}  // namespace igudar
