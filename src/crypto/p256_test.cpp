#include "crypto/p256.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/hex.h"

namespace igudar::p256 {

namespace {

Bytes hex(std::string_view text) {
  return *from_hex(text);
}

constexpr std::string_view kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
constexpr std::string_view kOrderLessOne = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";

}  // namespace

// NIST's CAVP vectors for ECC CDH, P-256, count 0.
TEST(P256, agrees_as_nist_does) {
  const KeyPair own = pair_of(hex("7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534")).value();
  EXPECT_EQ(
      to_hex(own.public_point),
      "04ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b23028af61281fd35e2fa7002523acc85a429cb06ee66483"
      "25389f59edfce1405141");
  const Point other =
      point_of(hex("04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287db71e509e3fd9b060ddb"
                   "20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac"))
          .value();
  EXPECT_EQ(to_hex(agree(own.secret.view(), other)->view()),
            "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b");
}

TEST(P256, makes_the_public_half_of_any_secret_below_the_order) {
  for (int i = 0; i < 8; ++i) {
    const KeyPair made = generate();
    EXPECT_EQ(pair_of(made.secret.view())->public_point, made.public_point);
  }
  Bytes one(32);
  one[31] = 1;
  EXPECT_EQ(to_hex(compressed(pair_of(one)->public_point)),
            "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
  EXPECT_EQ(to_hex(compressed(pair_of(hex(kOrderLessOne))->public_point)),
            "026b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
  EXPECT_FALSE(pair_of(Bytes(32)));
  EXPECT_FALSE(pair_of(hex(kOrder)));
  EXPECT_FALSE(pair_of(Bytes(32, 0xff)));
  EXPECT_THROW((void)pair_of(Bytes(31)), Error);
}

TEST(P256, takes_points_of_the_curve_in_either_form_and_no_others) {
  const KeyPair pair = generate();
  EXPECT_EQ(point_of(pair.public_point), pair.public_point);
  EXPECT_EQ(point_of(compressed(pair.public_point)), pair.public_point);
  Point off_the_curve = pair.public_point;
  off_the_curve.back() ^= 1;
  EXPECT_FALSE(point_of(off_the_curve));
  EXPECT_FALSE(agree(pair.secret.view(), off_the_curve));
  // x = 5 has a y, x = 4 has none, and the last is the prime of the field, which stands for 0.
  const auto compressed_of = [](std::string_view x) {
    return hex(std::string("02") + std::string(64 - x.size(), '0') + std::string(x));
  };
  EXPECT_TRUE(point_of(compressed_of("5")));
  EXPECT_FALSE(point_of(compressed_of("4")));
  EXPECT_FALSE(point_of(compressed_of("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")));
  for (const std::string_view form : {"", "00", "04"}) EXPECT_FALSE(point_of(hex(form))) << form;
  Bytes hybrid = copy_of(pair.public_point);
  hybrid[0] = static_cast<std::uint8_t>(6 + (hybrid.back() & 1));
  EXPECT_FALSE(point_of(hybrid));
}

}  // namespace igudar::p256
