#include "repo/key_rotation.h"

#include <gtest/gtest.h>

#include "repo/domain_access.h"
#include "repo/grants.h"
#include "repo/key_slots.h"
#include "repo/repo_testing.h"
#include "store/fault_store.h"

namespace igudar {

namespace {

using testing::RepositoryFixture;
using testing::SharedStore;

Repository open_on(const RepositoryFixture& fixture, std::shared_ptr<ObjectStore> store, const char* password) {
  return open_repository(std::make_unique<SharedStore>(std::move(store)), RepositoryFixture::credential(password),
                         fixture.folders(), {});
}

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::failed;
}

std::uint16_t newest_epoch(const Repository& repository) {
  return repository.keys().epochs().back().epoch;
}

}  // namespace

TEST(KeyRotation, gives_new_keys_to_all_holders_and_keeps_the_old_ones) {
  const RepositoryFixture fixture;
  add_slot(fixture.repository, RepositoryFixture::recipient("writer"), Capability::write, {});
  const OwnSession before = fixture.repository.keys().new_session();
  const KeyRotation rotation = rotate_keys(fixture.repository, {}, {});
  EXPECT_EQ(rotation.epoch, 1);
  EXPECT_EQ(rotation.holders, 2U);
  EXPECT_TRUE(rotation.left_over.empty());

  const Repository owner = fixture.open("secret");
  EXPECT_EQ(newest_epoch(owner), 1);
  EXPECT_TRUE(equal(owner.keys().session_secret(before.ref).view(), before.secret.view()));
  const OwnSession after = owner.keys().new_session();
  EXPECT_EQ(after.ref.epoch, 1);
  EXPECT_EQ(fixture.repository.keys().new_session().ref.epoch, 0) << "what is running goes on with the keys it has";
  EXPECT_TRUE(equal(fixture.repository.keys().session_secret(after.ref).view(), after.secret.view()))
      << "and reads what is stored under newer ones";
  SessionRef of_no_epoch = after.ref;
  of_no_epoch.sealed_secret = SealedSecret(7, after.ref.sealed_secret.view());
  EXPECT_EQ(code_of([&] { (void)fixture.repository.keys().session_secret(of_no_epoch); }), ErrorCode::damaged);
  const SessionRef rewrapped = owner.keys().rewrapped(before.ref);
  EXPECT_EQ(rewrapped.epoch, 0);
  EXPECT_EQ(rewrapped.sealed_secret.epoch(), 1);
  EXPECT_TRUE(equal(owner.keys().session_secret(rewrapped).view(), before.secret.view()));
  EXPECT_FALSE(equal(owner.keys().index_keys().of(0), owner.keys().index_keys().of(1)));
  EXPECT_TRUE(equal(owner.keys().id_key(), fixture.repository.keys().id_key()));

  const Repository writer = fixture.open("writer");
  EXPECT_EQ(newest_epoch(writer), 1);
  EXPECT_FALSE(writer.keys().can_read());
  EXPECT_TRUE(equal(writer.keys().id_key(), owner.keys().id_key()));
}

TEST(KeyRotation, by_two_at_once_leaves_the_keys_of_one) {
  const RepositoryFixture fixture;
  const Repository other = fixture.open("secret");
  rotate_keys(fixture.repository, {}, {});
  EXPECT_EQ(code_of([&] { rotate_keys(other, {}, {}); }), ErrorCode::already_exists);
  EXPECT_EQ(newest_epoch(fixture.open("secret")), 1);
}

TEST(KeyRotation, interrupted_anywhere_leaves_a_repository_that_opens_and_that_can_be_rotated) {
  std::uint64_t at = 1;
  for (bool crashed = true; crashed; ++at) {
    const RepositoryFixture fixture;
    add_slot(fixture.repository, RepositoryFixture::recipient("writer"), Capability::write, {});
    const OwnSession before = fixture.repository.keys().new_session();
    const auto faulty = std::make_shared<FaultStore>(fixture.memory, FaultPlan{.at = at, .kind = FaultKind::crash});
    try {
      rotate_keys(open_on(fixture, faulty, "secret"), {}, {});
    } catch (const SimulatedCrash&) {
    }
    crashed = faulty->crashed();

    const std::shared_ptr<MemoryStore> left = fixture.memory->after_crash(VolatileFate::lost);
    for (const char* password : {"secret", "writer"}) {
      const Repository opened = open_on(fixture, left, password);
      EXPECT_NO_THROW((void)opened.keys().new_session()) << password << " after operation " << at;
    }
    const Repository owner = open_on(fixture, left, "secret");
    EXPECT_TRUE(equal(owner.keys().session_secret(before.ref).view(), before.secret.view())) << at;
    const std::uint16_t reached = newest_epoch(owner);
    EXPECT_EQ(rotate_keys(owner, {}, {}).holders, 2U) << at;
    EXPECT_GT(newest_epoch(open_on(fixture, left, "writer")), reached) << at;
    EXPECT_TRUE(damaged_grants(*left, owner.config(), {}).empty()) << at;
  }
  EXPECT_GT(at, 6U);
}

TEST(KeyRotation, takes_over_an_epoch_whose_record_was_lost) {
  const RepositoryFixture fixture;
  rotate_keys(fixture.repository, {}, {});
  const OwnSession under_it = fixture.open("secret").keys().new_session();
  for (const ObjectInfo& object : fixture.memory->list(ObjectKind::epoch, {})) fixture.memory->remove(object.name, {});
  const Repository older = fixture.open("secret");
  EXPECT_EQ(code_of([&] { (void)older.keys().new_session(); }), ErrorCode::permission);
  EXPECT_FALSE(older.remarks().empty());

  rotate_keys(older, {}, {});
  const Repository repaired = fixture.open("secret");
  EXPECT_EQ(newest_epoch(repaired), 2);
  EXPECT_TRUE(equal(repaired.keys().session_secret(under_it.ref).view(), under_it.secret.view()));
}

TEST(KeyRotation, loses_nothing_with_one_copy_of_each_record) {
  const RepositoryFixture fixture;
  rotate_keys(fixture.repository, {}, {});
  for (const ObjectKind kind : {ObjectKind::epoch, ObjectKind::grant})
    for (const ObjectInfo& object : fixture.memory->list(kind, {}))
      if (object.name.id.ends_with(".1")) fixture.memory->remove(object.name, {});
  const Repository opened = fixture.open("secret");
  EXPECT_EQ(newest_epoch(opened), 1);
  EXPECT_NO_THROW((void)opened.keys().new_session());
  EXPECT_EQ(damaged_grants(*fixture.memory, opened.config(), {}).size(), 2U);
}

TEST(KeyRotation, without_a_grant_reads_the_old_and_stores_nothing) {
  const RepositoryFixture fixture;
  add_slot(fixture.repository, RepositoryFixture::recipient("writer"), Capability::write, {});
  rotate_keys(fixture.repository, {}, {});
  const Repository owner = fixture.open("secret");
  for (const Grant& grant : load_grants(*fixture.memory, owner.config(), {}))
    if (grant.capability == Capability::write) remove_grants_of(*fixture.memory, grant.signer, {});
  const Repository writer = fixture.open("writer");
  EXPECT_EQ(newest_epoch(writer), 0);
  EXPECT_EQ(code_of([&] { (void)writer.keys().new_session(); }), ErrorCode::permission);
  EXPECT_EQ(rotate_keys(owner, {}, {}).left_over.size(), 1U);
}

TEST(KeyRotation, is_for_those_who_are_full_in_main) {
  const RepositoryFixture fixture;
  add_slot(fixture.repository, RepositoryFixture::recipient("keeper"), Capability::maintain, {});
  EXPECT_EQ(code_of([&] { rotate_keys(fixture.open("keeper"), {}, {}); }), ErrorCode::permission);
}

TEST(Revocation, ends_what_a_slot_may_do_in_every_domain) {
  const RepositoryFixture fixture;
  create_domain(fixture.repository, "other", CipherSuite::aes_256_gcm, {});
  const std::string id = add_slot(fixture.repository, RepositoryFixture::recipient("leaver"), Capability::full, {});
  const Repository leaver = fixture.open("leaver");
  const Id32 signer = leaver.keys().signer().key.public_key;
  EXPECT_EQ(revoke_slot(fixture.repository, id.substr(0, 8), {}), id);
  EXPECT_EQ(code_of([&] { (void)fixture.open("leaver"); }), ErrorCode::wrong_key);

  const Repository owner = fixture.open("secret");
  for (const DomainInfo& domain : list_domains(owner, {})) {
    const Repository opened = owner.open_domain(domain.id, {});
    EXPECT_EQ(newest_epoch(opened), 1) << domain.name;
    EXPECT_EQ(code_of([&] { opened.keys().require_counted(signer, Id32{}); }), ErrorCode::forged) << domain.name;
    EXPECT_NO_THROW(opened.keys().require_counted(owner.keys().signer().key.public_key, Id32{}));
    const OwnSession session = opened.keys().new_session();
    EXPECT_EQ(code_of([&] { (void)leaver.open_domain(domain.id, {}).keys().session_secret(session.ref); }),
              domain.id == owner.config().repository ? ErrorCode::damaged : ErrorCode::not_found);
  }
  for (const Grant& grant : load_grants(*fixture.memory, owner.config(), {})) EXPECT_NE(grant.signer, signer);
}

TEST(Domains, are_apart) {
  const RepositoryFixture fixture;
  const Id16 id = create_domain(fixture.repository, "other", CipherSuite::aes_256_gcm_chacha20_poly1305, {});
  EXPECT_EQ(code_of([&] { create_domain(fixture.repository, "other", CipherSuite::aes_256_gcm, {}); }),
            ErrorCode::already_exists);
  EXPECT_EQ(code_of([&] { create_domain(fixture.repository, "main", CipherSuite::aes_256_gcm, {}); }),
            ErrorCode::already_exists);
  const Repository other = fixture.repository.open_domain(id, {});
  EXPECT_EQ(other.keys().domain_name(), "other");
  EXPECT_FALSE(equal(other.keys().id_key(), fixture.repository.keys().id_key()));
  EXPECT_EQ(other.keys().index_keys().newest().suite, CipherSuite::aes_256_gcm_chacha20_poly1305);
  EXPECT_NE(other.cache_folder(), fixture.repository.cache_folder());
  other.store().put({ObjectKind::index, std::string(64, 'a')}, Bytes{1}, Durability::durable, {});
  EXPECT_TRUE(fixture.repository.store().list(ObjectKind::index, {}).empty());

  add_slot(other, RepositoryFixture::recipient("theirs"), Capability::full, {});
  const Repository theirs = fixture.open("theirs");
  EXPECT_EQ(theirs.keys().domain(), id);
  EXPECT_TRUE(theirs.keys().can_read());
  EXPECT_TRUE(theirs.keys().secrets().authority_seed.empty());
  EXPECT_EQ(code_of([&] { add_slot(theirs, RepositoryFixture::recipient("x"), Capability::write, {}); }),
            ErrorCode::permission);
  EXPECT_EQ(code_of([&] { (void)theirs.open_domain(theirs.config().repository, {}); }), ErrorCode::not_found);
}

}  // namespace igudar
