#include "crypto/sealed_box.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/hex.h"

namespace igudar {

namespace {

Bytes hex(std::string_view text) {
  return *from_hex(text);
}

// Of Python's computation, see below.
constexpr std::string_view kMaterial = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr std::string_view kPublic = "03cfb264d85c7eb276cf60773c461d722e25b64bf345d077c1a8b10c05b8decb45";
constexpr std::string_view kBox =
    "04c1c2f5142333a5af857db225369758c149e7c63a803a9d85abac5b39f49b178e733304398af98a6da5ba2b1813ea73f9d2bd16"
    "5fba4c4374ed0caa934f97e544840b8b277100858ba919ab759ca42c15dcfe101fc9dd047ce6f49e7f4b1c435197799d3d8dbb06"
    "2e7d";

class SealedBox : public ::testing::TestWithParam<BoxKind> {};

}  // namespace

TEST_P(SealedBox, opens_for_the_holder_of_the_secret_key) {
  const BoxKeyPair pair = generate_box_key_pair(GetParam());
  EXPECT_EQ(pair.public_key.kind(), GetParam());
  for (const std::string_view message : {"", "x", "a session key of thirty-two bytes"}) {
    const Bytes box = seal_to(pair.public_key, view_of(message));
    EXPECT_EQ(box.size(), message.size() + box_overhead(GetParam()));
    const auto opened = open_sealed(pair.public_key, pair.secret_key.view(), box);
    ASSERT_TRUE(opened);
    EXPECT_EQ(text_of(opened->view()), message);
  }
}

TEST_P(SealedBox, two_boxes_of_one_message_differ) {
  const BoxKeyPair pair = generate_box_key_pair(GetParam());
  EXPECT_NE(seal_to(pair.public_key, view_of("m")), seal_to(pair.public_key, view_of("m")));
}

TEST_P(SealedBox, refuses_a_box_with_any_byte_changed_or_cut_off) {
  const BoxKeyPair pair = generate_box_key_pair(GetParam());
  const Bytes good = seal_to(pair.public_key, view_of("message"));
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    EXPECT_FALSE(open_sealed(pair.public_key, pair.secret_key.view(), bad)) << i;
    EXPECT_FALSE(open_sealed(pair.public_key, pair.secret_key.view(), ByteView(good).first(i))) << i;
  }
}

TEST_P(SealedBox, refuses_a_box_sealed_to_someone_else) {
  const BoxKeyPair mine = generate_box_key_pair(GetParam());
  for (const BoxKind kind : kBoxKinds) {
    const BoxKeyPair theirs = generate_box_key_pair(kind);
    EXPECT_FALSE(open_sealed(mine.public_key, mine.secret_key.view(), seal_to(theirs.public_key, view_of("m"))));
  }
}

TEST_P(SealedBox, key_pairs_follow_from_their_material) {
  const Bytes material(32, 5);
  const BoxKeyPair one = derive_box_key_pair(GetParam(), material);
  EXPECT_EQ(one.public_key, derive_box_key_pair(GetParam(), material).public_key);
  EXPECT_NE(one.public_key, derive_box_key_pair(GetParam(), Bytes(32, 6)).public_key);
  EXPECT_TRUE(open_sealed(one.public_key, one.secret_key.view(), seal_to(one.public_key, view_of("m"))));
  EXPECT_THROW((void)open_sealed(one.public_key, Bytes(31), Bytes(100)), Error);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SealedBox, ::testing::ValuesIn(kBoxKinds),
                         [](const auto& each) { return each.param == BoxKind::x25519 ? "x25519" : "p256"; });

TEST(BoxPublicKey, has_the_kind_that_its_length_tells) {
  const BoxPublicKey x25519 = BoxPublicKey::from(Bytes(32, 1)).value();
  EXPECT_EQ(x25519.kind(), BoxKind::x25519);
  EXPECT_EQ(x25519.view().size(), 32U);
  Bytes point(33, 1);
  point[0] = 3;
  const BoxPublicKey p256 = BoxPublicKey::from(point).value();
  EXPECT_EQ(p256.kind(), BoxKind::p256);
  EXPECT_TRUE(equal(p256.view(), point));
  EXPECT_NE(p256, x25519);
  for (const std::size_t size : {0UL, 31UL, 34UL, 65UL}) EXPECT_FALSE(BoxPublicKey::from(Bytes(size, 2))) << size;
  for (const int form : {0, 1, 4}) {
    point[0] = static_cast<std::uint8_t>(form);
    EXPECT_FALSE(BoxPublicKey::from(point)) << form;
  }
}

TEST(BoxPublicKey, is_sealed_to_only_if_it_is_one) {
  EXPECT_THROW(seal_to(Id32{}, view_of("m")), Error);  // the point of order one: anyone could open the box
  Bytes no_point(33);
  no_point[0] = 2;
  no_point[32] = 1;  // there is no point of P-256 with x = 1
  EXPECT_THROW(seal_to(BoxPublicKey::from(no_point).value(), view_of("m")), Error);
}

// Sealed with ECDH, HKDF and AESGCM of Python's cryptography, as docs/format.md section 5.3 has it.
TEST(SealedBoxOfP256, opens_what_another_program_sealed) {
  const BoxKeyPair pair = derive_box_key_pair(BoxKind::p256, hex(kMaterial));
  EXPECT_EQ(to_hex(pair.public_key.view()), kPublic);
  const auto opened = open_sealed(pair.public_key, pair.secret_key.view(), hex(kBox));
  ASSERT_TRUE(opened);
  EXPECT_EQ(text_of(opened->view()), "sealed by another program");
}

}  // namespace igudar
