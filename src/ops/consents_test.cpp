#include "ops/consents.h"

#include <gmock/gmock.h>

#include "base/hex.h"
#include "ops/personal_sources.h"
#include "ops/processing_record.h"
#include "repo/key_rotation.h"
#include "repo/key_slots.h"
#include "repo/snapshot_catalogue.h"
#include "store/expect_error.h"
#include "testing/repository_fixture.h"

namespace igudar {
namespace {

using testing::code_of;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Set = std::set<std::string>;

class ConsentsTest : public ::testing::Test, public testing::SourceFixture {
 protected:
  ConsentsTest() { write("a", "1"); }
  Registry registry() const { return Registry::load(repository, {}); }
  TimeNs now() const { return repository.store().now({}); }
  static NewConsent consent(std::vector<std::string> categories) {
    return {.categories = std::move(categories), .subject = "all", .purpose = "orders"};
  }
  Id32 record(const NewConsent& consent) const { return record_consent(repository, consent, {}); }
  Id32 tag(const std::string& path, const std::string& category, const std::string& host = {}) const {
    return add_personal_source(repository, {path, host, {category}}, {});
  }
  Set tags_of(const std::vector<std::string>& paths, const std::string& host = "here") const {
    return categories_of(personal_sources(registry()), repository.keys().index_keys().oldest(), {host}, paths);
  }
  static BackupOptions with(std::vector<std::string> categories) {
    BackupOptions options;
    options.personal_data = std::move(categories);
    return options;
  }
};

TEST_F(ConsentsTest, Cover_their_categories_from_the_beginning_to_the_end) {
  NewConsent limited = consent({"health"});
  limited.given = 1000;
  limited.until = 2000;
  record(limited);
  const std::vector<Consent> all = consents(registry());
  EXPECT_THAT(valid_consents(all, "health", 999), IsEmpty());
  EXPECT_EQ(valid_consents(all, "health", 1000).size(), 1U);
  EXPECT_EQ(valid_consents(all, "health", 1999).size(), 1U);
  EXPECT_THAT(valid_consents(all, "health", 2000), IsEmpty());
  EXPECT_THAT(valid_consents(all, "heal", 1500), IsEmpty());
}

TEST_F(ConsentsTest, Withdrawing_ends_one_and_keeps_who_said_so) {
  const Id32 first = record(consent({"a", "b"}));
  record(consent({"b"}));
  withdraw_consent(repository, to_hex(first.view()), "letter", {});
  const std::vector<Consent> all = consents(registry());
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].withdrawal.value().reason, "letter");
  EXPECT_THAT(valid_consents(all, "a", now()), IsEmpty());
  EXPECT_EQ(valid_consents(all, "b", now()).size(), 1U);
  EXPECT_EQ(code_of([&] { withdraw_consent(repository, to_hex(first.view()), "again", {}); }), ErrorCode::not_found);
}

TEST_F(ConsentsTest, A_backup_of_what_none_covers_stores_nothing) {
  const auto before = testing::objects_of(*memory);
  const Error refused = error_of([&] { back_up_source(with({"customers"})); });
  EXPECT_EQ(refused.code(), ErrorCode::rule_broken);
  EXPECT_THAT(refused.hint(), HasSubstr("igudar consent record --category customers"));
  EXPECT_EQ(testing::objects_of(*memory), before);
  EXPECT_THAT(error_of([&] { back_up_source(with({"it's"})); }).hint(), HasSubstr("--category 'it'\\''s'"));
  EXPECT_EQ(code_of([&] { back_up_source(with({"a,b"})); }), ErrorCode::usage);
}

TEST_F(ConsentsTest, A_snapshot_names_its_categories_and_what_covered_them) {
  const Id32 id = record(consent({"customers", "health"}));
  back_up_source(with({"health", "customers"}));
  EXPECT_THAT(last_backup.personal_data, ElementsAre("customers", "health"));
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::store, {});
  const SnapshotDescription& about = catalogue.snapshots().at(0).snapshot.description.value();
  EXPECT_EQ(about.annotations.at("personal-data"), "customers,health");
  EXPECT_EQ(about.annotations.at("consents"), to_hex(id.view()));
  EXPECT_EQ(personal_data_of(repository, {}, about), (Set{"customers", "health"}));
}

TEST_F(ConsentsTest, A_machine_that_only_writes_is_stopped_and_reads_no_names) {
  add_slot(repository, recipient("writer"), Capability::write, {});
  tag(source().string(), "customers");
  const Id32 id = record(consent({"customers"}));
  Repository writer = open("writer");
  EXPECT_THAT(back_up_source_to(writer).personal_data, ElementsAre("customers"));
  withdraw_consent(repository, to_hex(id.view()), "letter", {});
  EXPECT_EQ(code_of([&] { back_up_source_to(writer); }), ErrorCode::rule_broken);
  const Registry seen = Registry::load(writer, {});
  EXPECT_FALSE(consents(seen).at(0).details);
  EXPECT_FALSE(personal_sources(seen).at(0).details);
  EXPECT_EQ(code_of([&] { record_consent(writer, consent({"customers"}), {}); }), ErrorCode::permission);
}

TEST_F(ConsentsTest, A_source_counts_for_what_is_in_it_and_what_leads_to_it) {
  const Id32 id = tag("/srv/customers/", "customers");
  for (const char* path : {"/srv/customers", "/srv/customers/a/b", "/srv", "/"})
    EXPECT_EQ(tags_of({path}), Set{"customers"}) << path;
  for (const char* path : {"/srv/customers2", "/srv/other", "/home", "/srv/custom"})
    EXPECT_THAT(tags_of({path}), IsEmpty()) << path;
  tag("/home", "staff", "web1");
  EXPECT_EQ(tags_of({"/"}), Set{"customers"});
  EXPECT_EQ(tags_of({"/"}, "web1"), (Set{"customers", "staff"}));
  tag("/", "everything");
  EXPECT_EQ(tags_of({"/etc/passwd"}), Set{"everything"});
  remove_personal_source(repository, to_hex(id.view()), {});
  EXPECT_EQ(tags_of({"/srv/customers"}), Set{"everything"});
}

TEST_F(ConsentsTest, Sources_are_found_after_the_keys_were_changed) {
  tag("/srv", "customers");
  rotate_keys(repository, {}, {});
  const Repository later = open("secret");
  ASSERT_EQ(later.keys().epochs().size(), 2U);
  EXPECT_EQ(
      categories_of(personal_sources(Registry::load(later, {})), later.keys().index_keys().oldest(), {}, {"/srv"}),
      Set{"customers"});
}

TEST_F(ConsentsTest, The_record_of_processing_keeps_the_last_word) {
  set_processing(repository, "controller", "one", {});
  set_processing(repository, "controller", "two", {});
  EXPECT_EQ(processing_record(registry()), (std::map<std::string, std::string>{{"controller", "two"}}));
  unset_processing(repository, "controller", {});
  EXPECT_THAT(processing_record(registry()), IsEmpty());
  EXPECT_EQ(code_of([&] { unset_processing(repository, "controller", {}); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { set_processing(repository, "controler", "x", {}); }), ErrorCode::usage);
}

}  // namespace
}  // namespace igudar
