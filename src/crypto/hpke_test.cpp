#include "crypto/hpke.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/hex.h"

namespace igudar::hpke {

namespace {

Bytes hex(std::string_view text) {
  return *from_hex(text);
}

p256::Point point(std::string_view text) {
  return p256::point_of(hex(text)).value();
}

const Bytes kInfo = hex("4f6465206f6e2061204772656369616e2055726e");
const Bytes kPlain = hex("4265617574792069732074727574682c20747275746820626561757479");
const Bytes kAad = hex("436f756e742d30");

// RFC 9180 appendix A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode.
constexpr std::string_view kEphemeralMaterial = "4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e";
constexpr std::string_view kEphemeralSecret = "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb";
constexpr std::string_view kEphemeralPublic =
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfc"
    "b"
    "9382657222d18c4";
constexpr std::string_view kRecipientMaterial = "668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550";
constexpr std::string_view kRecipientSecret = "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2";
constexpr std::string_view kRecipientPublic =
    "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d12"
    "8"
    "aafd68a2ce72ea0";
constexpr std::string_view kShared = "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8";

}  // namespace

TEST(Hpke, derives_the_key_pairs_of_the_rfc) {
  const p256::KeyPair ephemeral = derive_key_pair(hex(kEphemeralMaterial));
  EXPECT_EQ(to_hex(ephemeral.secret.view()), kEphemeralSecret);
  EXPECT_EQ(to_hex(ephemeral.public_point), kEphemeralPublic);
  const p256::KeyPair recipient = derive_key_pair(hex(kRecipientMaterial));
  EXPECT_EQ(to_hex(recipient.secret.view()), kRecipientSecret);
  EXPECT_EQ(to_hex(recipient.public_point), kRecipientPublic);
}

TEST(Hpke, agrees_on_the_shared_secret_of_the_rfc_from_both_sides) {
  const p256::KeyPair ephemeral = derive_key_pair(hex(kEphemeralMaterial));
  const p256::KeyPair recipient = derive_key_pair(hex(kRecipientMaterial));
  EXPECT_EQ(to_hex(encapsulate(ephemeral, recipient.public_point)->view()), kShared);
  EXPECT_EQ(to_hex(decapsulate(ephemeral.public_point, recipient)->view()), kShared);
}

TEST(Hpke, has_the_key_schedule_of_the_rfc) {
  const MessageKey key = key_schedule(hex(kShared), kInfo, kAes128Gcm);
  EXPECT_EQ(to_hex(key.key.view()), "868c066ef58aae6dc589b6cfdd18f97e");
  EXPECT_EQ(to_hex(key.nonce), "4e0bc5018beba4bf004cca59");
}

// The RFC has no vectors for AES-256-GCM with P-256; these numbers are of BoringSSL's tests.
TEST(Hpke, seals_with_aes_256_as_others_do) {
  const p256::KeyPair ephemeral =
      derive_key_pair(hex("a90d3417c3da9cb6c6ae19b4b5dd6cc9529a4cc24efb7ae0ace1f31887a8cd6c"));
  const p256::Point recipient = point(
      "04abc7e49a4c6b3566d77d0304addc6ed0e98512ffccf505e6a8e3eb25c685136f853148544876de76c0f2ef99cdc3a05ccf5ded78"
      "60c7c021238f9e2073d2356c");
  const Bytes sealed = seal(ephemeral, recipient, kInfo, kAad, kPlain).value();
  EXPECT_EQ(to_hex(ByteView(sealed).first(65)), to_hex(ephemeral.public_point));
  EXPECT_EQ(to_hex(ByteView(sealed).subspan(65)),
            "58c61a45059d0c5704560e9d88b564a8b63f1364b8d1fcb3c4c6ddc1d291742465e902cd216f8908da49f8f96f");
}

TEST(Hpke, opens_for_the_recipient_with_the_same_info_and_associated_data_only) {
  const p256::KeyPair recipient = p256::generate();
  const Bytes sealed = seal(p256::generate(), recipient.public_point, kInfo, kAad, kPlain).value();
  EXPECT_EQ(to_hex(open(recipient, kInfo, kAad, sealed)->view()), to_hex(kPlain));
  EXPECT_FALSE(open(recipient, kPlain, kAad, sealed));
  EXPECT_FALSE(open(recipient, kInfo, {}, sealed));
  EXPECT_FALSE(open(p256::generate(), kInfo, kAad, sealed));
}

}  // namespace igudar::hpke
