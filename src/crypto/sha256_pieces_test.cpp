#include "crypto/sha256_pieces.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "crypto/sha256_lanes.h"
#include "testing/counted_bytes.h"

namespace igudar {

namespace {

using testing::counted_bytes;

// Checks every digest against a SHA-256 of its own.
void expect_right_digests(ByteView bytes, std::size_t size) {
  std::vector<Id32> digests;
  sha256_of_pieces(bytes, size, digests);
  std::size_t at = 0;
  for (const Id32& digest : digests) {
    const ByteView piece = bytes.subspan(at, std::min(size, bytes.size() - at));
    EXPECT_EQ(digest, sha256(piece)) << "the piece at " << at << " of " << bytes.size() << " bytes by " << size;
    at += piece.size();
  }
  EXPECT_EQ(at, bytes.size());
}

}  // namespace

TEST(Sha256_pieces, have_the_digests_that_sha256_gives_each) {
  const Bytes bytes = counted_bytes(700'000);
  for (const std::size_t size : {1UL, 55UL, 56UL, 63UL, 64UL, 65UL, 8191UL, 8192UL, 32'768UL, 65'534UL})
    for (const std::size_t pieces : {1UL, 2UL, 3UL, 8UL, 15UL, 16UL, 17UL, 40UL}) {
      const std::size_t whole = std::min(size * pieces, bytes.size());
      for (const std::size_t total : {whole, whole - 1, whole - size / 2, whole - size + 1})
        expect_right_digests(ByteView(bytes).subspan(pieces).first(std::min(total, bytes.size() - pieces)), size);
    }
}

TEST(Sha256_pieces, may_be_longer_than_the_lanes_take_or_none_at_all) {
  const Bytes bytes = counted_bytes(200'000);
  for (const std::size_t size : {65'535UL, 65'536UL, 100'000UL, 300'000UL}) expect_right_digests(bytes, size);
  expect_right_digests({}, 8192);
}

TEST(Sha256_lanes, refuse_what_is_too_long_and_are_sound_afterwards) {
  Sha256Lanes* lanes = Sha256Lanes::of_this_thread();
  if (lanes == nullptr) GTEST_SKIP() << "built without the multi-buffer library, or this processor cannot use it";
  const Bytes bytes = counted_bytes(150'000);
  std::vector<Id32> digests(2);
  EXPECT_FALSE(lanes->hash(bytes, 80'000, digests));
  EXPECT_TRUE(lanes->hash(ByteView(bytes).first(150), 100, digests));
  EXPECT_EQ(digests[0], sha256(ByteView(bytes).first(100)));
  EXPECT_EQ(digests[1], sha256(ByteView(bytes).subspan(100, 50)));
}

}  // namespace igudar
