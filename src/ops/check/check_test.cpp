#include "ops/check/check.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>

#include "base/hex.h"

#include "ops/check/read_data_selection.h"
#include "repo/blob_index.h"
#include "repo/key_slots.h"
#include "repo/local_state.h"
#include "repo/pack_appender.h"
#include "testing/repository_fixture.h"

namespace igudar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class CheckTest : public ::testing::Test, public testing::SourceFixture {
 protected:
  CheckSummary check_all() { return check_all(repository); }
  CheckSummary check_all(Repository& opened) {
    CheckOptions options;
    options.read_data.kind = ReadDataSelection::Kind::all;
    return check(opened, options, silent_, {});
  }
  ObjectName largest_pack() const {
    const std::vector<ObjectInfo> packs = memory->list(ObjectKind::pack, {});
    return std::max_element(packs.begin(), packs.end(),
                            [](const ObjectInfo& a, const ObjectInfo& b) { return a.size < b.size; })
        ->name;
  }
  RunMonitor silent_;
};

std::string text_of(const CheckSummary& summary) {
  std::string text;
  for (const Finding& finding : summary.damage) text += "damage: " + finding.object + ": " + finding.text + "\n";
  for (const Finding& finding : summary.remarks) text += "remark: " + finding.object + ": " + finding.text + "\n";
  return text;
}

TEST_F(CheckTest, A_sound_repository_is_clean_and_wholly_read) {
  write_sample_tree();
  back_up_source();
  write("folder1/new", "something new");
  back_up_source();
  const CheckSummary summary = check_all();
  EXPECT_THAT(text_of(summary), IsEmpty());
  EXPECT_EQ(summary.snapshots, 2U);
  EXPECT_EQ(summary.packs, list(ObjectKind::pack).size());
  EXPECT_EQ(summary.packs_read, summary.packs);
  EXPECT_GT(summary.bytes_read, 3U << 20);
  EXPECT_GT(summary.chunks, 50U);
}

TEST_F(CheckTest, Damaged_content_is_traced_to_the_file_and_to_every_snapshot_that_has_it) {
  write("large.bin", testing::noise(std::size_t{3} << 20, 1));
  const std::string first = back_up_source();
  write("folder1/new", "something new");
  const std::string second = back_up_source();
  std::filesystem::remove(source() / "large.bin");
  const std::string third = back_up_source();
  flip_a_bit(largest_pack());
  const CheckSummary summary = check_all();
  EXPECT_THAT(text_of(summary), HasSubstr("/large.bin"));
  EXPECT_THAT(text_of(summary), Not(HasSubstr("/folder")));
  EXPECT_THAT(text_of(summary), HasSubstr(largest_pack().to_string()));
  EXPECT_THAT(summary.affected_snapshots, ::testing::UnorderedElementsAre(first, second));
}

TEST_F(CheckTest, Damaged_content_is_not_seen_without_reading_data) {
  write_sample_tree();
  back_up_source();
  flip_a_bit(largest_pack());
  EXPECT_THAT(text_of(check(repository, {}, silent_, {})), IsEmpty());
}

TEST_F(CheckTest, A_lost_index_segment_is_told_from_lost_packs) {
  write_sample_tree();
  const std::string snapshot = back_up_source();
  for (const std::string& id : list(ObjectKind::index)) memory->remove({ObjectKind::index, id}, {});
  const CheckSummary summary = check_all();
  EXPECT_THAT(text_of(summary), HasSubstr("a segment was lost"));
  EXPECT_THAT(summary.affected_snapshots, ElementsAre(snapshot));
}

TEST_F(CheckTest, A_pack_that_no_index_names_is_a_remark) {
  write_sample_tree();
  back_up_source();
  PackAppender appender(repository);
  const SessionRef session = repository.keys().new_session().ref;
  SealedFrame frame;
  frame.info.compressed_size = frame.info.plain_size = 4;
  frame.info.chunks = 1;
  frame.sealed.append(Bytes(20));
  frame.ids = {ChunkId{}};
  frame.sizes = {4};
  appender.append(session, frame, {});
  appender.finish_packs({});
  memory->flush({});
  const CheckSummary summary = check(repository, {}, silent_, {});
  EXPECT_THAT(summary.damage, IsEmpty()) << text_of(summary);
  EXPECT_THAT(summary.remarks, SizeIs(1)) << text_of(summary);
}

TEST_F(CheckTest, A_reference_set_that_lacks_chunks_is_damage) {
  write("a", "1");
  back_up_source();
  write("b", "2");
  const std::string second = back_up_source();
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::store, {});
  Snapshot snapshot = catalogue.find(second).snapshot;
  const Snapshot& older = catalogue.snapshots().front().snapshot;
  snapshot.refset = older.refset;
  snapshot.refset_pages = older.refset_pages;
  put_snapshot(repository, snapshot, repository.keys().session_secret(snapshot.session), {});
  const CheckSummary summary = check(repository, {}, silent_, {});
  EXPECT_THAT(text_of(summary), HasSubstr("does not name all of /b"));
  EXPECT_THAT(text_of(summary), Not(HasSubstr("all of /a")));
}

// Whichever of the copies the index names first.
TEST_F(CheckTest, Damage_to_one_of_two_copies_is_told_and_affects_no_snapshot) {
  write_sample_tree();
  write_sparse("sparse", 600, 1);
  for (const PackType type : {PackType::data, PackType::metadata}) {
    for (const ObjectName& pack : back_up_to_two_packs(type)) {
      const Bytes sound = get(pack);
      rot(pack);
      const CheckSummary summary = check_all();
      EXPECT_THAT(text_of(summary), HasSubstr("damage: " + pack.to_string()));
      EXPECT_THAT(text_of(summary), HasSubstr("no file of any snapshot is lost"));
      EXPECT_THAT(text_of(summary), Not(HasSubstr("cannot be restored whole")));
      EXPECT_THAT(summary.affected_snapshots, IsEmpty());
      replace(pack, sound);
    }
    for (const std::string& id : list(ObjectKind::pack)) memory->remove({ObjectKind::pack, id}, {});
  }
}

TEST_F(CheckTest, A_slot_that_may_not_read_content_verifies_hashes) {
  write("large.bin", testing::noise(std::size_t{3} << 20, 1));
  back_up_source();
  add_slot(repository, recipient("writer"), Capability::write, {});
  Repository writer = open("writer");
  const CheckSummary sound = check_all(writer);
  EXPECT_THAT(sound.damage, IsEmpty()) << text_of(sound);
  EXPECT_THAT(text_of(sound), HasSubstr("by its hashes only"));
  flip_a_bit(largest_pack());
  const std::string damaged = text_of(check_all(writer));
  EXPECT_THAT(damaged, HasSubstr("its bytes were altered"));
  EXPECT_THAT(damaged, Not(HasSubstr("large.bin")));
}

TEST_F(CheckTest, A_damaged_cache_of_this_machine_is_replaced_and_no_damage) {
  write_sample_tree();
  back_up_source();
  for (const auto& file : std::filesystem::directory_iterator(repository.cache_folder() / "index")) {
    std::fstream stream(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(-20, std::ios::end);
    stream.put('x');
  }
  const CheckSummary summary = check(repository, {}, silent_, {});
  EXPECT_THAT(summary.damage, IsEmpty()) << text_of(summary);
  EXPECT_THAT(text_of(summary), HasSubstr("cached copy"));
  EXPECT_THAT(text_of(check(repository, {}, silent_, {})), IsEmpty());
}

// Does something in the middle of a check, as another process would.
class InterveningStore final : public testing::ForwardingStore {
 public:
  InterveningStore(std::shared_ptr<ObjectStore> inner, std::function<void()> act)
      : ForwardingStore(std::move(inner)), act_(std::move(act)) {}
  std::vector<ObjectInfo> list(ObjectKind kind, std::stop_token stop) const override {
    if (kind == ObjectKind::index && ++index_listings_ == 2) act_();
    return ForwardingStore::list(kind, stop);
  }

 private:
  std::function<void()> act_;
  mutable int index_listings_ = 0;
};

TEST_F(CheckTest, What_a_prune_removes_meanwhile_is_no_damage) {
  write("a", testing::noise(5000, 1));
  const std::string first = back_up_source();
  const std::vector<std::string> old_packs = list(ObjectKind::pack);
  std::filesystem::remove(source() / "a");
  write("b", testing::noise(5000, 2));
  BackupOptions options;
  options.force = true;
  back_up_source(options);
  const auto forget_and_prune = [&] {
    const SnapshotId id = SnapshotId::from(*from_hex(first));
    Tombstone tombstone;
    tombstone.forgotten = {{id, {}}};
    put_tombstone(repository, tombstone, {});
    remove_snapshot(repository, id, {});
    for (const std::string& pack : old_packs) memory->remove({ObjectKind::pack, pack}, {});
  };
  Repository opened = open_repository(std::make_unique<InterveningStore>(memory, forget_and_prune),
                                      credential("secret"), folders(), {});
  const CheckSummary summary = check(opened, {}, silent_, {});
  EXPECT_THAT(summary.damage, IsEmpty()) << text_of(summary);
  EXPECT_EQ(summary.snapshots, 1U);
}

TEST_F(CheckTest, A_subset_takes_the_packs_that_were_not_read_for_the_longest_time) {
  write_sample_tree();
  back_up_source();
  write("folder1/new", "something new");
  back_up_source();
  CheckOptions options;
  options.read_data = *parse_read_data_subset("1");
  const std::size_t packs = list(ObjectKind::pack).size();
  ASSERT_GE(packs, 4U);
  for (std::size_t round = 0; round < packs; ++round) EXPECT_EQ(check(repository, options, silent_, {}).packs_read, 1U);
  EXPECT_THAT(LocalState(repository).pack_ledger().last_read(), SizeIs(packs));
}

TEST_F(CheckTest, A_damaged_pack_is_not_recorded_as_read) {
  write_sample_tree();
  back_up_source();
  const ObjectName damaged = largest_pack();
  flip_a_bit(damaged);
  check_all();
  const std::map<PackName, TimeNs> read = LocalState(repository).pack_ledger().last_read();
  EXPECT_THAT(read, SizeIs(list(ObjectKind::pack).size() - 1));
  EXPECT_FALSE(read.contains(*parse_pack_id(damaged.id)));
}

TEST_F(CheckTest, A_stop_request_ends_it) {
  write_sample_tree();
  back_up_source();
  std::stop_source stop;
  stop.request_stop();
  try {
    check(repository, {}, silent_, stop.get_token());
    FAIL() << "it went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::interrupted);
  }
}

TEST(ReadDataSelectionTest, Subsets_are_parsed_or_refused) {
  using Kind = ReadDataSelection::Kind;
  EXPECT_EQ(parse_read_data_subset("5%")->kind, Kind::percent);
  EXPECT_EQ(parse_read_data_subset("2.5%")->percent, 2.5);
  EXPECT_EQ(parse_read_data_subset("1/7")->parts, 7U);
  EXPECT_EQ(parse_read_data_subset("2G")->bytes, std::uint64_t{2} << 30);
  EXPECT_EQ(parse_read_data_subset("300k")->bytes, 300U << 10);
  for (const char* text :
       {"", "%", "0%", "101%", "nan%", "0/7", "8/7", "1/", "/7", "1/7/2", "G", "-1", "0", "5 %", "99999999999T"})
    EXPECT_FALSE(parse_read_data_subset(text)) << text;
}

TEST(ReadDataSelectionTest, Parts_divide_the_packs) {
  std::map<PackName, std::uint64_t> packs;
  for (int i = 0; i < 100; ++i) packs[random_id<16>()] = 1;
  std::set<PackName> chosen;
  std::size_t sum = 0;
  for (const char* part : {"1/3", "2/3", "3/3"}) {
    const std::set<PackName> some = select_packs(*parse_read_data_subset(part), packs, {});
    sum += some.size();
    chosen.insert(some.begin(), some.end());
  }
  EXPECT_EQ(sum, 100U);
  EXPECT_EQ(chosen.size(), 100U);
}

TEST(ReadDataSelectionTest, A_share_counts_bytes_and_takes_the_longest_unread_first) {
  const PackName a{{1}}, b{{2}}, c{{3}};
  const std::map<PackName, std::uint64_t> packs{{a, 50}, {b, 30}, {c, 20}};
  EXPECT_THAT(select_packs(*parse_read_data_subset("1%"), packs, {{a, 5}, {b, 3}, {c, 4}}), ElementsAre(b));
  EXPECT_THAT(select_packs(*parse_read_data_subset("50%"), packs, {{a, 5}, {b, 3}, {c, 4}}), ElementsAre(b, c));
  EXPECT_THAT(select_packs(*parse_read_data_subset("1%"), packs, {{a, 5}, {b, 3}}), ElementsAre(c));
}

}  // namespace
}  // namespace igudar
