#include "crypto/cipher_suite.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/error.h"
#include "base/hex.h"
#include "crypto/kdf.h"

namespace igudar {

namespace {

constexpr CipherSuite kLayered = CipherSuite::aes_256_gcm_chacha20_poly1305;

Bytes counting(std::uint8_t first, std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

SuiteCipher cipher_of(CipherSuite suite) {
  return {suite, counting(0, 32), counting(64, 32), "known answer"};
}

Bytes sealed(CipherSuite suite, ByteView plain) {
  Bytes out(plain.size() + seal_overhead(suite));
  cipher_of(suite).seal(counter_nonce(5), view_of("associated"), plain, out);
  return out;
}

// The plain bytes, if it opens.
std::optional<Bytes> opened(CipherSuite suite, ByteView sealed) {
  Bytes room(sealed.size() - kAeadTagSize, 0xee);
  const bool open = cipher_of(suite).open(counter_nonce(5), view_of("associated"), sealed, room);
  const std::size_t size = sealed.size() < seal_overhead(suite) ? 0 : sealed.size() - seal_overhead(suite);
  room.resize(size);
  if (open) return room;
  EXPECT_EQ(room, Bytes(size)) << "what does not open is wiped";
  return std::nullopt;
}

constexpr std::string_view kPlain =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be "
    "it.";

}  // namespace

// Computed with the ciphers and the HKDF of Python's cryptography, as docs/format.md section 3 has it.
TEST(CipherSuite, gives_the_answers_of_another_implementation) {
  EXPECT_EQ(
      to_hex(sealed(CipherSuite::aes_256_gcm, view_of(kPlain))),
      "7b7f3962bc9c4afa78a68648bbe51b3d613845ffb08778af833e4ffc592c0462733f4f519816594fd8f0626ebc12493c15ef03d451456aa5"
      "8df826e3f7bd9b349f18accc86cbf8028b9c5cb2053545ad68adad43c28368dc41ecf0699f35ea273a5a57f6eded0ec128c468fa49364511"
      "d31efaf10a4fff42f3b969d542e1e31b8934");
  EXPECT_EQ(
      to_hex(sealed(kLayered, view_of(kPlain))),
      "837b535371d90170bf5c2e33b81b4e2d539742ef46b6a05421537376ec1ffdc793322729e811470cf01935a5806db7afc696ceaa026b1be8"
      "88e02b05b92b94745261f211107f022678364a12f9226e030c32ded9bd2ab2e2ad14266b13db7b8400a7d9d2e292cfc09a1c64153845eb67"
      "b4c2eb501cb5617445d5e855b2cc4172e996edb4854a7bde46a362b7f09ce5e5a5fb");
}

TEST(CipherSuite, opens_what_it_sealed_and_nothing_that_was_changed_or_cut) {
  for (const CipherSuite suite : kCipherSuites)
    for (const std::size_t size : {0UL, 1UL, 40UL}) {
      const Bytes plain(size, 7);
      const Bytes good = sealed(suite, plain);
      EXPECT_EQ(opened(suite, good), plain);
      for (std::size_t i = 0; i < good.size(); ++i) {
        Bytes bad = good;
        bad[i] ^= 1;
        EXPECT_FALSE(opened(suite, bad)) << cipher_suite_name(suite) << ", byte " << i;
      }
      for (std::size_t cut = kAeadTagSize; cut < good.size(); ++cut)
        EXPECT_FALSE(opened(suite, ByteView(good).first(cut))) << cipher_suite_name(suite) << ", cut to " << cut;
    }
}

TEST(CipherSuite, seals_in_place) {
  for (const CipherSuite suite : kCipherSuites) {
    Bytes buffer = copy_of(view_of(kPlain));
    buffer.resize(kPlain.size() + seal_overhead(suite));
    cipher_of(suite).seal(counter_nonce(5), view_of("associated"), ByteView(buffer).first(kPlain.size()), buffer);
    EXPECT_EQ(buffer, sealed(suite, view_of(kPlain)));
  }
}

// Of the layers, neither the outer tag alone nor the inner one makes a message.
TEST(CipherSuite, that_is_layered_verifies_the_inner_tag_too) {
  Aead outer(AeadCipher::chacha20_poly1305,
             hkdf_sha256(counting(0, 32), counting(64, 32), "outer known answer", kAeadKeySize).view());
  Bytes forged(40 + 2 * kAeadTagSize);
  outer.seal(counter_nonce(5), view_of("associated"), Bytes(40 + kAeadTagSize), forged);
  EXPECT_FALSE(opened(kLayered, forged));
}

TEST(CipherSuite, has_a_name_and_a_number_for_ever) {
  EXPECT_EQ(find_cipher_suite("aes-256-gcm"), CipherSuite::aes_256_gcm);
  EXPECT_EQ(find_cipher_suite("aes-256-gcm+chacha20-poly1305"), kLayered);
  EXPECT_FALSE(find_cipher_suite("aes"));
  EXPECT_EQ(require_cipher_suite(1), CipherSuite::aes_256_gcm);
  EXPECT_EQ(require_cipher_suite(2), kLayered);
  for (const std::uint8_t unknown : {std::uint8_t{0}, std::uint8_t{3}, std::uint8_t{255}}) {
    try {
      (void)require_cipher_suite(unknown);
      ADD_FAILURE() << unsigned{unknown};
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsupported);
    }
  }
}

}  // namespace igudar
