#include "crypto/sealed_box.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace igudar {

TEST(SealedBox, opens_for_the_holder_of_the_secret_key) {
  const BoxKeyPair pair = generate_box_key_pair();
  for (const std::string_view message : {"", "x", "a session key of thirty-two bytes"}) {
    const Bytes box = seal_to(pair.public_key, view_of(message));
    EXPECT_EQ(box.size(), message.size() + kSealedBoxOverhead);
    const auto opened = open_sealed(pair.public_key, pair.secret_key.view(), box);
    ASSERT_TRUE(opened);
    EXPECT_EQ(text_of(opened->view()), message);
  }
}

TEST(SealedBox, two_boxes_of_one_message_differ) {
  const BoxKeyPair pair = generate_box_key_pair();
  EXPECT_NE(seal_to(pair.public_key, view_of("m")), seal_to(pair.public_key, view_of("m")));
}

TEST(SealedBox, refuses_a_box_with_any_byte_changed_or_cut_off) {
  const BoxKeyPair pair = generate_box_key_pair();
  const Bytes good = seal_to(pair.public_key, view_of("message"));
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    EXPECT_FALSE(open_sealed(pair.public_key, pair.secret_key.view(), bad)) << i;
    EXPECT_FALSE(open_sealed(pair.public_key, pair.secret_key.view(), ByteView(good).first(i))) << i;
  }
}

TEST(SealedBox, refuses_a_box_sealed_to_someone_else) {
  const BoxKeyPair mine = generate_box_key_pair();
  const BoxKeyPair theirs = generate_box_key_pair();
  EXPECT_FALSE(open_sealed(mine.public_key, mine.secret_key.view(), seal_to(theirs.public_key, view_of("m"))));
}

TEST(SealedBox, refuses_invalid_keys) {
  EXPECT_THROW(seal_to(Id32{}, view_of("m")), Error);  // the point of order one: anyone could open the box
  EXPECT_THROW(open_sealed(Id32{}, Bytes(31), Bytes(100)), Error);
}

}  // namespace igudar
