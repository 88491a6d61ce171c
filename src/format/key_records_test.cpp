#include <gmock/gmock.h>

#include "format/epoch_record.h"
#include "format/grant.h"
#include "format/record_testing.h"

namespace igudar {

namespace {

using testing::counted_id;
using testing::example_secrets;
using testing::expect_tamper_proof;
using testing::hex;
using testing::kIndexKey;
using testing::kKeys;
using testing::kSecret;
using testing::kSuite;
using testing::refuses;
using testing::Signers;

const SecretBytes kSlotKey(counted_id<32>(77).view());

SlotRecipient password_recipient() {
  SlotRecipient recipient;
  recipient.kdf = {PasswordKdf::scrypt, 1, 8 * 1024};
  recipient.kdf_salt = counted_id<16>(88);
  return recipient;
}

SlotRecipient wrapping_recipient(RecipientKind kind) {
  SlotRecipient recipient;
  recipient.kind = kind;
  recipient.fingerprint = fingerprint_of(view_of("public key"));
  recipient.wrapped = Bytes(80, 7);
  return recipient;
}

}  // namespace

TEST(KeySlot, gives_back_what_it_holds_to_the_slot_key_only) {
  const Signers signers;
  const SlotLabel label{Capability::full, 17, "amina", "host", counted_id<32>(5), "certificate CN=x"};
  const Id16 id = counted_id<16>(3);
  const Bytes object =
      encode_slot(id, password_recipient(), kSlotKey.view(), example_secrets(signers), kKeys, {}, label);
  const KeySlot slot = parse_slot(id, object).value();
  EXPECT_EQ(slot.recipient.kdf_salt, password_recipient().kdf_salt);
  EXPECT_EQ(slot.recipient.kdf.kdf, PasswordKdf::scrypt);
  EXPECT_FALSE(open_slot(slot, counted_id<32>(78).view()));
  const SlotSecrets opened = open_slot(slot, kSlotKey.view()).value();
  EXPECT_EQ(opened.authority, signers.authority.public_key);
  EXPECT_TRUE(equal(opened.authority_seed.view(), signers.authority.seed.view()));
  EXPECT_EQ(opened.signer.key.public_key, signers.signer(Capability::full).key.public_key);
  EXPECT_EQ(opened.config, (Bytes{1, 2, 3}));
  ASSERT_EQ(opened.epochs.size(), 1U);
  EXPECT_EQ(opened.epochs[0].epoch, 3);
  EXPECT_EQ(opened.epochs[0].suite, CipherSuite::aes_256_gcm_chacha20_poly1305);
  EXPECT_TRUE(equal(opened.epochs[0].index_key.view(), kIndexKey.view()));
  EXPECT_TRUE(opened.epochs[0].data_secret_key.empty());

  const SlotLabel read = open_slot_label(slot, kKeys);
  EXPECT_EQ(read.user, "amina");
  EXPECT_EQ(read.created, 17);
  EXPECT_EQ(read.recipient_name, "certificate CN=x");
  EXPECT_THROW((void)open_slot_label(slot, IndexKeys({{3, kSuite, kSecret.view()}})), Error);
  expect_tamper_proof([&](ByteView o) { (void)parse_slot(id, o); }, object);
}

TEST(KeySlot, is_sealed_with_the_suite_of_its_domain_and_left_to_newer_programs_when_that_is_unknown) {
  const Signers signers;
  const IndexKeys keys({{3, CipherSuite::aes_256_gcm_chacha20_poly1305, kIndexKey.view()}});
  Bytes object = encode_slot({}, password_recipient(), kSlotKey.view(), example_secrets(signers), keys, {}, {});
  const KeySlot slot = parse_slot({}, object).value();
  EXPECT_EQ(slot.sealed[0], 2);
  EXPECT_EQ(slot.label[0], 2);
  EXPECT_TRUE(open_slot(slot, kSlotKey.view()));
  EXPECT_NO_THROW((void)open_slot_label(slot, kKeys));

  object[slot.clear.size()] = 3;
  object.resize(object.size() - 32);
  append(object, sha256(object).view());
  EXPECT_FALSE(parse_slot({}, object));
}

TEST(KeySlot, with_a_derivation_out_of_bounds_is_refused) {
  const Signers signers;
  Bytes object = encode_slot({}, password_recipient(), kSlotKey.view(), example_secrets(signers), kKeys, {}, {});
  const Bytes wanted = hex("03 01000000 00200000");  // kdf, passes, memory
  const auto at = std::search(object.begin(), object.end(), wanted.begin(), wanted.end());
  ASSERT_NE(at, object.end());
  *(at + 8) = 0x7f;  // 2 TiB of memory
  object.resize(object.size() - 32);
  append(object, sha256(object).view());
  EXPECT_TRUE(refuses([](ByteView o) { (void)parse_slot({}, o); }, object));
}

TEST(KeySlot, of_other_recipients_keeps_the_wrapped_key) {
  const Signers signers;
  for (const RecipientKind kind :
       {RecipientKind::identity, RecipientKind::rsa, RecipientKind::token, RecipientKind::fernet}) {
    SlotRecipient recipient = wrapping_recipient(kind);
    if (kind == RecipientKind::rsa) recipient.oaep_hash = OaepHash::sha1;
    const Bytes object = encode_slot({}, recipient, kSlotKey.view(), example_secrets(signers), kKeys, {}, {});
    const KeySlot slot = parse_slot({}, object).value();
    EXPECT_EQ(slot.recipient.kind, kind);
    EXPECT_EQ(slot.recipient.fingerprint, recipient.fingerprint);
    EXPECT_EQ(slot.recipient.wrapped, recipient.wrapped);
    EXPECT_EQ(slot.recipient.oaep_hash, recipient.oaep_hash);
    EXPECT_TRUE(open_slot(slot, kSlotKey.view()));
  }
}

TEST(KeySlot, of_a_recipient_that_only_a_newer_program_knows_is_none) {
  const Signers signers;
  const auto parsed = [&](const SlotRecipient& recipient) {
    return parse_slot({}, encode_slot({}, recipient, kSlotKey.view(), example_secrets(signers), kKeys, {}, {}));
  };
  EXPECT_FALSE(parsed(wrapping_recipient(static_cast<RecipientKind>(7))));
  SlotRecipient new_hash = wrapping_recipient(RecipientKind::rsa);
  new_hash.oaep_hash = static_cast<OaepHash>(3);
  EXPECT_FALSE(parsed(new_hash));
  EXPECT_THROW((void)parsed(wrapping_recipient(RecipientKind::rsa)), Error);  // an RSA key without a hash
}

TEST(EpochRecord, says_who_was_withdrawn_and_is_signed_by_the_authority) {
  const Signers signers;
  const Id16 repository = counted_id<16>(9);
  EpochRecord written{counted_id<16>(7),  5, 17, counted_id<32>(20), CipherSuite::aes_256_gcm_chacha20_poly1305,
                      counted_id<32>(21), {}};
  written.withdrawals = {{counted_id<32>(1), 16, 3, {counted_id<32>(2), counted_id<32>(3)}},
                         {counted_id<32>(4), 15, 0, {}}};
  written.older = Rekeying::content;
  const Bytes object = encode_epoch_record(repository, written, signers.authority);
  const EpochRecord read = decode_epoch_record(repository, signers.authority.public_key, object);
  EXPECT_EQ(read.domain, written.domain);
  EXPECT_EQ(read.epoch, 5);
  EXPECT_EQ(read.began, 17);
  EXPECT_EQ(read.data_public_key, written.data_public_key);
  EXPECT_EQ(read.suite, written.suite);
  EXPECT_EQ(read.before, written.before);
  ASSERT_EQ(read.withdrawals.size(), 2U);
  EXPECT_EQ(read.withdrawals[0].signer, counted_id<32>(1));
  EXPECT_EQ(read.withdrawals[0].generation, 3U);
  EXPECT_EQ(read.withdrawals[0].accepted, written.withdrawals[0].accepted);
  EXPECT_TRUE(read.withdrawals[1].accepted.empty());
  EXPECT_EQ(read.older, Rekeying::content);

  const auto decode = [&](ByteView o) { (void)decode_epoch_record(repository, signers.authority.public_key, o); };
  expect_tamper_proof(decode, object);
  EXPECT_TRUE(refuses(decode, encode_epoch_record(counted_id<16>(10), written, signers.authority)));
  EXPECT_TRUE(
      refuses(decode, encode_epoch_record(repository, written, signing_key_from_seed(counted_id<32>(99).view()))));
}

class GrantOfKind : public ::testing::TestWithParam<BoxKind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, GrantOfKind, ::testing::ValuesIn(kBoxKinds),
                         [](const auto& each) { return each.param == BoxKind::x25519 ? "x25519" : "p256"; });

TEST_P(GrantOfKind, opens_for_its_holder_only_and_is_signed_by_the_authority) {
  const Signers signers;
  const Id16 repository = counted_id<16>(9);
  const Signer holder = signers.signer(Capability::write);
  const BoxKeyPair box = holder_box(holder.key, GetParam());
  GrantedKeys keys;
  keys.domain_name = "client";
  keys.certificate = holder.certificate;
  keys.epochs = std::move(example_secrets(signers).epochs);
  const BoxKeyPair data = generate_box_key_pair(GetParam());
  keys.epochs[0].data_public_key = data.public_key;
  const Bytes object =
      encode_grant(repository, {counted_id<16>(7), 3, holder.key.public_key, box.public_key, Capability::write, 17, {}},
                   keys, signers.authority);
  const Grant read = decode_grant(repository, signers.authority.public_key, object);
  EXPECT_EQ(read.signer, holder.key.public_key);
  EXPECT_EQ(read.box, box.public_key);
  EXPECT_EQ(read.capability, Capability::write);
  const GrantedKeys opened = open_grant(read, box).value();
  EXPECT_EQ(opened.domain_name, "client");
  EXPECT_EQ(opened.certificate, holder.certificate);
  ASSERT_EQ(opened.epochs.size(), 1U);
  EXPECT_TRUE(equal(opened.epochs[0].index_key.view(), kIndexKey.view()));
  EXPECT_EQ(opened.epochs[0].data_public_key, data.public_key);
  EXPECT_FALSE(open_grant(read, holder_box(signers.authority, GetParam())));
  const std::string_view clear = text_of(object);
  EXPECT_EQ(clear.find("client"), std::string_view::npos);

  const auto decode = [&](ByteView o) { (void)decode_grant(repository, signers.authority.public_key, o); };
  expect_tamper_proof(decode, object);
  EXPECT_TRUE(refuses(decode, encode_grant(repository, read, keys, holder.key)));
}

}  // namespace igudar
