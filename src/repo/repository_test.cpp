#include "repo/repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/hex.h"
#include "crypto/sealed_box.h"
#include "keys/identity_key.h"
#include "repo/key_slots.h"
#include "repo/repo_testing.h"

namespace igudar {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RepositoryFixture;
using ::testing::SizeIs;

const ObjectName kConfig{ObjectKind::config, ""};

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::failed;
}

}  // namespace

TEST(Repository, opens_with_its_password_and_has_the_same_keys) {
  const RepositoryFixture fixture;
  const Repository opened = fixture.open("secret");
  EXPECT_EQ(opened.config().repository, fixture.repository.config().repository);
  EXPECT_TRUE(equal(opened.keys().id_key(), fixture.repository.keys().id_key()));
  EXPECT_TRUE(opened.keys().can_read());
  EXPECT_THAT(opened.remarks(), IsEmpty());
  EXPECT_TRUE(std::filesystem::is_directory(opened.cache_folder()));
}

TEST(Repository, refuses_a_wrong_password) {
  const RepositoryFixture fixture;
  EXPECT_EQ(code_of([&] { (void)fixture.open("Secret"); }), ErrorCode::wrong_key);
}

TEST(Repository, refuses_an_empty_password_before_anything_is_stored) {
  const auto memory = std::make_shared<MemoryStore>();
  EXPECT_EQ(code_of([&] {
              (void)init_repository(std::make_unique<testing::SharedStore>(memory), SecretBytes(), {}, {}, {});
            }),
            ErrorCode::usage);
  EXPECT_FALSE(memory->stat(kConfig, {}));
}

TEST(Repository, is_not_made_twice_in_one_place) {
  const RepositoryFixture fixture;
  EXPECT_EQ(code_of([&] {
              (void)init_repository(std::make_unique<testing::SharedStore>(fixture.memory),
                                    RepositoryFixture::password("x"),
                                    {.kdf = RepositoryFixture::kCheapKdf, .chunk_sizes = {}}, fixture.folders(), {});
            }),
            ErrorCode::already_exists);
  EXPECT_NO_THROW((void)fixture.open("secret"));
}

TEST(Repository, says_that_there_is_none_in_an_empty_place) {
  const testing::ScratchDir scratch;
  auto memory = std::make_unique<MemoryStore>();
  memory->create({});
  EXPECT_EQ(code_of([&] {
              (void)open_repository(std::move(memory), RepositoryFixture::credential("x"),
                                    {scratch / "c", scratch / "s"}, {});
            }),
            ErrorCode::no_repository);
}

TEST(Repository, opens_without_its_config_and_says_so) {
  for (const bool removed : {true, false}) {
    RepositoryFixture fixture;
    if (removed)
      fixture.memory->remove(kConfig, {});
    else
      fixture.flip_a_bit(kConfig);
    const Repository opened = fixture.open("secret");
    EXPECT_EQ(opened.config().repository, fixture.repository.config().repository);
    EXPECT_THAT(opened.remarks(), ElementsAre(HasSubstr("config")));
  }
}

TEST(Repository, refuses_a_config_of_another_repository) {
  RepositoryFixture fixture;
  fixture.replace(kConfig, RepositoryFixture().get(kConfig));
  EXPECT_EQ(code_of([&] { (void)fixture.open("secret"); }), ErrorCode::damaged);
}

TEST(Repository, opens_with_one_copy_of_its_slot_and_names_the_bad_one) {
  for (const std::size_t copy : {0U, 1U}) {
    for (const bool removed : {true, false}) {
      RepositoryFixture fixture;
      const ObjectName name{ObjectKind::key, fixture.list(ObjectKind::key)[copy]};
      if (removed)
        fixture.memory->remove(name, {});
      else
        fixture.flip_a_bit(name);
      EXPECT_THAT(fixture.open("secret").remarks(), ElementsAre(HasSubstr(name.id)));
    }
  }
}

TEST(Repository, says_damaged_and_not_wrong_password_when_no_slot_is_sound) {
  RepositoryFixture fixture;
  for (const std::string& id : fixture.list(ObjectKind::key)) fixture.flip_a_bit({ObjectKind::key, id});
  EXPECT_EQ(code_of([&] { (void)fixture.open("secret"); }), ErrorCode::damaged);
  for (const std::string& id : fixture.list(ObjectKind::key)) fixture.memory->remove({ObjectKind::key, id}, {});
  EXPECT_EQ(code_of([&] { (void)fixture.open("secret"); }), ErrorCode::damaged);
}

TEST(Repository, refuses_a_feature_for_reading_that_it_does_not_know) {
  RepositoryFixture fixture;
  Config config = fixture.repository.config();
  config.features_read = {"time-travel"};
  const SigningKey authority = signing_key_from_seed(fixture.repository.keys().secrets().authority_seed.view());
  fixture.replace(kConfig, encode_config(config, authority));
  EXPECT_EQ(code_of([&] { (void)fixture.open("secret"); }), ErrorCode::unsupported);
}

TEST(KeyRing, grants_a_writer_no_secret_that_reads_content) {
  const RepositoryFixture fixture;
  add_slot(fixture.repository, RepositoryFixture::recipient("writer"), Capability::write, {});
  const Repository writer = fixture.open("writer");
  EXPECT_EQ(writer.keys().capability(), Capability::write);
  EXPECT_FALSE(writer.keys().can_read());
  EXPECT_TRUE(writer.keys().secrets().authority_seed.empty());

  const OwnSession session = writer.keys().new_session();
  for (const ChunkType type : {ChunkType::data, ChunkType::page, ChunkType::extents, ChunkType::refset}) {
    EXPECT_TRUE(secret_equal(fixture.repository.keys().session_key(type, session.ref).view(),
                             writer.keys().session_key(type, session).view()));
    if (type == ChunkType::refset) continue;
    EXPECT_FALSE(writer.keys().can_open(type));
    EXPECT_EQ(code_of([&] { (void)writer.keys().session_key(type, session.ref); }), ErrorCode::permission);
  }
  EXPECT_EQ(code_of([&] { (void)writer.keys().session_secret(session.ref); }), ErrorCode::permission);
  EXPECT_EQ(code_of([&] { add_slot(writer, RepositoryFixture::recipient("x"), Capability::full, {}); }),
            ErrorCode::permission);
}

TEST(KeyRing, grants_a_maintainer_the_index_key_only) {
  const RepositoryFixture fixture;
  add_slot(fixture.repository, RepositoryFixture::recipient("keeper"), Capability::maintain, {});
  const Repository keeper = fixture.open("keeper");
  EXPECT_TRUE(equal(keeper.keys().index_keys().newest().key, fixture.repository.keys().index_keys().newest().key));
  EXPECT_FALSE(keeper.keys().can_read());
  EXPECT_EQ(code_of([&] { (void)keeper.keys().id_key(); }), ErrorCode::permission);
}

TEST(KeyRing, refuses_a_session_key_that_was_sealed_to_another_repository) {
  const RepositoryFixture fixture;
  const SessionRef foreign = RepositoryFixture().repository.keys().new_session().ref;
  EXPECT_EQ(code_of([&] { (void)fixture.repository.keys().session_key(ChunkType::data, foreign); }),
            ErrorCode::damaged);
}

TEST(KeySlots, are_listed_with_what_they_grant) {
  const RepositoryFixture fixture;
  const std::string added = add_slot(fixture.repository, RepositoryFixture::recipient("writer"), Capability::write, {});
  const std::vector<SlotInfo> slots = list_slots(fixture.repository, {});
  ASSERT_THAT(slots, SizeIs(2));
  for (const SlotInfo& slot : slots) {
    EXPECT_EQ(slot.current, slot.id != added);
    EXPECT_EQ(slot.capability, slot.id == added ? Capability::write : Capability::full);
    EXPECT_THAT(slot.recipient, HasSubstr("Argon2id"));
    EXPECT_FALSE(slot.user.empty());
  }
}

TEST(KeySlots, can_be_removed_by_a_full_one_but_for_the_current) {
  const RepositoryFixture fixture;
  const std::string writer =
      add_slot(fixture.repository, RepositoryFixture::recipient("writer"), Capability::write, {});
  const std::string own = to_hex(fixture.repository.keys().slot().view());
  EXPECT_EQ(code_of([&] { remove_slot(fixture.repository, own, {}); }), ErrorCode::usage);
  EXPECT_EQ(code_of([&] { remove_slot(fixture.open("writer"), own, {}); }), ErrorCode::permission);
  EXPECT_EQ(code_of([&] { remove_slot(fixture.repository, "zz", {}); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { remove_slot(fixture.repository, "", {}); }), ErrorCode::usage);
  remove_slot(fixture.repository, writer.substr(0, 8), {});
  EXPECT_EQ(code_of([&] { (void)fixture.open("writer"); }), ErrorCode::wrong_key);
  EXPECT_THAT(fixture.list(ObjectKind::key), SizeIs(2));
}

TEST(KeySlots, keep_the_signing_key_when_the_password_changes) {
  const RepositoryFixture fixture;
  const std::string id = replace_slot(fixture.repository, RepositoryFixture::recipient("new"), {});
  EXPECT_THAT(fixture.list(ObjectKind::key), ElementsAre(id + ".1", id + ".2"));
  EXPECT_EQ(code_of([&] { (void)fixture.open("secret"); }), ErrorCode::wrong_key);
  EXPECT_EQ(fixture.open("new").keys().signer().key.public_key, fixture.repository.keys().signer().key.public_key);
}

TEST(KeySlots, for_an_identity_are_opened_by_it_alone) {
  const RepositoryFixture fixture;
  const BoxKeyPair keys = generate_box_key_pair(BoxKind::x25519);
  const auto open_with = [&](const BoxKeyPair& pair) {
    const SecretBytes text = encode_identity(pair);
    const IdentityCredential credential(text.view(), "identity", [] { return SecretBytes(); });
    return open_repository(std::make_unique<testing::SharedStore>(fixture.memory), credential, fixture.folders(), {});
  };
  EXPECT_EQ(code_of([&] { (void)open_with(keys); }), ErrorCode::wrong_key);
  const std::string id = add_slot(fixture.repository, IdentityRecipient(keys.public_key), Capability::write, {});
  const Repository opened = open_with(keys);
  EXPECT_EQ(to_hex(opened.keys().slot().view()), id);
  EXPECT_EQ(opened.keys().capability(), Capability::write);
  EXPECT_EQ(code_of([&] { (void)open_with(generate_box_key_pair(BoxKind::x25519)); }), ErrorCode::wrong_key);
  EXPECT_THAT(current_recipient(opened, {})->wrapped, SizeIs(32 + box_overhead(BoxKind::x25519)));
}

TEST(KeySlots, whose_wrapped_key_was_altered_are_told_from_wrong_keys) {
  RepositoryFixture fixture;
  const BoxKeyPair keys = generate_box_key_pair(BoxKind::x25519);
  const std::string id = add_slot(fixture.repository, IdentityRecipient(keys.public_key), Capability::full, {});
  for (const char* copy : {".1", ".2"}) {
    const ObjectName name{ObjectKind::key, id + copy};
    Bytes object = fixture.get(name);
    const Bytes wrapped = parse_slot({}, object)->recipient.wrapped;
    std::search(object.begin(), object.end(), wrapped.begin(), wrapped.end())[40] ^= 1;
    object.resize(object.size() - 32);
    append(object, sha256(object).view());
    fixture.replace(name, object);
  }
  const SecretBytes text = encode_identity(keys);
  const IdentityCredential credential(text.view(), "identity", [] { return SecretBytes(); });
  EXPECT_EQ(code_of([&] {
              (void)open_repository(std::make_unique<testing::SharedStore>(fixture.memory), credential,
                                    fixture.folders(), {});
            }),
            ErrorCode::damaged);
}

TEST(KeySlots, that_are_damaged_are_listed_and_can_be_removed) {
  RepositoryFixture fixture;
  const std::string id = add_slot(fixture.repository, RepositoryFixture::recipient("other"), Capability::full, {});
  for (const char* copy : {".1", ".2"}) fixture.flip_a_bit({ObjectKind::key, id + copy});
  int unreadable = 0;
  for (const SlotInfo& slot : list_slots(fixture.repository, {})) unreadable += !slot.readable;
  EXPECT_EQ(unreadable, 1);
  remove_slot(fixture.repository, id, {});
  EXPECT_THAT(list_slots(fixture.repository, {}), SizeIs(1));
}

TEST(KeySlots, of_a_newer_program_do_not_keep_others_from_opening) {
  RepositoryFixture fixture;
  const std::string newer = std::string(32, '0');
  Bytes object = fixture.get({ObjectKind::key, fixture.list(ObjectKind::key)[0]});
  object[5] = 2;  // the version
  for (const char* copy : {".1", ".2"})
    fixture.memory->put({ObjectKind::key, newer + copy}, object, Durability::durable, {});
  EXPECT_THAT(fixture.open("secret").remarks(), IsEmpty());
  EXPECT_EQ(code_of([&] { (void)fixture.open("wrong"); }), ErrorCode::wrong_key);
  const std::string own = to_hex(fixture.repository.keys().slot().view());
  for (const char* copy : {".1", ".2"}) fixture.memory->remove({ObjectKind::key, own + copy}, {});
  EXPECT_EQ(code_of([&] { (void)fixture.open("secret"); }), ErrorCode::unsupported);
}

TEST(UserFolders, ignore_variables_that_are_not_absolute) {
  ::setenv("XDG_CACHE_HOME", "relative", 1);
  ::setenv("XDG_STATE_HOME", "/var/state", 1);
  const UserFolders folders = UserFolders::from_environment();
  EXPECT_TRUE(folders.cache.is_absolute());
  EXPECT_EQ(folders.state, "/var/state/igudar");
  ::unsetenv("XDG_CACHE_HOME");
  ::unsetenv("XDG_STATE_HOME");
}

}  // namespace igudar
