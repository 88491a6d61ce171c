#include "crypto/fips.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "base/error.h"
#include "base/hex.h"
#include "crypto/aead.h"
#include "crypto/fernet.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "crypto/keyed_hash.h"
#include "crypto/sealed_box.h"
#include "crypto/sha256_pieces.h"
#include "crypto/signature.h"
#include "testing/in_a_process.h"

namespace igudar {

namespace {

using testing::in_a_process;

std::string refusal_of(const std::function<void()>& use) {
  try {
    use();
  } catch (const Error& error) {
    return error.code() == ErrorCode::unsupported ? std::string(error.what()) + " " + error.hint() : "another code";
  }
  return "none";
}

}  // namespace

TEST(FipsMode, is_not_in_force_until_it_is_asked_for) {
  EXPECT_FALSE(in_fips_mode());
  EXPECT_FALSE(fips_status().in_force);
  EXPECT_NO_THROW(require_outside_fips_mode("X25519", ""));
}

TEST(FipsMode, refuses_what_is_not_approved_and_says_what_to_use) {
  in_a_process([] {
    const Bytes x25519_box = seal_to(derive_box_key_pair(BoxKind::x25519, Bytes(32, 1)).public_key, Bytes(3));
    enter_fips_mode();
    EXPECT_TRUE(in_fips_mode());
    const auto expect_refusal = [](const char* algorithm, const char* instead, const std::function<void()>& use) {
      const std::string text = refusal_of(use);
      EXPECT_NE(text.find(algorithm), std::string::npos) << algorithm << ": " << text;
      EXPECT_NE(text.find(instead), std::string::npos) << algorithm << ": " << text;
    };
    const Bytes salt(16);
    for (const PasswordKdf kdf : {PasswordKdf::argon2id, PasswordKdf::scrypt})
      expect_refusal(kdf == PasswordKdf::scrypt ? "scrypt" : "Argon2id", "pbkdf2",
                     [&] { (void)derive_password_key(view_of("p"), salt, default_kdf_params(kdf)); });
    expect_refusal("ChaCha20", "aes-256-gcm", [] { (void)Aead(AeadCipher::chacha20_poly1305, Bytes(32)); });
    expect_refusal("MD5", "sha256", [] { (void)Digest(DigestAlgorithm::md5); });
    expect_refusal("X25519", "RSA", [] { (void)generate_box_key_pair(BoxKind::x25519); });
    expect_refusal("X25519", "RSA", [] { (void)box_key_pair_of(Bytes(32, 1)); });
    expect_refusal("X25519", "RSA", [] { (void)seal_to(Id32::from(Bytes(32, 9)), Bytes(3)); });
    expect_refusal("X25519", "RSA", [&] { (void)open_sealed(Id32::from(Bytes(32, 9)), Bytes(32, 1), x25519_box); });
  });
}

// Whoever does the work: the results are those of before.
TEST(FipsMode, computes_what_it_computed_before) {
  in_a_process([] {
    const auto compute_all = [] {
      std::string results = to_hex(sha256(view_of("abc")).view());
      results += to_hex(hmac_sha256(view_of("a key of some bytes"), view_of("abc")).view());
      KeyedHash keyed(Bytes(32, 1));
      for (int i = 0; i < 2; ++i) results += to_hex(keyed.hash(1, view_of("abc")).view());
      results += to_hex(hkdf_sha256(Bytes(32, 1), Bytes(16, 2), "info", 64).view());
      results += to_hex(derive_password_key(view_of("p"), Bytes(16), {PasswordKdf::pbkdf2_sha256, 100'000, 0}).view());
      const SigningKey signer = signing_key_from_seed(Bytes(32, 3));
      results += to_hex(sign(signer, view_of("abc")));
      results += verify_signature(signer.public_key, view_of("abc"), sign(signer, view_of("abc"))) ? "good" : "bad";
      results += to_hex(derive_box_key_pair(BoxKind::p256, Bytes(32, 4)).public_key.view());
      results += text_of(fernet_encrypt(Bytes(32, 5), view_of("abc"), 6, {}));
      Bytes sealed(3 + kAeadTagSize);
      Aead(AeadCipher::aes_256_gcm, Bytes(32, 7)).seal({}, {}, view_of("abc"), sealed);
      results += to_hex(sealed);
      std::vector<Id32> digests;
      sha256_of_pieces(Bytes(10'000, 8), 1000, digests);
      for (const Id32& digest : digests) results += to_hex(digest.view());
      return results;
    };
    const std::string before = compute_all();
    enter_fips_mode();
    EXPECT_EQ(compute_all(), before);
    const BoxKeyPair pair = generate_box_key_pair(BoxKind::p256);
    EXPECT_TRUE(open_sealed(pair.public_key, pair.secret_key.view(), seal_to(pair.public_key, view_of("m"))));
  });
}

TEST(FipsMode, says_who_does_the_work) {
  in_a_process([] {
    enter_fips_mode();
    enter_fips_mode();
    const FipsStatus status = fips_status();
    EXPECT_TRUE(status.in_force);
    EXPECT_NE(status.provider.empty(), status.remark.empty());
    EXPECT_EQ(uses_fips_provider(), !status.provider.empty());
  });
}

TEST(FipsMode, takes_pbkdf2_of_enough_rounds_only) {
  EXPECT_TRUE(is_approved(default_kdf_params(PasswordKdf::pbkdf2_sha256)));
  EXPECT_FALSE(is_approved({PasswordKdf::pbkdf2_sha256, 599'999, 0}));
  EXPECT_FALSE(is_approved(default_kdf_params(PasswordKdf::argon2id)));
  EXPECT_FALSE(is_approved(default_kdf_params(PasswordKdf::scrypt)));
}

}  // namespace igudar
