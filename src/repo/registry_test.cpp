#include "repo/registry.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "repo/key_slots.h"
#include "repo/repo_testing.h"
#include "store/expect_error.h"

namespace igudar {
namespace {

using testing::code_of;

class RegistryTest : public ::testing::Test, public testing::RepositoryFixture {
 protected:
  Registry load() const { return Registry::load(repository, {}); }
};

TEST_F(RegistryTest, Counts_what_no_later_entry_replaced) {
  const Id32 first = put_registry_entry(repository, {.body = {1}}, {});
  const Id32 other = put_registry_entry(repository, {.type = RegistryType::legal_hold, .body = {2}}, {});
  const Id32 second = put_registry_entry(repository, {.replaced = {first}, .body = {3}}, {});
  EXPECT_EQ(load().entries().size(), 3U);
  ASSERT_EQ(load().current(RegistryType::policy).size(), 1U);
  EXPECT_EQ(load().current(RegistryType::policy)[0]->id, second);
  EXPECT_EQ(load().current(RegistryType::policy)[0]->entry.body, Bytes{3});
  EXPECT_EQ(load().find(RegistryType::legal_hold, to_hex(other.view()).substr(0, 8)).id, other);
  EXPECT_EQ(code_of([&] { load().find(RegistryType::policy, to_hex(other.view())); }), ErrorCode::not_found);
}

TEST_F(RegistryTest, Shows_the_personal_part_to_those_who_read) {
  put_registry_entry(repository, {.body = {1}, .personal = {2}}, {});
  EXPECT_EQ(load().entries().at(0).personal, Bytes{2});
  add_slot(repository, recipient("keeper"), Capability::maintain, {});
  const Registry seen = Registry::load(open("keeper"), {});
  EXPECT_EQ(seen.entries().at(0).entry.body, Bytes{1});
  EXPECT_FALSE(seen.entries().at(0).personal);
}

TEST_F(RegistryTest, Takes_entries_from_those_who_may_do_everything) {
  for (const Capability capability : {Capability::maintain, Capability::write}) {
    const std::string name = capability == Capability::write ? "writer" : "keeper";
    add_slot(repository, recipient(name), capability, {});
    const Repository opened = open(name);
    EXPECT_EQ(code_of([&] { put_registry_entry(opened, {.body = {1}}, {}); }), ErrorCode::permission);
    // Signed by one without the right to it.
    const Bytes object = encode_registry_entry(opened.record_context(), opened.keys().index_keys(),
                                               opened.keys().signer(), {.body = {1}});
    memory->put({ObjectKind::registry, to_hex(sha256(object).view())}, object, Durability::durable, {});
    ASSERT_EQ(load().damaged().size(), 1U);
    EXPECT_EQ(load().damaged()[0].error.code(), ErrorCode::forged);
    EXPECT_TRUE(load().entries().empty());
    memory->remove(load().damaged()[0].name, {});
  }
}

TEST_F(RegistryTest, Goes_on_without_damaged_entries) {
  put_registry_entry(repository, {.body = {1}}, {});
  const Id32 second = put_registry_entry(repository, {.body = {2}}, {});
  flip_a_bit({ObjectKind::registry, to_hex(second.view())});
  EXPECT_EQ(load().entries().size(), 1U);
  ASSERT_EQ(load().damaged().size(), 1U);
  EXPECT_EQ(load().damaged()[0].error.code(), ErrorCode::damaged);
}

}  // namespace
}  // namespace igudar
