#include "crypto/kdf.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <array>
#include <numeric>

#include "base/error.h"
#include "base/hex.h"

namespace igudar {

namespace {

Bytes counting(std::uint8_t first, std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

std::string derived(std::string_view password, ByteView salt, const PasswordKdfParams& params) {
  return to_hex(derive_password_key(view_of(password), salt, params).view());
}

bool permitted(const PasswordKdfParams& params) {
  try {
    check_bounds(params);
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::damaged);
    return false;
  }
}

}  // namespace

// RFC 5869, appendix A.1 to A.3.
TEST(Hkdf, gives_the_published_answers) {
  const Bytes key(22, 0x0b);
  const Bytes info = counting(0xf0, 10);
  EXPECT_EQ(to_hex(hkdf_sha256(key, counting(0, 13), text_of(info), 42).view()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  const Bytes long_info = counting(0xb0, 80);
  EXPECT_EQ(
      to_hex(hkdf_sha256(counting(0, 80), counting(0x60, 80), text_of(long_info), 82).view()),
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f"
      "09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  EXPECT_EQ(to_hex(hkdf_sha256(key, {}, "", 42).view()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, longer_output_begins_with_the_shorter) {
  const SecretBytes shorter = hkdf_sha256(view_of("key"), {}, "info", 32);
  const SecretBytes longer = hkdf_sha256(view_of("key"), {}, "info", 2048);
  EXPECT_TRUE(equal(longer.view().first(32), shorter.view()));
}

// Answers of two other implementations, which agree: libargon2 and OpenSSL 3.2 or later. The vector of RFC 9106 section
// 5.3 has four lanes, a secret and associated data, none of which libsodium or the format has.
TEST(Argon2id, gives_the_answers_of_other_implementations) {
  const ByteView salt = view_of("0123456789abcdef");
  EXPECT_EQ(derived("correct horse", salt, PasswordKdfParams{}),
            "5e5200462044d270c5ecfb1fb9b9c497bfa48f661c229469141c9d2c3bb10e02");
  EXPECT_EQ(derived("correct horse", salt, {.passes = 1, .memory_kib = 8192}),
            "eb8cf0e32ea118d4865b51d32836a373be04224269089f805015c3b29cab1445");
  EXPECT_EQ(derived("", counting(0, 16), {.passes = 3, .memory_kib = 8192}),
            "f58cb5cd03e8c6ffcca951d916843cfb306171cbd2e846975dc38d77bf6ad073");
}

// RFC 7914, section 11.
TEST(Pbkdf2, gives_the_published_answers) {
  EXPECT_EQ(to_hex(pbkdf2_sha256(view_of("passwd"), view_of("salt"), 1, 64).view()),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
  EXPECT_EQ(to_hex(pbkdf2_sha256(view_of("Password"), view_of("NaCl"), 80'000, 64).view()),
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
            "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d");
}

// Computed round by round from HMAC-SHA-256 as RFC 8018 section 5.2 defines it.
TEST(Pbkdf2, gives_the_answer_of_its_definition) {
  EXPECT_EQ(
      derived("correct horse", view_of("0123456789abcdef"), {.kdf = PasswordKdf::pbkdf2_sha256, .passes = 100'000}),
      "598115575ba5d2a06dee21a7385a6ae51987d1a385be638a4e5500827f665983");
}

// libsodium's scrypt is Colin Percival's, and none of OpenSSL's.
TEST(Scrypt, gives_the_answer_of_another_implementation) {
  ASSERT_GE(::sodium_init(), 0);
  const ByteView password = view_of("correct horse");
  const ByteView salt = view_of("0123456789abcdef");
  for (const std::uint32_t p : {1U, 3U}) {
    std::array<std::uint8_t, 32> expected{};
    ASSERT_EQ(::crypto_pwhash_scryptsalsa208sha256_ll(password.data(), password.size(), salt.data(), salt.size(), 16384,
                                                      8, p, expected.data(), expected.size()),
              0);
    EXPECT_EQ(derived("correct horse", salt, {.kdf = PasswordKdf::scrypt, .passes = p, .memory_kib = 16384}),
              to_hex(expected));
  }
}

TEST(Password_key, depends_on_password_and_salt) {
  const PasswordKdfParams cheap{.passes = 1, .memory_kib = 8192};
  const std::string key = derived("a", counting(0, 16), cheap);
  EXPECT_NE(derived("b", counting(0, 16), cheap), key);
  EXPECT_NE(derived("a", counting(1, 16), cheap), key);
}

TEST(Password_key, refuses_settings_out_of_bounds_and_salts_of_other_sizes) {
  EXPECT_THROW(derived("a", counting(0, 16), {.passes = 1, .memory_kib = 8 * 1024 - 1}), Error);
  EXPECT_THROW(derived("a", counting(0, 15), PasswordKdfParams{}), Error);
}

TEST(Check_bounds, permits_exactly_the_documented_argon2id_settings) {
  EXPECT_TRUE(permitted({.passes = 1, .memory_kib = 8 * 1024}));
  EXPECT_TRUE(permitted({.passes = 64, .memory_kib = 4 * 1024 * 1024}));
  EXPECT_FALSE(permitted({.passes = 0, .memory_kib = 8 * 1024}));
  EXPECT_FALSE(permitted({.passes = 65, .memory_kib = 8 * 1024}));
  EXPECT_FALSE(permitted({.passes = 1, .memory_kib = 8 * 1024 - 1}));
  EXPECT_FALSE(permitted({.passes = 1, .memory_kib = 4 * 1024 * 1024 + 1}));
}

TEST(Check_bounds, permits_exactly_the_documented_pbkdf2_settings) {
  EXPECT_TRUE(permitted({.kdf = PasswordKdf::pbkdf2_sha256, .passes = 100'000, .memory_kib = 0}));
  EXPECT_TRUE(permitted({.kdf = PasswordKdf::pbkdf2_sha256, .passes = 100'000'000, .memory_kib = 0}));
  EXPECT_FALSE(permitted({.kdf = PasswordKdf::pbkdf2_sha256, .passes = 99'999}));
  EXPECT_FALSE(permitted({.kdf = PasswordKdf::pbkdf2_sha256, .passes = 100'000'001}));
}

TEST(Check_bounds, permits_exactly_the_documented_scrypt_settings) {
  const auto scrypt = [](std::uint32_t p, std::uint32_t n) {
    return PasswordKdfParams{.kdf = PasswordKdf::scrypt, .passes = p, .memory_kib = n};
  };
  EXPECT_TRUE(permitted(scrypt(1, 8 * 1024)));
  EXPECT_TRUE(permitted(scrypt(64, 4 * 1024 * 1024)));
  EXPECT_FALSE(permitted(scrypt(0, 8 * 1024)));
  EXPECT_FALSE(permitted(scrypt(65, 8 * 1024)));
  EXPECT_FALSE(permitted(scrypt(1, 4 * 1024)));
  EXPECT_FALSE(permitted(scrypt(1, 8 * 1024 * 1024)));
  EXPECT_FALSE(permitted(scrypt(1, 12 * 1024)));  // no power of two
}

TEST(Check_bounds, refuses_an_unknown_kdf) {
  EXPECT_FALSE(permitted({.kdf = static_cast<PasswordKdf>(4), .passes = 100'000}));
}

}  // namespace igudar
