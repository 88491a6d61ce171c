#include "crypto/aead.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/hex.h"

namespace igudar {

namespace {

Bytes hex(std::string_view text) {
  return *from_hex(text);
}

AeadNonce nonce_of(std::string_view text) {
  const Bytes bytes = hex(text);
  AeadNonce nonce{};
  std::copy(bytes.begin(), bytes.end(), nonce.begin());
  return nonce;
}

Bytes sealed(Aead& aead, const AeadNonce& nonce, ByteView aad, ByteView plain) {
  Bytes out(plain.size() + kAeadTagSize);
  aead.seal(nonce, aad, plain, out);
  return out;
}

constexpr std::string_view kKey = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr std::string_view kNonce = "cafebabefacedbaddecaf888";
constexpr std::string_view kAad = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
constexpr std::string_view kPlain =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba"
    "63"
    "7b39";
constexpr std::string_view kSealed =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abc"
    "c9"
    "f66276fc6ece0f4e1768cddf8853bb2d551b";

}  // namespace

// Test cases 13, 14 and 16 of the GCM proposal to NIST (McGrew, Viega).
TEST(Aead, gives_the_published_answers) {
  Aead zeros(AeadCipher::aes_256_gcm, Bytes(32));
  EXPECT_EQ(to_hex(sealed(zeros, AeadNonce{}, {}, {})), "530f8afbc74536b9a963b4f1c4cb738b");
  EXPECT_EQ(to_hex(sealed(zeros, AeadNonce{}, {}, Bytes(16))),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  Aead aead(AeadCipher::aes_256_gcm, hex(kKey));
  EXPECT_EQ(to_hex(sealed(aead, nonce_of(kNonce), hex(kAad), hex(kPlain))), kSealed);
  Bytes opened(hex(kPlain).size());
  EXPECT_TRUE(aead.open(nonce_of(kNonce), hex(kAad), hex(kSealed), opened));
  EXPECT_EQ(to_hex(opened), kPlain);
}

// From NIST's CAVP, gcmEncryptExtIV256.rsp: 128 bits of plain text with 128 and 160 bits of additional data, count 0.
TEST(Aead, gives_the_answers_of_nists_validation_program) {
  Aead first(AeadCipher::aes_256_gcm, hex("92e11dcdaa866f5ce790fd24501f92509aacf4cb8b1339d50c9c1240935dd08b"));
  EXPECT_EQ(to_hex(sealed(first, nonce_of("ac93a1a6145299bde902f21a"), hex("1e0889016f67601c8ebea4943bc23ad6"),
                          hex("2d71bcfa914e4ac045b2aa60955fad24"))),
            "8995ae2e6df3dbf96fac7b7137bae67feca5aa77d51d4a0a14d9c51e1da474ab");
  Aead second(AeadCipher::aes_256_gcm, hex("83688deb4af8007f9b713b47cfa6c73e35ea7a3aa4ecdb414dded03bf7a0fd3a"));
  EXPECT_EQ(to_hex(sealed(second, nonce_of("0b459724904e010a46901cf3"), hex("794a14ccd178c8ebfd1379dc704c5e208f9d8424"),
                          hex("33d893a2114ce06fc15d55e454cf90c3"))),
            "cc66bee423e3fcd4c0865715e95866960fb291bd3dba94a1dfd8b286cfb97ac5");
}

// RFC 8439, section 2.8.2.
TEST(ChaCha20_poly1305, gives_the_published_answer_each_time_it_is_asked) {
  const Bytes aad = hex("50515253c0c1c2c3c4c5c6c7");
  const AeadNonce nonce = nonce_of("070000004041424344454647");
  const Bytes plain =
      copy_of(view_of("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for "
                      "the future, sunscreen would be it."));
  Aead aead(AeadCipher::chacha20_poly1305, hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"));
  const Bytes wanted = hex(
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b29"
      "05d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b"
      "6116"
      "1ae10b594f09e26a7e902ecbd0600691");
  for (int time = 0; time < 3; ++time) {
    EXPECT_EQ(to_hex(sealed(aead, nonce, aad, plain)), to_hex(wanted));
    Bytes opened(plain.size());
    EXPECT_TRUE(aead.open(nonce, aad, wanted, opened));
    EXPECT_EQ(opened, plain);
    EXPECT_FALSE(aead.open(counter_nonce(1), aad, wanted, opened));
    EXPECT_FALSE(aead.open(nonce, {}, wanted, opened));
  }
}

TEST(ChaCha20_poly1305, refuses_a_message_with_any_byte_changed_and_wipes_the_result) {
  Aead aead(AeadCipher::chacha20_poly1305, Bytes(32));
  const Bytes good = sealed(aead, AeadNonce{}, {}, Bytes(40, 7));
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    Bytes opened(40, 0xee);
    EXPECT_FALSE(aead.open(AeadNonce{}, {}, bad, opened)) << i;
    EXPECT_EQ(opened, Bytes(40)) << i;
  }
}

TEST(Aead, refuses_a_message_with_any_byte_changed_and_wipes_the_result) {
  Aead aead(AeadCipher::aes_256_gcm, hex(kKey));
  const Bytes good = hex(kSealed);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    Bytes opened(good.size() - kAeadTagSize, 0xee);
    EXPECT_FALSE(aead.open(nonce_of(kNonce), hex(kAad), bad, opened)) << i;
    EXPECT_EQ(opened, Bytes(opened.size())) << i;
  }
}

TEST(Aead, refuses_other_nonces_keys_and_additional_data) {
  Aead aead(AeadCipher::aes_256_gcm, hex(kKey));
  Aead other(AeadCipher::aes_256_gcm, Bytes(32));
  Bytes opened(hex(kPlain).size());
  EXPECT_FALSE(other.open(nonce_of(kNonce), hex(kAad), hex(kSealed), opened));
  EXPECT_FALSE(aead.open(counter_nonce(1), hex(kAad), hex(kSealed), opened));
  EXPECT_FALSE(aead.open(nonce_of(kNonce), {}, hex(kSealed), opened));
  for (std::size_t i = 0; i < hex(kAad).size(); ++i) {
    Bytes aad = hex(kAad);
    aad[i] ^= 0x80;
    EXPECT_FALSE(aead.open(nonce_of(kNonce), aad, hex(kSealed), opened)) << i;
  }
  EXPECT_TRUE(aead.open(nonce_of(kNonce), hex(kAad), hex(kSealed), opened));
}

TEST(Aead, refuses_what_is_shorter_than_a_tag) {
  Aead aead(AeadCipher::aes_256_gcm, hex(kKey));
  Bytes opened(3, 0xee);
  EXPECT_FALSE(aead.open(AeadNonce{}, {}, Bytes(15), opened));
  EXPECT_EQ(opened, Bytes(3));
}

TEST(Aead, goes_on_under_another_key) {
  Aead aead(AeadCipher::aes_256_gcm, Bytes(32, 9));
  const Bytes before = sealed(aead, nonce_of(kNonce), hex(kAad), hex(kPlain));
  aead.set_key(hex(kKey));
  EXPECT_EQ(to_hex(sealed(aead, nonce_of(kNonce), hex(kAad), hex(kPlain))), kSealed);
  Bytes opened(hex(kPlain).size());
  EXPECT_TRUE(aead.open(nonce_of(kNonce), hex(kAad), hex(kSealed), opened));
  EXPECT_FALSE(aead.open(nonce_of(kNonce), hex(kAad), before, opened));
  EXPECT_THROW(aead.set_key(Bytes(16)), Error);
}

TEST(Aead, works_in_place) {
  Aead aead(AeadCipher::aes_256_gcm, hex(kKey));
  Bytes buffer = hex(kPlain);
  const std::size_t plain_size = buffer.size();
  buffer.resize(plain_size + kAeadTagSize);
  aead.seal(nonce_of(kNonce), hex(kAad), ByteView(buffer).first(plain_size), buffer);
  EXPECT_EQ(to_hex(buffer), kSealed);
  EXPECT_TRUE(aead.open(nonce_of(kNonce), hex(kAad), buffer, MutableByteView(buffer).first(plain_size)));
  EXPECT_EQ(to_hex(ByteView(buffer).first(plain_size)), kPlain);
}

TEST(Aead, refuses_buffers_and_keys_of_the_wrong_size) {
  EXPECT_THROW(Aead(AeadCipher::aes_256_gcm, Bytes(16)), Error);
  Aead aead(AeadCipher::aes_256_gcm, hex(kKey));
  Bytes small(20);
  EXPECT_THROW(aead.seal(AeadNonce{}, {}, Bytes(20), small), Error);
  EXPECT_THROW((void)aead.open(AeadNonce{}, {}, Bytes(20), small), Error);
}

TEST(Aead, survives_a_move) {
  Aead first(AeadCipher::aes_256_gcm, hex(kKey));
  Aead second(std::move(first));
  EXPECT_EQ(to_hex(sealed(second, nonce_of(kNonce), hex(kAad), hex(kPlain))), kSealed);
}

TEST(Counter_nonce, is_big_endian_after_four_zeros) {
  EXPECT_EQ(to_hex(counter_nonce(0x0102030405060708)), "000000000102030405060708");
}

}  // namespace igudar
