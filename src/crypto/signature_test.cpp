#include "crypto/signature.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/hex.h"

namespace igudar {

// RFC 8032 section 7.1, tests 1 to 3.
TEST(Signature, gives_the_published_answers) {
  const struct {
    std::string_view seed, public_key, message, signature;
  } cases[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2"
       "4"
       "655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302ae"
       "e"
       "b00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28"
       "d"
       "c027beceea1ec40a"},
  };
  for (const auto& known : cases) {
    const SigningKey key = signing_key_from_seed(*from_hex(known.seed));
    const Bytes message = *from_hex(known.message);
    EXPECT_EQ(to_hex(key.public_key.view()), known.public_key);
    EXPECT_EQ(to_hex(sign(key, message)), known.signature);
    EXPECT_TRUE(verify_signature(key.public_key, message, *from_hex(known.signature)));
  }
}

TEST(Signature, is_refused_when_any_byte_of_it_or_of_the_message_changes) {
  const SigningKey key = generate_signing_key();
  const Bytes message = copy_of(view_of("a snapshot"));
  const Signature good = sign(key, message);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Signature bad = good;
    bad[i] ^= 1;
    EXPECT_FALSE(verify_signature(key.public_key, message, bad)) << i;
  }
  for (std::size_t i = 0; i < message.size(); ++i) {
    Bytes bad = message;
    bad[i] ^= 1;
    EXPECT_FALSE(verify_signature(key.public_key, bad, good)) << i;
  }
  EXPECT_FALSE(verify_signature(key.public_key, message, ByteView(good).first(63)));
  EXPECT_FALSE(verify_signature(key.public_key, message, {}));
}

TEST(Signature, is_refused_under_another_key) {
  const SigningKey key = generate_signing_key();
  const SigningKey other = generate_signing_key();
  EXPECT_NE(key.public_key, other.public_key);
  EXPECT_FALSE(verify_signature(other.public_key, {}, sign(key, {})));
  Id32 no_point;
  no_point.bytes.fill(0xff);
  EXPECT_FALSE(verify_signature(no_point, {}, sign(key, {})));
}

TEST(Signature, refuses_a_seed_of_the_wrong_size) {
  EXPECT_THROW(signing_key_from_seed(Bytes(31)), Error);
}

}  // namespace igudar
