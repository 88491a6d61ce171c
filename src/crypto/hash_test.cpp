#include "crypto/hash.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/hex.h"

namespace igudar {

TEST(Sha256, gives_the_published_answers_in_one_part_or_two) {
  EXPECT_EQ(to_hex(sha256({}).view()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(view_of("abc")).view()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(view_of("a"), view_of("bc")), sha256(view_of("abc")));
}

// FIPS 180-4's examples of two blocks, and of a million letters.
TEST(Sha256, gives_the_published_answers_for_long_messages) {
  EXPECT_EQ(to_hex(sha256(view_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).view()),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(Bytes(1'000'000, 'a')).view()),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, gives_the_published_answers_again_after_a_reset) {
  const struct {
    DigestAlgorithm algorithm;
    std::string_view name;
    std::string_view of_abc;
    std::string_view of_nothing;
  } cases[] = {
      {DigestAlgorithm::sha256, "sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {DigestAlgorithm::sha1, "sha1", "a9993e364706816aba3e25717850c26c9cd0d89d",
       "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
      {DigestAlgorithm::md5, "md5", "900150983cd24fb0d6963f7d28e17f72", "d41d8cd98f00b204e9800998ecf8427e"},
  };
  for (const auto& known : cases) {
    EXPECT_EQ(digest_name(known.algorithm), known.name);
    EXPECT_EQ(digest_size(known.algorithm) * 2, known.of_abc.size());
    Digest digest(known.algorithm);
    digest.update(view_of("ab"));
    digest.update(view_of("c"));
    EXPECT_EQ(to_hex(digest.finish()), known.of_abc);
    digest.reset();
    EXPECT_EQ(to_hex(digest.finish()), known.of_nothing);
    digest.reset();
    digest.update(view_of("left unfinished"));
    digest.reset();
    digest.update(view_of("abc"));
    EXPECT_EQ(to_hex(digest.finish()), known.of_abc);
  }
}

TEST(Digest, refuses_an_unknown_algorithm) {
  EXPECT_THROW(Digest(static_cast<DigestAlgorithm>(9)), Error);
  EXPECT_THROW(digest_size(static_cast<DigestAlgorithm>(0)), Error);
}

}  // namespace igudar
