#include "keys/recipient.h"

#include <gtest/gtest.h>

#include "keys/fernet_key.h"
#include "keys/identity_key.h"
#include "keys/password_key.h"

namespace igudar {

namespace {

SecretBytes secret(std::string_view text) {
  return SecretBytes(view_of(text));
}

IdentityCredential identity_of(const BoxKeyPair& keys) {
  const SecretBytes text = encode_identity(keys);
  return {text.view(), "identity", [] { return SecretBytes(); }};
}

// Whether `credential` comes by the slot key that `recipient` locked.
bool opens(const Credential& credential, const Recipient& recipient) {
  const LockedSlotKey locked = recipient.lock_new_key();
  if (!credential.fits(locked.recipient)) return false;
  const std::optional<SecretBytes> key = credential.slot_key(locked.recipient);
  return key && secret_equal(key->view(), locked.slot_key.view());
}

}  // namespace

TEST(Recipient, locks_for_its_own_credential_alone) {
  const PasswordKdfParams cheap{PasswordKdf::scrypt, 1, 8 * 1024};
  const PasswordRecipient to_password(secret("password"), cheap);
  const BoxKeyPair keys = generate_box_key_pair(BoxKind::x25519);
  const IdentityRecipient to_identity(keys.public_key);
  const FernetRecipient to_fernet(new_slot_key());
  const SecretBytes fernet = new_slot_key();
  const FernetRecipient to_this_fernet(fernet.clone());

  EXPECT_TRUE(opens(PasswordCredential(secret("password")), to_password));
  EXPECT_FALSE(opens(PasswordCredential(secret("Password")), to_password));
  EXPECT_TRUE(opens(identity_of(keys), to_identity));
  EXPECT_FALSE(opens(identity_of(generate_box_key_pair(BoxKind::x25519)), to_identity));
  EXPECT_TRUE(opens(FernetCredential(fernet.clone()), to_this_fernet));
  EXPECT_FALSE(opens(FernetCredential(fernet.clone()), to_fernet));
  for (const Recipient* recipient : std::initializer_list<const Recipient*>{&to_identity, &to_this_fernet})
    EXPECT_FALSE(opens(PasswordCredential(secret("password")), *recipient));
  EXPECT_FALSE(opens(identity_of(keys), to_this_fernet));
}

TEST(Recipient, draws_another_slot_key_each_time) {
  const IdentityRecipient recipient(generate_box_key_pair(BoxKind::x25519).public_key);
  EXPECT_FALSE(secret_equal(recipient.lock_new_key().slot_key.view(), recipient.lock_new_key().slot_key.view()));
}

TEST(Recipient, is_described_with_its_kind_fingerprint_and_name) {
  SlotRecipient recipient;
  recipient.fingerprint = KeyFingerprint::from(view_of("ABCDEFGH"));
  recipient.kind = RecipientKind::rsa;
  recipient.oaep_hash = OaepHash::sha256;
  recipient.wrapped = Bytes(384);
  EXPECT_EQ(describe(recipient, "certificate CN=x"), "RSA 3072 4142434445464748 (certificate CN=x)");
  recipient.kind = RecipientKind::token;
  EXPECT_EQ(describe(recipient, ""), "token, RSA 3072 4142434445464748");
  recipient.oaep_hash.reset();
  EXPECT_EQ(describe(recipient, "pkcs11:object=kek"), "token, AES 4142434445464748 (pkcs11:object=kek)");
}

}  // namespace igudar
