#include "repo/snapshot_catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.h"
#include "repo/key_slots.h"
#include "repo/local_state.h"
#include "repo/repo_testing.h"
#include "repo/retention_time.h"

namespace igudar {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RepositoryFixture;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr TimeNs kHour = 3600 * kNsPerSecond;
constexpr TimeNs kDay = 24 * kHour;
constexpr TimeNs kStart = 1'800'000'000 * kNsPerSecond;

Snapshot snapshot_at(TimeNs time, std::vector<Id32> heads) {
  Snapshot snapshot;
  snapshot.heads = std::move(heads);
  snapshot.time = snapshot.storage_time = time;
  snapshot.description = SnapshotDescription{"host", "user", {"/home"}, {"tag"}, "test", {}};
  return snapshot;
}

// Puts snapshots and tombstones into a repository whose storage has a clock of the test's own.
class Story : public RepositoryFixture {
 public:
  Story() { memory->set_now(kStart); }
  SnapshotId back_up(TimeNs time, std::vector<Id32> heads) const {
    const OwnSession session = repository.keys().new_session();
    Snapshot snapshot = snapshot_at(time, std::move(heads));
    snapshot.session = session.ref;
    return put_snapshot(repository, snapshot, session.secret, {});
  }
  Id32 forget(const SnapshotId& id, std::vector<Id32> its_heads, std::vector<Id32> heads) const {
    return put_tombstone(repository, {{{id, std::move(its_heads)}}, kStart, kStart, std::move(heads)}, {});
  }
  SnapshotCatalogue load() const { return SnapshotCatalogue::load(repository, CatalogueSource::store, {}); }
  static ObjectName name_of(const SnapshotId& id) { return {ObjectKind::snapshot, to_hex(id.view())}; }
};

ErrorCode find_failure(const SnapshotCatalogue& catalogue, std::string_view prefix) {
  try {
    (void)catalogue.find(prefix);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::failed;
}

}  // namespace

TEST(SnapshotCatalogue, has_what_was_put_the_oldest_first) {
  const Story story;
  const SnapshotId late = story.back_up(kStart + kHour, {});
  const SnapshotId early = story.back_up(kStart, {});
  const SnapshotCatalogue catalogue = story.load();
  ASSERT_THAT(catalogue.snapshots(), SizeIs(2));
  EXPECT_EQ(catalogue.snapshots()[0].id, early);
  EXPECT_EQ(catalogue.snapshots()[1].id, late);
  EXPECT_EQ(catalogue.snapshots()[0].snapshot.description->host, "host");
  EXPECT_EQ(catalogue.snapshots()[0].stored_at, kStart);
  EXPECT_EQ(catalogue.latest([](const CataloguedSnapshot&) { return true; })->id, late);
  EXPECT_EQ(catalogue.latest([&](const CataloguedSnapshot& s) { return s.id != late; })->id, early);
  EXPECT_EQ(catalogue.latest([](const CataloguedSnapshot&) { return false; }), nullptr);
}

TEST(SnapshotCatalogue, finds_by_unique_prefix) {
  const Story story;
  const SnapshotId id = story.back_up(kStart, {});
  for (TimeNs time = 1; time < 20; ++time) story.back_up(kStart + time, {});
  const SnapshotCatalogue catalogue = story.load();
  EXPECT_EQ(catalogue.find(to_hex(id.view()).substr(0, 16)).id, id);
  EXPECT_EQ(find_failure(catalogue, "x"), ErrorCode::not_found);
  EXPECT_EQ(find_failure(catalogue, ""), ErrorCode::not_found);
  bool ambiguous = false;
  for (const char* digit : {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f"})
    ambiguous = ambiguous || find_failure(catalogue, digit) == ErrorCode::usage;
  EXPECT_TRUE(ambiguous);  // 20 snapshots, 16 digits
}

TEST(SnapshotCatalogue, knows_the_heads_of_the_graph) {
  const Story story;
  const SnapshotId a = story.back_up(kStart, {});
  const SnapshotId b = story.back_up(kStart + 1, {a});
  const SnapshotId c = story.back_up(kStart + 2, {a});
  EXPECT_THAT(story.load().heads(), UnorderedElementsAre(b, c));
  const Id32 stone = story.forget(b, {a}, {b, c});
  EXPECT_THAT(story.load().heads(), ElementsAre(stone));
  EXPECT_THAT(story.load().missing(), IsEmpty());
}

TEST(SnapshotCatalogue, notices_a_snapshot_that_the_storage_lost) {
  const Story story;
  const SnapshotId a = story.back_up(kStart, {});
  story.back_up(kStart + 1, {a});
  story.memory->remove(Story::name_of(a), {});
  EXPECT_THAT(story.load().missing(), ElementsAre(a));
}

TEST(SnapshotCatalogue, does_not_miss_forgotten_snapshots_nor_what_only_they_named) {
  const Story story;
  const SnapshotId a = story.back_up(kStart, {});
  const SnapshotId b = story.back_up(kStart + 1, {a});
  story.forget(b, {a}, {b});
  SnapshotCatalogue catalogue = story.load();
  EXPECT_THAT(catalogue.snapshots(), SizeIs(1));
  EXPECT_THAT(catalogue.leftovers(), ElementsAre(b));  // the forget was cut short
  remove_snapshot(story.repository, b, {});
  catalogue = story.load();
  EXPECT_THAT(catalogue.leftovers(), IsEmpty());
  EXPECT_THAT(catalogue.missing(), IsEmpty());
  EXPECT_TRUE(catalogue.accounts_for(b));
  story.memory->remove(Story::name_of(a), {});
  EXPECT_THAT(story.load().missing(), ElementsAre(a));
}

TEST(SnapshotCatalogue, collects_damage_and_goes_on) {
  Story story;
  const SnapshotId good = story.back_up(kStart, {});
  const SnapshotId bad = story.back_up(kStart + 1, {good});
  story.back_up(kStart + 2, {bad});
  story.flip_a_bit(Story::name_of(bad));
  const SnapshotCatalogue catalogue = story.load();
  EXPECT_THAT(catalogue.snapshots(), SizeIs(2));
  ASSERT_THAT(catalogue.damaged(), SizeIs(1));
  EXPECT_EQ(catalogue.damaged()[0].name, Story::name_of(bad));
  EXPECT_THAT(catalogue.missing(), IsEmpty());
  EXPECT_EQ(find_failure(catalogue, to_hex(bad.view())), ErrorCode::damaged);
}

TEST(SnapshotCatalogue, refuses_a_record_under_another_name_or_from_another_repository) {
  const Story story;
  const SnapshotId id = story.back_up(kStart, {});
  const std::string other(64, 'a');
  story.memory->put({ObjectKind::snapshot, other}, story.get(Story::name_of(id)), Durability::durable, {});
  const Story elsewhere;
  const SnapshotId foreign = elsewhere.back_up(kStart, {});
  story.memory->put(Story::name_of(foreign), elsewhere.get(Story::name_of(foreign)), Durability::durable, {});
  EXPECT_THAT(story.load().snapshots(), SizeIs(1));
  EXPECT_THAT(story.load().damaged(), SizeIs(2));
}

TEST(SnapshotCatalogue, is_read_by_maintainers_without_descriptions) {
  const Story story;
  const SnapshotId a = story.back_up(kStart, {});
  add_slot(story.repository, Story::recipient("keeper"), Capability::maintain, {});
  const Repository keeper = story.open("keeper");
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(keeper, CatalogueSource::store, {});
  ASSERT_THAT(catalogue.snapshots(), SizeIs(1));
  EXPECT_FALSE(catalogue.snapshots()[0].snapshot.description);
  EXPECT_THROW((void)put_snapshot(keeper, snapshot_at(kStart, {}), SecretBytes(kSessionSecretSize), {}), Error);
  EXPECT_NO_THROW((void)put_tombstone(keeper, {{{a, {}}}, kStart, kStart, {a}}, {}));
  EXPECT_THAT(story.load().snapshots(), IsEmpty());
}

TEST(SnapshotCatalogue, fetches_each_record_once_from_a_network_storage) {
  const Story story;
  for (TimeNs time = 0; time < 40; ++time) story.back_up(kStart + time, {});
  const Repository remote = story.open("secret", true);
  const auto& store = dynamic_cast<const testing::SharedStore&>(remote.store());
  const int before = store.gets();
  EXPECT_THAT(SnapshotCatalogue::load(remote, CatalogueSource::cache, {}).snapshots(), SizeIs(40));
  EXPECT_EQ(store.gets() - before, 40);
  story.back_up(kStart + 50, {});
  EXPECT_THAT(SnapshotCatalogue::load(remote, CatalogueSource::cache, {}).snapshots(), SizeIs(41));
  EXPECT_EQ(store.gets() - before, 41);
  (void)SnapshotCatalogue::load(remote, CatalogueSource::store, {});
  EXPECT_EQ(store.gets() - before, 82);
}

TEST(SnapshotCatalogue, does_not_trust_its_cache_and_empties_it_of_what_is_gone) {
  const Story story;
  const SnapshotId a = story.back_up(kStart, {});
  const SnapshotId b = story.back_up(kStart + 1, {});
  const Repository remote = story.open("secret", true);
  (void)SnapshotCatalogue::load(remote, CatalogueSource::cache, {});
  const std::filesystem::path folder = remote.cache_folder() / "snapshots";
  std::filesystem::resize_file(folder / to_hex(a.view()), 10);
  story.memory->remove(Story::name_of(b), {});
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(remote, CatalogueSource::cache, {});
  ASSERT_THAT(catalogue.snapshots(), SizeIs(1));
  EXPECT_EQ(catalogue.snapshots()[0].id, a);
  EXPECT_FALSE(std::filesystem::exists(folder / to_hex(b.view())));
  EXPECT_GT(std::filesystem::file_size(folder / to_hex(a.view())), 10U);
}

TEST(RetentionTime, is_the_earliest_of_what_client_and_storage_say) {
  Story story;
  const SnapshotId ahead = story.back_up(kStart + 300 * kDay, {});
  EXPECT_EQ(retention_times(story.load()).at(ahead).time, kStart);
}

TEST(RetentionTime, marks_a_snapshot_that_claims_to_be_older_than_what_its_writer_saw) {
  Story story;
  const SnapshotId a = story.back_up(kStart, {});
  story.memory->set_now(kStart + kDay);
  const SnapshotId slightly = story.back_up(kStart - kDay, {a});
  const SnapshotId behind = story.back_up(kStart - 2 * kDay, {slightly});
  const SnapshotId behind_a_backdated_one = story.back_up(kStart - 2 * kDay + 1, {behind});
  const auto times = retention_times(story.load());
  EXPECT_FALSE(times.at(a).backdated);
  EXPECT_FALSE(times.at(slightly).backdated);
  EXPECT_TRUE(times.at(behind).backdated);
  EXPECT_TRUE(times.at(behind_a_backdated_one).backdated);
}

TEST(RetentionTime, looks_through_forgotten_snapshots) {
  Story story;
  const SnapshotId a = story.back_up(kStart, {});
  const SnapshotId b = story.back_up(kStart, {a});
  story.forget(b, {a}, {b});
  remove_snapshot(story.repository, b, {});
  const SnapshotId behind = story.back_up(kStart - 2 * kDay, {b});
  EXPECT_TRUE(retention_times(story.load()).at(behind).backdated);
}

TEST(RetentionTime, marks_a_late_stranger_that_names_nothing_but_not_an_import_into_an_empty_repository) {
  Story story;
  const SnapshotId import = story.back_up(kStart - 100 * kDay, {});
  EXPECT_FALSE(retention_times(story.load()).at(import).backdated);
  const SnapshotId stranger = story.back_up(kStart - 50 * kDay, {});
  const auto times = retention_times(story.load());
  EXPECT_FALSE(times.at(import).backdated);
  EXPECT_TRUE(times.at(stranger).backdated);
}

TEST(LocalState, notices_that_the_newest_snapshot_was_taken_away_and_goes_on_knowing) {
  const Story story;
  const SnapshotId a = story.back_up(kStart, {});
  const SnapshotId b = story.back_up(kStart + 1, {a});
  LocalState(story.repository).remember_heads(story.load());
  story.memory->remove(Story::name_of(b), {});
  LocalState state(story.repository);
  EXPECT_THAT(state.lost_heads(story.load()), ElementsAre(b));
  state.remember_heads(story.load());
  EXPECT_THAT(state.lost_heads(story.load()), ElementsAre(b));
  state.replace_heads(story.load().heads());
  EXPECT_THAT(state.known_heads(), ElementsAre(a));
  EXPECT_THAT(state.remarks(), IsEmpty());
}

TEST(LocalState, knows_what_this_machine_wrote_in_place_of_what_that_names) {
  const Story story;
  const SnapshotId a = story.back_up(kStart, {});
  const SnapshotId b = story.back_up(kStart + 1, {a});
  LocalState state(story.repository);
  state.remember_written(a, {});
  state.remember_written(b, {a});
  EXPECT_THAT(state.known_heads(), ElementsAre(b));
}

TEST(LocalState, does_not_miss_a_head_that_was_forgotten) {
  const Story story;
  const SnapshotId a = story.back_up(kStart, {});
  LocalState(story.repository).remember_heads(story.load());
  story.forget(a, {}, {a});
  remove_snapshot(story.repository, a, {});
  EXPECT_THAT(LocalState(story.repository).lost_heads(story.load()), IsEmpty());
}

TEST(LocalState, discards_a_damaged_file_with_a_remark) {
  const Story story;
  const SnapshotId a = story.back_up(kStart, {});
  LocalState state(story.repository);
  state.remember_heads(story.load());
  EXPECT_THAT(state.known_heads(), ElementsAre(a));
  std::filesystem::resize_file(story.repository.state_folder() / "heads", 80);
  EXPECT_THAT(state.known_heads(), IsEmpty());
  EXPECT_THAT(state.remarks(), ElementsAre(HasSubstr("heads")));
  EXPECT_THAT(state.known_heads(), IsEmpty());
  EXPECT_THAT(state.remarks(), SizeIs(1));
}

}  // namespace igudar
