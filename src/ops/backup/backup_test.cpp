#include "ops/backup/backup.h"

#include <gmock/gmock.h>

#include "concurrency/deadline.h"
#include "concurrency/one_shot.h"
#include "ops/check/check.h"
#include "ops/prune/prune_testing.h"
#include "ops/restore/restore.h"
#include "store/expect_error.h"

namespace igudar {
namespace {

using testing::code_of;
using ::testing::IsEmpty;

class BackupTest : public ::testing::Test, public testing::PruneFixture {
 protected:
  // What is wrong with the repository, for people.
  std::string damage() { return damage_in(repository); }
  static std::string damage_in(Repository& in) {
    CheckOptions options;
    options.read_data.kind = ReadDataSelection::Kind::all;
    RunMonitor silent;
    std::string text;
    for (const Finding& finding : check(in, options, silent, {}).damage)
      text += finding.object + ": " + finding.text + "\n";
    return text;
  }
};

// Files of so many extents that these lie in lists of their own, from a worker and from several, taken over by a
// snapshot that differs elsewhere.
TEST_F(BackupTest, Unchanged_files_of_many_extents_outlive_their_first_snapshot) {
  write_sparse("large", 2600, 1);
  write_sparse("small", 600, 2);
  write("other", "one");
  let_source_age();
  const std::string first = back_up_source();
  EXPECT_EQ(last_backup.files_new, 3U);
  EXPECT_THAT(damage(), IsEmpty());

  write("other", "two");
  back_up_source();
  EXPECT_EQ(last_backup.files_unchanged, 2U);
  EXPECT_THAT(damage(), IsEmpty());

  forget_snapshot(repository, first);
  run_prune(repository);
  EXPECT_THAT(damage(), IsEmpty());
  EXPECT_EQ(testing::read_everything(repository), 1U);
}

// A person who waits for a first backup sees how much of it there is; its items wait here until that was told.
TEST_F(BackupTest, The_first_backup_of_a_source_tells_how_much_there_is) {
  class Waiting final : public RunMonitor {
   public:
    using Total = std::pair<std::uint64_t, std::uint64_t>;
    bool wants_totals() const override { return true; }
    void totals(std::uint64_t items, std::uint64_t bytes) override { told_.set({items, bytes}); }
    void item(std::string_view, std::string_view, std::uint64_t) override {  // by the collector's thread only
      if (!total) total = told_.wait(too_long_.token());
    }
    std::optional<Total> total;

   private:
    OneShot<Total> told_;
    Deadline too_long_{std::chrono::minutes(1), {}};
  };
  write("folder/one", "12345");
  write("two", "123");
  write("left out", "1234567");
  const testing::WorkingFolder here(source());
  Waiting monitor;
  BackupOptions options;
  options.paths = {"."};
  options.excludes = {"left out"};
  back_up(repository, options, monitor, {});
  EXPECT_EQ(monitor.total, std::pair(std::uint64_t{4}, std::uint64_t{8}));
}

// What a backup stores again in place of a pack that was lost has to be named by its own snapshot, though its tree is
// its parent's.
TEST_F(BackupTest, What_was_lost_and_backed_up_again_outlives_the_snapshot_it_was_lost_to) {
  write_files(0, 3);
  let_source_age();
  const std::string first = back_up_source();
  let_source_age();
  const std::vector<ObjectInfo> packs = memory->list(ObjectKind::pack, {});
  const auto by_size = [](const ObjectInfo& a, const ObjectInfo& b) { return a.size < b.size; };
  memory->remove(std::max_element(packs.begin(), packs.end(), by_size)->name, {});
  back_up_source();
  EXPECT_EQ(last_backup.files_changed, 3U);

  forget_snapshot(repository, first);
  run_prune(repository, {.max_unused_percent = 0});
  EXPECT_THAT(damage(), IsEmpty());
  EXPECT_EQ(testing::read_everything(repository), 1U);
}

// The pages of a parent may be gone: lost, or condemned between its commit and the beginning of this backup. Or they
// are there and rotten, and then what is stored anew must not be taken for stored.
TEST_F(BackupTest, A_backup_goes_on_where_its_parent_cannot_be_read_and_mends_what_the_source_has) {
  write_sample_tree();
  write_sparse("sparse", 600, 1);
  for (const bool gone : {true, false}) {
    SCOPED_TRACE(gone ? "gone" : "rotten");
    let_source_age();
    const std::string first = back_up_source();
    keep_last(repository, 1);
    for (const ObjectName& pack : packs(PackType::metadata)) gone ? memory->remove(pack, {}) : rot(pack);

    let_source_age();
    const std::string second = back_up_source();
    EXPECT_EQ(last_backup.unreadable, 0U);
    EXPECT_EQ(last_backup.parent_id, first);
    forget_snapshot(repository, first);
    EXPECT_EQ(testing::read_everything(repository), 1U);

    // Nor does the next one meet the rotten copies again.
    let_source_age();
    back_up_source();
    EXPECT_EQ(last_backup.new_chunks, 0U);
    EXPECT_EQ(last_backup.parent_id, second);
    run_prune(repository, {.max_unused_percent = 0});
    EXPECT_THAT(damage(), IsEmpty());
    EXPECT_EQ(testing::read_everything(repository), 2U);
    write("changed" + std::to_string(gone), "so that the next one has a tree of its own");
  }
}

TEST_F(BackupTest, A_forced_backup_stores_again_the_pages_that_have_rotted) {
  write_sample_tree();
  const std::string first = back_up_source();
  for (const ObjectName& pack : packs(PackType::metadata)) rot(pack);
  BackupOptions options;
  options.force = true;
  back_up_source(options);
  forget_snapshot(repository, first);
  EXPECT_EQ(testing::read_everything(repository), 1U);
}

// A record that is wrong would have it believe that a chunk is stored where it is not.
TEST_F(BackupTest, Is_not_misled_by_a_damaged_cache) {
  write_files(0, 4, 50'000);
  const std::string first = back_up_source();
  write_files(4, 8, 50'000);
  back_up_source();
  std::filesystem::rename(source() / "file1", source() / "renamed");  // what is known by its id only
  write("new", "new");
  with_damaged_caches(
      61,
      [&](Repository& in) {
        const BackupSummary summary = back_up_source_to(in);
        EXPECT_LT(summary.new_bytes, 50'000U);
      },
      [&](Repository& next) {
        EXPECT_THAT(damage_in(next), IsEmpty());
        keep_last(next, 1);
        run_prune(next, {.max_unused_percent = 0});
        EXPECT_EQ(testing::read_everything(next), 1U);
      });
}

TEST_F(BackupTest, A_restore_is_not_misled_by_a_damaged_cache) {
  write_files(0, 8, 50'000);
  back_up_source();
  with_damaged_caches(
      61,
      [&](Repository& in) {
        std::filesystem::remove_all(scratch / "restored");
        RestoreOptions options;
        options.target = (scratch / "restored").string();
        testing::ProblemCounter problems;
        const RestoreSummary summary = restore(in, options, problems, {});
        EXPECT_EQ(problems.problems, 0);
        EXPECT_EQ(summary.files, 8U);
      },
      [](Repository&) {});
}

// Its snapshot is there for good by then.
TEST_F(BackupTest, One_that_cannot_remove_its_lease_is_done_and_says_so) {
  class StuckLeases final : public testing::ForwardingStore {
   public:
    StuckLeases(std::shared_ptr<ObjectStore> inner, ErrorCode code) : ForwardingStore(std::move(inner)), code_(code) {}
    void remove(const ObjectName& name, std::stop_token stop) override {
      if (name.kind == ObjectKind::lease) throw Error(code_, "stuck");
      ForwardingStore::remove(name, stop);
    }

   private:
    const ErrorCode code_;
  };
  write("file", "content");
  for (const ErrorCode code : {ErrorCode::io, ErrorCode::permission, ErrorCode::interrupted}) {
    Repository in = open_on(std::make_shared<StuckLeases>(memory, code));
    const testing::WorkingFolder here(source());
    BackupOptions options;
    options.paths = {"."};
    testing::ProblemCounter monitor;
    const BackupSummary summary = back_up(in, options, monitor, {});
    EXPECT_THAT(list(ObjectKind::snapshot), ::testing::Contains(summary.snapshot_id));
    EXPECT_EQ(monitor.problems, 1);
  }
}

TEST_F(BackupTest, A_backup_of_what_has_not_changed_stores_nothing_but_its_record) {
  write_sample_tree();
  let_source_age();
  back_up_source();
  let_source_age();
  const std::vector<std::string> packs = list(ObjectKind::pack);
  back_up_source();
  EXPECT_EQ(last_backup.new_chunks, 0U);
  EXPECT_EQ(list(ObjectKind::pack), packs);
}

// A stream goes under a path as users give it, folders made up for it; or under none.
TEST_F(BackupTest, A_stream_is_restored_under_the_path_it_was_given) {
  write("input", "streamed");
  const auto back_up_stream = [&](const std::string& name) {
    const UniqueFd input(::open((source() / "input").c_str(), O_RDONLY | O_CLOEXEC));
    BackupOptions options;
    options.stdin_filename = name;
    options.stdin_fd = input.get();
    RunMonitor silent;
    return back_up(repository, options, silent, {}).snapshot_id;
  };
  for (const std::string name : {"stream", "/stream", "data/bases/shop.sql", "/data/bases/shop.sql"}) {
    RestoreOptions options;
    options.snapshot = back_up_stream(name);
    options.target = (scratch / "restored").string();
    RunMonitor silent;
    EXPECT_EQ(restore(repository, options, silent, {}).problems, 0U) << name;
    std::ifstream restored(options.target + "/" + name);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(restored), {}), "streamed") << name;
    std::filesystem::remove_all(options.target);
  }
  for (const std::string name : {"", "/", ".", "..", "../stream", "data//shop.sql", "data/./shop.sql"})
    EXPECT_EQ(code_of([&] { back_up_stream(name); }), ErrorCode::usage) << name;
  EXPECT_THAT(damage(), IsEmpty());
}

TEST_F(BackupTest, One_that_fails_before_it_reads_anything_leaves_no_lease) {
  write("file", "content");
  BackupOptions options;
  options.parent = "0123456789";
  EXPECT_EQ(code_of([&] { back_up_source(options); }), ErrorCode::not_found);
  EXPECT_THAT(list(ObjectKind::lease), IsEmpty());
}

}  // namespace
}  // namespace igudar
