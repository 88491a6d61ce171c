#include "format/identity.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace igudar {

namespace {

constexpr PasswordKdfParams kCheap{PasswordKdf::argon2id, 1, 8 * 1024};

std::string text_in(const SecretBytes& secret) {
  return std::string(text_of(secret.view()));
}

IdentityFile parsed(const std::string& text) {
  return parse_identity(view_of(text));
}

}  // namespace

TEST(Recipient, survives_its_text_and_no_mistyped_letter_does) {
  const BoxPublicKey key = generate_box_key_pair(BoxKind::x25519).public_key;
  const std::string text = encode_recipient(key);
  EXPECT_EQ(text.size(), 19 + 72U);
  EXPECT_EQ(decode_recipient(text), key);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string wrong = text;
    wrong[at] = wrong[at] == '1' ? '2' : '1';
    EXPECT_THROW((void)decode_recipient(wrong), Error) << at;
    EXPECT_THROW((void)decode_recipient(text.substr(0, at)), Error) << at;
  }
}

TEST(Identity, in_clear_survives_its_file) {
  const BoxKeyPair keys = generate_box_key_pair(BoxKind::x25519);
  const std::string text = text_in(encode_identity(keys));
  const IdentityFile file = parsed(text);
  EXPECT_EQ(file.public_key, keys.public_key);
  EXPECT_TRUE(secret_equal(file.secret_key.view(), keys.secret_key.view()));
  EXPECT_EQ(find_recipient(view_of(text)), keys.public_key);
}

TEST(Identity, with_a_passphrase_opens_with_that_alone) {
  const BoxKeyPair keys = generate_box_key_pair(BoxKind::x25519);
  const std::string text = text_in(encode_identity(keys, view_of("passphrase"), kCheap));
  const IdentityFile file = parsed(text);
  EXPECT_EQ(file.public_key, keys.public_key);
  EXPECT_TRUE(file.secret_key.empty());
  EXPECT_FALSE(open_identity(file, view_of("Passphrase")));
  EXPECT_TRUE(secret_equal(open_identity(file, view_of("passphrase"))->view(), keys.secret_key.view()));
}

TEST(Identity, allows_remarks_empty_lines_and_dos_line_ends) {
  const BoxKeyPair keys = generate_box_key_pair(BoxKind::x25519);
  std::string text = "# mine\n\n" + text_in(encode_identity(keys));
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.replace(at, 1, "\r\n");
  EXPECT_EQ(parsed(text).public_key, keys.public_key);
}

TEST(Identity, refuses_what_was_altered_or_is_incomplete) {
  const BoxKeyPair keys = generate_box_key_pair(BoxKind::x25519);
  const std::string text = text_in(encode_identity(keys));
  const std::size_t recipient = text.find("igudar-recipient");
  const std::size_t secret = text.find("igudar-identity");
  EXPECT_THROW((void)parsed(text.substr(0, secret)), Error);
  EXPECT_THROW((void)parsed(text.substr(secret)), Error);
  EXPECT_THROW((void)parsed(text + "something else\n"), Error);
  EXPECT_THROW((void)parsed(""), Error);
  for (const std::size_t at : {recipient + 30, secret + 30}) {
    std::string wrong = text;
    wrong[at] = wrong[at] == '1' ? '2' : '1';
    EXPECT_THROW((void)parsed(wrong), Error);
  }
}

TEST(Identity, refuses_halves_that_do_not_belong_together) {
  BoxKeyPair mixed = generate_box_key_pair(BoxKind::x25519);
  mixed.public_key = generate_box_key_pair(BoxKind::x25519).public_key;
  EXPECT_THROW((void)parsed(text_in(encode_identity(mixed))), Error);
  const IdentityFile file = parsed(text_in(encode_identity(mixed, view_of("x"), kCheap)));
  EXPECT_THROW((void)open_identity(file, view_of("x")), Error);
}

}  // namespace igudar
