#include "format/chunk_hasher.h"

#include <gtest/gtest.h>

#include <unordered_set>

#include "crypto/hash.h"

namespace igudar {

namespace {

ByteView key() {
  return view_of("0123456789abcdef0123456789abcdef");
}

Bytes counted_bytes(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  return bytes;
}

}  // namespace

TEST(ChunkHasher, names_chunks_as_the_format_has_it) {
  ChunkHasher hasher(key());
  for (const std::size_t size : {1UL, 8191UL, 8192UL}) {
    const Bytes plain = counted_bytes(size);
    Bytes message{1};
    append(message, plain);
    EXPECT_EQ(hasher.id(ChunkType::data, plain), hmac_sha256(key(), message)) << size;
  }
  for (const std::size_t size : {8193UL, 16'384UL, 100'000UL, 1UL << 20}) {
    const Bytes plain = counted_bytes(size);
    Bytes message{128 + 2};
    for (std::size_t at = 0; at < size; at += 8192)
      append(message, sha256(ByteView(plain).subspan(at, std::min<std::size_t>(8192, size - at))).view());
    EXPECT_EQ(hasher.id(ChunkType::page, plain), hmac_sha256(key(), message)) << size;
  }
}

TEST(ChunkHasher, tells_contents_types_and_lists_of_leaves_apart) {
  ChunkHasher hasher(key());
  std::unordered_set<ChunkId> ids;
  std::size_t named = 0;
  const auto name = [&](ChunkType type, ByteView plain) {
    ids.insert(hasher.id(type, plain));
    ++named;
  };
  Bytes plain = counted_bytes(20'000);
  for (const ChunkType type : {ChunkType::data, ChunkType::page, ChunkType::extents, ChunkType::refset})
    for (const std::size_t size : {1UL, 8192UL, 8193UL, 16'384UL, 16'385UL, 20'000UL})
      name(type, ByteView(plain).first(size));
  for (const std::size_t at : {0UL, 8191UL, 8192UL, 16'384UL, 19'999UL}) {
    plain[at] ^= 1;
    name(ChunkType::data, plain);
    plain[at] ^= 1;
  }
  Bytes leaves;
  for (std::size_t at = 0; at < plain.size(); at += 8192)
    append(leaves, sha256(ByteView(plain).subspan(at, std::min<std::size_t>(8192, plain.size() - at))).view());
  name(ChunkType::data, leaves);
  EXPECT_EQ(ids.size(), named);
}

}  // namespace igudar
