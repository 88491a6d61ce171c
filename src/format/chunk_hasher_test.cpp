#include "format/chunk_hasher.h"

#include <gtest/gtest.h>

#include <unordered_set>

#include "crypto/hash.h"
#include "testing/counted_bytes.h"

namespace igudar {

namespace {

using testing::counted_bytes;

ByteView key() {
  return view_of("0123456789abcdef0123456789abcdef");
}

// The hashes of its leaves, joined.
Bytes leaves_of(ByteView plain) {
  Bytes leaves;
  for (; !plain.empty(); plain = plain.subspan(std::min<std::size_t>(8192, plain.size())))
    append(leaves, sha256(plain.first(std::min<std::size_t>(8192, plain.size()))).view());
  return leaves;
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
    append(message, leaves_of(plain));
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
  name(ChunkType::data, leaves_of(plain));
  EXPECT_EQ(ids.size(), named);
}

}  // namespace igudar
