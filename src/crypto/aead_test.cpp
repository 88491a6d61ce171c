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
  Aead zeros(Bytes(32));
  EXPECT_EQ(to_hex(sealed(zeros, AeadNonce{}, {}, {})), "530f8afbc74536b9a963b4f1c4cb738b");
  EXPECT_EQ(to_hex(sealed(zeros, AeadNonce{}, {}, Bytes(16))),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  Aead aead(hex(kKey));
  EXPECT_EQ(to_hex(sealed(aead, nonce_of(kNonce), hex(kAad), hex(kPlain))), kSealed);
  Bytes opened(hex(kPlain).size());
  EXPECT_TRUE(aead.open(nonce_of(kNonce), hex(kAad), hex(kSealed), opened));
  EXPECT_EQ(to_hex(opened), kPlain);
}

TEST(Aead, refuses_a_message_with_any_byte_changed_and_wipes_the_result) {
  Aead aead(hex(kKey));
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
  Aead aead(hex(kKey));
  Aead other(Bytes(32));
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
  Aead aead(hex(kKey));
  Bytes opened(3, 0xee);
  EXPECT_FALSE(aead.open(AeadNonce{}, {}, Bytes(15), opened));
  EXPECT_EQ(opened, Bytes(3));
}

TEST(Aead, goes_on_under_another_key) {
  Aead aead(Bytes(32, 9));
  const Bytes before = sealed(aead, nonce_of(kNonce), hex(kAad), hex(kPlain));
  aead.set_key(hex(kKey));
  EXPECT_EQ(to_hex(sealed(aead, nonce_of(kNonce), hex(kAad), hex(kPlain))), kSealed);
  Bytes opened(hex(kPlain).size());
  EXPECT_TRUE(aead.open(nonce_of(kNonce), hex(kAad), hex(kSealed), opened));
  EXPECT_FALSE(aead.open(nonce_of(kNonce), hex(kAad), before, opened));
  EXPECT_THROW(aead.set_key(Bytes(16)), Error);
}

TEST(Aead, works_in_place) {
  Aead aead(hex(kKey));
  Bytes buffer = hex(kPlain);
  const std::size_t plain_size = buffer.size();
  buffer.resize(plain_size + kAeadTagSize);
  aead.seal(nonce_of(kNonce), hex(kAad), ByteView(buffer).first(plain_size), buffer);
  EXPECT_EQ(to_hex(buffer), kSealed);
  EXPECT_TRUE(aead.open(nonce_of(kNonce), hex(kAad), buffer, MutableByteView(buffer).first(plain_size)));
  EXPECT_EQ(to_hex(ByteView(buffer).first(plain_size)), kPlain);
}

TEST(Aead, refuses_buffers_and_keys_of_the_wrong_size) {
  EXPECT_THROW(Aead(Bytes(16)), Error);
  Aead aead(hex(kKey));
  Bytes small(20);
  EXPECT_THROW(aead.seal(AeadNonce{}, {}, Bytes(20), small), Error);
  EXPECT_THROW((void)aead.open(AeadNonce{}, {}, Bytes(20), small), Error);
}

TEST(Aead, survives_a_move) {
  Aead first(hex(kKey));
  Aead second(std::move(first));
  EXPECT_EQ(to_hex(sealed(second, nonce_of(kNonce), hex(kAad), hex(kPlain))), kSealed);
}

TEST(Counter_nonce, is_big_endian_after_four_zeros) {
  EXPECT_EQ(to_hex(counter_nonce(0x0102030405060708)), "000000000102030405060708");
}

}  // namespace igudar
