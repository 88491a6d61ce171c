#include "format/chunk_hasher.h"

#include "crypto/sha256_pieces.h"

namespace igudar {

namespace {
constexpr std::size_t kLeafSize = 8192;
constexpr std::uint8_t kOfLeaves = 0x80;  // added to the type, so that no short chunk can be taken for a list of leaves
}  // namespace

ChunkId ChunkHasher::id(ChunkType type, ByteView plain) {
  const auto number = static_cast<std::uint8_t>(type);
  if (plain.size() <= kLeafSize) return hash_.hash(number, plain);
  sha256_of_pieces(plain, kLeafSize, leaves_);
  return hash_.hash(number | kOfLeaves, {leaves_.front().bytes.data(), leaves_.size() * Id32::kSize});
}

}  // namespace igudar
