#include "ops/list/list.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "testing/repository_fixture.h"

namespace igudar {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ListTest : public ::testing::Test, public testing::SourceFixture {
 protected:
  std::vector<std::string> paths(const ListOptions& options) {
    std::vector<std::string> found;
    list_entries(repository, options,
                 [&](const Entry& entry) {
                   found.push_back(entry.path);
                   return true;
                 },
                 {});
    return found;
  }
  static ListOptions below(const std::string& path) {
    ListOptions options;
    options.path = path;
    return options;
  }
  static ListOptions children_of(const std::string& path) {
    ListOptions options = below(path);
    options.recursive = false;
    return options;
  }
  static ListOptions of_snapshot(const std::string& snapshot) {
    ListOptions options;
    options.snapshot = snapshot;
    return options;
  }
  std::vector<SnapshotInfo> of_host(const std::string& host) {
    SnapshotFilter filter;
    filter.hosts = {host};
    return list_snapshots(repository, filter, {}, silent_, {});
  }
  RunMonitor silent_;
};

TEST_F(ListTest, Without_a_path_all_entries_come_in_order) {
  write("a/x", "1");
  write("a.b", "2");
  back_up_source();
  EXPECT_THAT(paths({}), ElementsAre("", "a", "a/x", "a.b"));
}

TEST_F(ListTest, A_path_means_its_entry_and_what_is_below_with_or_without_slashes) {
  write("a/x/y", "1");
  write("a/z", "2");
  write("ab", "3");
  back_up_source();
  EXPECT_THAT(paths(below("/a")), ElementsAre("a", "a/x", "a/x/y", "a/z"));
  EXPECT_THAT(paths(below("a/x/")), ElementsAre("a/x", "a/x/y"));
  EXPECT_THAT(paths(of_snapshot("latest:/ab")), ElementsAre("ab"));
}

TEST_F(ListTest, Only_direct_children_come_unless_recursive_also_past_large_folders) {
  for (int i = 0; i < 300; ++i) write("a/big/file" + std::to_string(i), "1");
  write("a/big\x01", "2");
  write("a/z/inside", "3");
  write("b", "4");
  back_up_source();
  EXPECT_THAT(paths(children_of("a")), ElementsAre("a", "a/big", "a/big\x01", "a/z"));
  EXPECT_THAT(paths(children_of("")), ElementsAre("", "a", "b"));
}

TEST_F(ListTest, An_unknown_path_or_snapshot_is_not_found) {
  write("a", "1");
  back_up_source();
  for (const ListOptions& options : {below("b"), of_snapshot("ffffffffffffffff")}) {
    try {
      paths(options);
      FAIL() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::not_found);
    }
  }
}

TEST_F(ListTest, The_visitor_can_end_the_listing) {
  write_sample_tree();
  back_up_source();
  int visits = 0;
  list_entries(repository, {}, [&](const Entry&) { return ++visits < 3; }, {});
  EXPECT_EQ(visits, 3);
}

TEST_F(ListTest, Snapshots_are_filtered_and_cut_to_the_latest_of_each_group) {
  write("a", "1");
  BackupOptions options;
  for (const std::string host : {"one", "two", "one", "one"}) {
    options.host = host;
    options.tags = {"t" + host};
    back_up_source(options);
  }
  EXPECT_THAT(list_snapshots(repository, {}, {}, silent_, {}), SizeIs(4));
  const auto latest = list_snapshots(repository, {}, 1, silent_, {});
  ASSERT_THAT(latest, SizeIs(2));
  EXPECT_EQ(latest[0].host, "two");
  EXPECT_EQ(latest[1].host, "one");
  EXPECT_THAT(latest[1].tags, ElementsAre("tone"));
  EXPECT_FALSE(latest[1].parent.empty());
  EXPECT_THAT(of_host("two"), SizeIs(1));
  EXPECT_THAT(of_host("three"), IsEmpty());
}

TEST_F(ListTest, Statistics_count_what_is_stored_and_what_is_unused) {
  write_sample_tree();
  back_up_source();
  const std::string second = back_up_source();
  const RepositoryStats stats = repository_stats(repository, silent_, {});
  EXPECT_EQ(stats.snapshots, 2U);
  EXPECT_EQ(stats.files, 2U * 50);
  EXPECT_GT(stats.restore_bytes, 2U * (3U << 20));
  EXPECT_LT(stats.plain_bytes, stats.restore_bytes);
  EXPECT_EQ(stats.packs, list(ObjectKind::pack).size());
  EXPECT_GT(stats.total_bytes, stats.pack_bytes + stats.index_bytes);
  EXPECT_LT(stats.unused_bytes, 64U << 10);

  for (const std::string& id : list(ObjectKind::snapshot)) memory->remove({ObjectKind::snapshot, id}, {});
  const RepositoryStats without = repository_stats(repository, silent_, {});
  EXPECT_GT(without.unused_bytes, 3U << 20);
  EXPECT_LE(without.unused_bytes, without.pack_bytes);
}

}  // namespace
}  // namespace igudar
