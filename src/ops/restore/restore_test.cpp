#include "ops/restore/restore.h"

#include <gmock/gmock.h>

#include "ops/prune/prune_testing.h"
#include "repo/local_file.h"

namespace igudar {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class RestoreTest : public ::testing::Test, public testing::PruneFixture {
 protected:
  std::filesystem::path target() const { return scratch / "target"; }
  void put_in_target(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((target() / name).parent_path());
    std::ofstream(target() / name) << text;
  }
  RestoreSummary restore_all(RestoreOptions options = {}) {
    options.target = target().string();
    return restore(repository, options, silent_, {});
  }
  std::vector<std::string> files_in_target() const {
    std::vector<std::string> files;
    for (const auto& each : std::filesystem::recursive_directory_iterator(target()))
      if (!each.is_directory()) files.push_back(each.path().lexically_relative(target()).string());
    return files;
  }
  static std::string content_of(const std::filesystem::path& file) {
    const std::optional<Bytes> content = read_local_file(file);
    return content ? std::string(text_of(*content)) : std::string();
  }
  RunMonitor silent_;
};

TEST_F(RestoreTest, Delete_leaves_a_folder_that_an_exclude_names_as_a_folder) {
  write("cache/old", "in the snapshot");
  back_up_source();
  put_in_target("cache/mine", "not in the snapshot");
  restore_all({.excludes = {"cache/"}, .delete_extra = true});
  EXPECT_THAT(files_in_target(), ElementsAre("cache/mine"));
}

TEST_F(RestoreTest, Delete_leaves_what_an_exclude_names_inside_an_extra_folder) {
  write("kept", "1");
  back_up_source();
  put_in_target("extra/a.log", "excluded");
  put_in_target("extra/b", "not excluded");
  put_in_target("other/c", "not excluded");
  const RestoreSummary summary = restore_all({.excludes = {"*.log"}, .delete_extra = true});
  EXPECT_THAT(files_in_target(), UnorderedElementsAre("kept", "extra/a.log"));
  EXPECT_EQ(summary.deleted, 2U);
  EXPECT_FALSE(std::filesystem::exists(target() / "other"));
}

TEST_F(RestoreTest, Delete_with_an_include_removes_only_what_matches_it) {
  write("a/b/one.txt", "1");
  back_up_source();
  put_in_target("a/b/two.txt", "extra");
  put_in_target("a/one.txt", "extra, of a name that another folder keeps");
  put_in_target("a/b/two.jpg", "not asked for");
  put_in_target("two.jpg", "not asked for");
  restore_all({.includes = {"*.txt"}, .delete_extra = true});
  EXPECT_THAT(files_in_target(), UnorderedElementsAre("a/b/one.txt", "a/b/two.jpg", "two.jpg"));
}

TEST_F(RestoreTest, Delete_works_in_an_included_folder) {
  write("folder/kept", "1");
  back_up_source();
  put_in_target("folder/extra", "extra");
  put_in_target("beside", "not asked for");
  restore_all({.includes = {"folder"}, .delete_extra = true});
  EXPECT_THAT(files_in_target(), UnorderedElementsAre("folder/kept", "beside"));
}

TEST_F(RestoreTest, Delete_removes_nothing_beside_a_single_file) {
  write("folder/file", "1");
  back_up_source();
  put_in_target("beside", "mine");
  restore_all({.snapshot = "latest:/folder/file", .delete_extra = true});
  EXPECT_THAT(files_in_target(), UnorderedElementsAre("file", "beside"));
}

TEST_F(RestoreTest, A_dry_run_counts_what_the_restore_would_then_do) {
  write("same", "as before");
  write("folder/changed", "new and longer");
  write("folder/deeper/new", "not there");
  back_up_source();
  restore_all({.excludes = {"deeper"}});
  put_in_target("folder/changed", "old");
  put_in_target("folder/gone/extra", "extra");
  for (const Overwrite overwrite : {Overwrite::if_changed, Overwrite::never}) {
    const RestoreSummary would = restore_all({.overwrite = overwrite, .delete_extra = true, .dry_run = true});
    EXPECT_THAT(files_in_target(), UnorderedElementsAre("same", "folder/changed", "folder/gone/extra"));
    const std::filesystem::path before = scratch / "before";
    std::filesystem::remove_all(before);
    std::filesystem::rename(target(), before);
    std::filesystem::create_directories(target());
    const std::string copy = "cp -a '" + before.string() + "/.' '" + target().string() + "'";
    ASSERT_EQ(std::system(copy.c_str()), 0);
    const RestoreSummary did = restore_all({.overwrite = overwrite, .delete_extra = true});
    EXPECT_EQ(would.files, did.files);
    EXPECT_EQ(would.files_unchanged, did.files_unchanged);
    EXPECT_EQ(would.files_skipped, did.files_skipped);
    EXPECT_EQ(would.deleted, did.deleted);
    EXPECT_EQ(would.problems, 0U);
    std::filesystem::remove_all(target());
    std::filesystem::rename(before, target());
  }
}

TEST_F(RestoreTest, A_stop_during_the_verification_is_no_success) {
  write_sample_tree();
  back_up_source();
  class StopsAtVerification final : public RunMonitor {
   public:
    void phase(std::string_view name) override {
      if (name == "Verifying") source.request_stop();
    }
    std::stop_source source;
  } monitor;
  RestoreOptions options{.target = target().string(), .verify = true};
  try {
    restore(repository, options, monitor, monitor.source.get_token());
    FAIL() << "it reported success";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::interrupted);
  }
}

// The second snapshot has new pages for what changed and shares the others with the first: those are lost.
TEST_F(RestoreTest, Entries_behind_a_lost_page_are_restored_and_nothing_is_deleted_for_its_sake) {
  const std::string padding(150, 'x');
  constexpr int kFiles = 1600;
  const auto name = [&](int i) { return "folder/" + std::to_string(10000 + i) + padding; };
  for (int i = 0; i < kFiles; ++i) write(name(i), "first " + std::to_string(i));
  let_source_age();
  back_up_source();
  for (int i = kFiles / 2; i < kFiles / 2 + 10; ++i) write(name(i), "second " + std::to_string(i));
  back_up_source();
  memory->remove(packs(PackType::metadata).front(), {});

  put_in_target(name(1), "mine");
  put_in_target("folder/extra", "mine");
  const RestoreSummary summary = restore_all({.delete_extra = true});

  EXPECT_GT(summary.problems, 0U);
  EXPECT_LT(summary.files, kFiles);
  for (int i = kFiles / 2; i < kFiles / 2 + 10; ++i)
    EXPECT_EQ(content_of(target() / name(i)), "second " + std::to_string(i));
  EXPECT_EQ(content_of(target() / name(1)), "mine");
  EXPECT_EQ(summary.deleted, 0U);
}

// Whichever of the copies the index names first.
TEST_F(RestoreTest, Takes_another_copy_where_one_is_damaged_or_gone) {
  class NoteCounter final : public RunMonitor {
   public:
    void note(const std::string&) override { ++notes; }
    std::atomic<int> notes{0};
  };
  write_sample_tree();
  write_sparse("sparse", 600, 1);
  for (const PackType type : {PackType::data, PackType::metadata}) {
    const std::vector<ObjectName> twice = back_up_to_two_packs(type);
    ASSERT_EQ(twice.size(), 2U);
    NoteCounter monitor;
    for (const ObjectName& pack : twice)
      for (const bool gone : {false, true}) {
        const Bytes sound = get(pack);
        Repository opened = open("secret");
        rot(pack);
        if (gone) memory->remove(pack, {});
        const RestoreSummary summary = restore(opened, {.target = target().string()}, monitor, {});
        EXPECT_EQ(summary.problems, 0U);
        EXPECT_EQ(content_of(target() / "large.bin"), content_of(source() / "large.bin"));
        EXPECT_EQ(content_of(target() / "sparse"), content_of(source() / "sparse"));
        std::filesystem::remove_all(target());
        if (!gone) memory->remove(pack, {});
        memory->put(pack, sound, Durability::durable, {});
      }
    EXPECT_GT(monitor.notes, 0) << "the damage was never met";
    for (const std::string& id : list(ObjectKind::pack)) memory->remove({ObjectKind::pack, id}, {});
  }
}

// A backup of one folder, restored to where it came from: its neighbours are not extra.
TEST_F(RestoreTest, Delete_spares_the_neighbours_of_what_was_backed_up) {
  write("kept", "snapshot");
  BackupOptions backup;
  backup.paths = {source().string()};
  RunMonitor silent;
  back_up(repository, backup, silent, {});

  const std::string there = source().relative_path().string();
  put_in_target("neighbour", "mine");
  put_in_target(there + "/../neighbour", "mine");
  put_in_target(there + "/extra", "mine");
  EXPECT_EQ(restore_all({.delete_extra = true}).deleted, 1U);
  EXPECT_FALSE(std::filesystem::exists(target() / there / "extra"));
  EXPECT_TRUE(std::filesystem::exists(target() / there / "kept"));
  EXPECT_TRUE(std::filesystem::exists(target() / "neighbour"));
  EXPECT_TRUE(std::filesystem::exists(target() / there / "../neighbour"));
}

}  // namespace
}  // namespace igudar
