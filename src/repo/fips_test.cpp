#include "crypto/fips.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "base/hex.h"
#include "repo/domain_access.h"
#include "repo/grants.h"
#include "repo/key_rotation.h"
#include "repo/key_slots.h"
#include "repo/repo_testing.h"
#include "store/local_store.h"
#include "testing/in_a_process.h"

namespace igudar {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::in_a_process;
using testing::RepositoryFixture;

const ObjectName kConfig{ObjectKind::config, ""};

InitOptions fips_options() {
  InitOptions options = RepositoryFixture::sample_sizes();
  options.fips = true;
  options.kdf = default_kdf_params(PasswordKdf::pbkdf2_sha256);
  return options;
}

std::string refusal_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code() == ErrorCode::unsupported ? std::string(error.what()) + ". " + error.hint() : "another code";
  }
  return "nothing was refused";
}

// A slot as a storage or a careless program may add it: nothing was derived for it.
class PlantedRecipient final : public Recipient {
 public:
  explicit PlantedRecipient(RecipientKind kind) : kind_(kind) {}
  LockedSlotKey lock_new_key() const override {
    SlotRecipient recipient;
    recipient.kind = kind_;
    if (kind_ != RecipientKind::password) recipient.wrapped = Bytes(80);
    return {new_slot_key(), recipient};
  }

 private:
  RecipientKind kind_;
};

}  // namespace

TEST(FipsRepository, has_boxes_of_p256_only_and_opens_as_any_other) {
  in_a_process([] {
    const RepositoryFixture fixture(fips_options());
    EXPECT_TRUE(in_fips_mode());
    const Repository opened = fixture.open("secret");
    EXPECT_TRUE(opened.config().fips());
    EXPECT_TRUE(opened.keys().fips());
    const OwnSession session = opened.keys().new_session();
    EXPECT_TRUE(secret_equal(opened.keys().session_secret(session.ref).view(), session.secret.view()));

    create_domain(opened, "second", CipherSuite::aes_256_gcm, {});
    rotate_keys(opened, {}, {});
    const StoredEpochs stored = load_epochs(opened.root(), opened.config(), std::nullopt, {});
    ASSERT_EQ(stored.domains.size(), 2U);
    for (const DomainEpochs& domain : stored.domains)
      for (const EpochRecord& epoch : domain.records) EXPECT_EQ(epoch.data_public_key.kind(), BoxKind::p256);
    const std::vector<Grant> grants = load_grants(opened.root(), opened.config(), {});
    EXPECT_EQ(grants.size(), 2U);
    for (const Grant& grant : grants) EXPECT_EQ(grant.box.kind(), BoxKind::p256);
    const Repository rotated = fixture.open("secret");
    EXPECT_EQ(rotated.keys().epochs().back().epoch, 1);
    EXPECT_TRUE(secret_equal(rotated.keys().session_secret(session.ref).view(), session.secret.view()));
  });
}

TEST(FipsRepository, refuses_what_is_not_approved) {
  in_a_process([] {
    InitOptions layered = fips_options();
    layered.suite = CipherSuite::aes_256_gcm_chacha20_poly1305;
    EXPECT_THAT(refusal_of([&] { check_options(layered); }), HasSubstr("chacha20"));
    InitOptions argon = fips_options();
    argon.kdf = {};
    EXPECT_THAT(refusal_of([&] { check_options(argon); }), AllOf(HasSubstr("argon2id"), HasSubstr("--kdf pbkdf2")));
    InitOptions cheap = fips_options();
    cheap.kdf.passes = 599'999;
    EXPECT_THAT(refusal_of([&] { check_options(cheap); }), HasSubstr("pbkdf2"));

    const RepositoryFixture fixture(fips_options());
    const Repository& repository = fixture.repository;
    EXPECT_THAT(refusal_of([&] { add_slot(repository, RepositoryFixture::recipient("other"), Capability::full, {}); }),
                AllOf(HasSubstr("Argon2id"), HasSubstr("--kdf pbkdf2")));
    const CipherSuite suite = CipherSuite::aes_256_gcm_chacha20_poly1305;
    EXPECT_THAT(refusal_of([&] { create_domain(repository, "second", suite, {}); }), HasSubstr("ChaCha20"));
    EXPECT_THAT(refusal_of([&] { rotate_keys(repository, {suite, {}}, {}); }), HasSubstr("ChaCha20"));
    EXPECT_EQ(list_domains(repository, {}).size(), 1U);
    EXPECT_EQ(list_slots(repository, {}).size(), 1U);
  });
}

TEST(FipsRepository, is_the_only_one_that_opens_in_fips_mode) {
  in_a_process([] {
    const RepositoryFixture ordinary;
    EXPECT_NO_THROW((void)ordinary.open("secret"));
    enter_fips_mode();
    EXPECT_THAT(refusal_of([&] { (void)ordinary.open("secret"); }),
                AllOf(HasSubstr("does not keep to FIPS 140"), HasSubstr("init --fips")));
    EXPECT_THAT(refusal_of([] { const RepositoryFixture another; }), HasSubstr("does not keep to FIPS 140"));
  });
}

TEST(FipsRepository, puts_whoever_opens_it_in_fips_mode_also_when_its_config_is_lost) {
  const testing::ScratchDir scratch;
  const UserFolders folders{scratch / "cache", scratch / "state"};
  const auto store = [&] { return std::make_unique<LocalStore>(scratch / "repository"); };
  in_a_process(
      [&] { (void)init_repository(store(), RepositoryFixture::password("secret"), fips_options(), folders, {}); });
  for (const bool with_config : {true, false}) {
    if (!with_config) std::filesystem::remove(scratch / "repository" / "config");
    in_a_process([&] {
      EXPECT_FALSE(in_fips_mode());
      EXPECT_EQ(find_repository(store(), {}).config.has_value(), with_config);
      EXPECT_EQ(in_fips_mode(), with_config);
      EXPECT_TRUE(open_repository(store(), RepositoryFixture::credential("secret"), folders, {}).config().fips());
      EXPECT_TRUE(in_fips_mode());
    });
  }
}

TEST(FipsRepository, passes_over_slots_that_are_not_allowed) {
  in_a_process([] {
    const RepositoryFixture fixture(fips_options());
    for (const RecipientKind kind : {RecipientKind::password, RecipientKind::identity})
      for (int i = 0; i < 3; ++i)
        store_slot(fixture.repository.root(), PlantedRecipient(kind), fixture.repository.keys().secrets(),
                   fixture.repository.keys().index_keys(), std::nullopt, {});
    EXPECT_NO_THROW((void)fixture.open("secret"));
    for (const std::string& id : fixture.list(ObjectKind::key))
      if (id.starts_with(to_hex(fixture.repository.keys().slot().view())))
        fixture.memory->remove({ObjectKind::key, id}, {});
    EXPECT_THAT(refusal_of([&] { (void)fixture.open("secret"); }), HasSubstr("password (Argon2id)"));
  });
}

TEST(FipsRepository, refuses_a_password_of_too_few_rounds) {
  SlotRecipient recipient;
  recipient.kdf = {PasswordKdf::pbkdf2_sha256, 100'000, 0};
  EXPECT_FALSE(recipient.is_approved());
  recipient.kdf.passes = 600'000;
  EXPECT_TRUE(recipient.is_approved());
  for (const RecipientKind kind :
       {RecipientKind::rsa, RecipientKind::token, RecipientKind::fernet, RecipientKind::recovery}) {
    recipient.kind = kind;
    EXPECT_TRUE(recipient.is_approved());
  }
  recipient.kind = RecipientKind::identity;
  EXPECT_FALSE(recipient.is_approved());
}

}  // namespace igudar
