#include "crypto/fernet.h"

#include <gtest/gtest.h>

#include <numeric>

#include "crypto/random.h"

namespace igudar {

namespace {

// The vectors of github.com/fernet/spec: generate.json, verify.json, invalid.json.
constexpr std::string_view kKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
constexpr std::string_view kToken =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";
constexpr std::uint64_t kNow = 499162800;  // 1985-10-26T01:20:00-07:00

SecretBytes key() {
  return std::move(*parse_fernet_key(view_of(kKey)));
}

}  // namespace

TEST(Fernet, makes_the_token_of_the_specification) {
  Id16 iv;
  std::iota(iv.bytes.begin(), iv.bytes.end(), std::uint8_t{0});
  EXPECT_EQ(text_of(fernet_encrypt(key().view(), view_of("hello"), kNow, iv)), kToken);
}

TEST(Fernet, opens_the_token_of_the_specification) {
  EXPECT_EQ(text_of(fernet_decrypt(key().view(), view_of(kToken))->view()), "hello");
}

TEST(Fernet, refuses_the_invalid_tokens_of_the_specification) {
  for (const std::string_view token :
       {"gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==",
        "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==",
        "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
        "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm",
        "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==",
        "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ==",
        "gAAAAABdnQ1TUKh2OE_ggbyCIxfg", "gAAA", ""})
    EXPECT_FALSE(fernet_decrypt(key().view(), view_of(token))) << token;
}

TEST(Fernet, gives_back_messages_of_any_length_to_the_same_key_alone) {
  SecretBytes other(32);
  fill_random(other.span());
  for (std::size_t size = 0; size < 40; ++size) {
    const Bytes message(size, 7);
    const Bytes token = fernet_encrypt(key().view(), message, kNow, random_id<16>());
    EXPECT_TRUE(equal(fernet_decrypt(key().view(), token)->view(), message)) << size;
    EXPECT_FALSE(fernet_decrypt(other.view(), token));
  }
}

TEST(Fernet_key, is_32_bytes_in_base64url) {
  EXPECT_TRUE(parse_fernet_key(view_of(std::string(kKey) + "\n")));
  EXPECT_FALSE(parse_fernet_key(view_of(std::string(kKey) + "A")));
  EXPECT_FALSE(parse_fernet_key(view_of(kKey.substr(0, 40))));
  EXPECT_FALSE(parse_fernet_key(view_of("igudar-identity-1-")));
  EXPECT_FALSE(parse_fernet_key({}));
}

}  // namespace igudar
