#include "ops/restore/restore.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include <set>

#include "fs/file_stat.h"
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
  ObjectName largest_pack(PackType type = PackType::data) const {
    ObjectInfo largest;
    for (const ObjectInfo& object : memory->list(ObjectKind::pack, {})) {
      const Bytes pack = get(object.name);
      if (decode_footer(ByteView(pack).last(kFooterSize), pack.size()).type == type && object.size > largest.size)
        largest = object;
    }
    return largest.name;
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

// What a restore told, but for its times.
class ToldItems final : public RunMonitor {
 public:
  void item(std::string_view path, std::string_view what, std::uint64_t bytes) override {
    add(std::string(what) + " " + std::string(path) + " " + std::to_string(bytes));
  }
  void problem(std::string_view what, const Error& error) override { add(std::string(what) + ": " + error.what()); }
  std::multiset<std::string> told() const {
    return told_.with([](const auto& told) { return told; });
  }

 private:
  void add(const std::string& text) {
    told_.with([&](auto& told) { told.insert(text); });
  }
  Guarded<std::multiset<std::string>> told_;
};

std::string in_words(const RestoreSummary& summary) {
  return std::to_string(summary.files) + " files, " + std::to_string(summary.files_unchanged) + " unchanged, " +
         std::to_string(summary.files_skipped) + " skipped, " + std::to_string(summary.directories) + " folders, " +
         std::to_string(summary.other_entries) + " others, " + std::to_string(summary.bytes_written) + " bytes, " +
         std::to_string(summary.deleted) + " deleted, " + std::to_string(summary.problems) + " problems";
}

TEST_F(RestoreTest, A_dry_run_tells_what_the_restore_then_does) {
  const Bytes large = testing::noise(std::size_t{9} << 20, 1);
  write("same", "as before");
  write("large", large);
  write("longer there", "short");
  write("first name", "one file of two names");
  std::filesystem::create_hard_link(source() / "first name", source() / "second name");
  std::filesystem::create_symlink("same", source() / "link");
  std::filesystem::create_symlink("same", source() / "link and folder");
  write_sparse("holes", 3, 2);
  write_sparse("holes with data there", 3, 2);
  write("folder/changed", "new and longer");
  write("folder/deeper/new", "not there");
  write("folder and file/inside", "not there either");
  write("file and folder", "a folder is in its way");
  back_up_source();

  restore_all({.excludes = {"deeper", "folder and file", "file and folder", "link and folder"}});
  put_in_target("folder/changed", "old");
  put_in_target("folder/gone/extra", "extra");
  put_in_target("longer there", "short and more");
  put_in_target("folder and file", "a file");
  put_in_target("file and folder/inside", "mine");
  put_in_target("link and folder/inside", "mine");
  Bytes changed = large;
  changed[5 << 20] ^= 1;
  put_in_target("large", text_of(ByteView(changed)));
  std::fstream(target() / "holes with data there", std::ios::binary | std::ios::in | std::ios::out).seekp(5000) << "x";
  const std::filesystem::path before = scratch / "before";
  std::filesystem::rename(target(), before);

  const auto run = [&](const RestoreOptions& options) {
    ToldItems monitor;
    const std::string summary = in_words(restore(repository, options, monitor, {}));
    return std::pair(summary, monitor.told());
  };
  for (const bool fresh : {false, true})
    for (const bool delete_extra : {false, true})
      for (const Overwrite overwrite : {Overwrite::always, Overwrite::if_changed, Overwrite::never}) {
        RestoreOptions options{.target = target().string(), .overwrite = overwrite, .delete_extra = delete_extra};
        std::filesystem::remove_all(target());
        const std::string copy = "cp -a '" + before.string() + "' '" + target().string() + "'";
        if (!fresh) {
          ASSERT_EQ(std::system(copy.c_str()), 0);
        }
        options.dry_run = true;
        const auto would = run(options);
        if (fresh)
          EXPECT_FALSE(std::filesystem::exists(target()));
        else
          EXPECT_EQ(content_of(target() / "folder/changed"), "old");
        options.dry_run = false;
        EXPECT_EQ(would, run(options));
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

// One file under three names; the first of them in a folder of its own.
class RestoreLinksTest : public RestoreTest {
 protected:
  RestoreLinksTest() {
    write("a/first", testing::noise(std::size_t{3} << 20, 1));
    std::filesystem::create_directory(source() / "b");
    std::filesystem::create_hard_link(source() / "a/first", source() / "b/second");
    std::filesystem::create_hard_link(source() / "a/first", source() / "b/third");
    back_up_source();
  }
  void expect_second_and_third() const {
    EXPECT_TRUE(content_of(target() / "b/second") == content_of(source() / "a/first"));
    EXPECT_TRUE(std::filesystem::equivalent(target() / "b/second", target() / "b/third"));
  }
};

TEST_F(RestoreLinksTest, Further_names_get_the_content_where_the_first_one_cannot) {
  put_in_target("a/first/mine", "a folder in the way");
  const RestoreSummary summary = restore_all({.verify = true});
  EXPECT_EQ(summary.problems, 1U);
  EXPECT_EQ(summary.files, 2U);
  expect_second_and_third();
}

TEST_F(RestoreLinksTest, Each_name_of_a_damaged_file_is_told) {
  flip_a_bit(largest_pack());
  ToldItems monitor;
  const RestoreSummary summary = restore(repository, {.target = target().string()}, monitor, {});
  EXPECT_EQ(summary.problems, 3U);
  EXPECT_EQ(summary.files, 0U);
  const std::multiset<std::string> told = monitor.told();
  for (const std::string name : {"a/first", "b/second", "b/third"})
    EXPECT_TRUE(std::any_of(told.begin(), told.end(), [&](const std::string& each) {
      return each.starts_with(name + ": ");
    })) << name;
}

TEST_F(RestoreLinksTest, Further_names_get_the_content_where_the_first_one_is_excluded) {
  restore_all({.excludes = {"a"}});
  expect_second_and_third();
}

TEST_F(RestoreLinksTest, Further_names_get_the_content_where_the_first_one_lies_elsewhere) {
  restore_all({.snapshot = "latest:/b"});
  EXPECT_TRUE(content_of(target() / "second") == content_of(source() / "a/first"));
  EXPECT_TRUE(std::filesystem::equivalent(target() / "second", target() / "third"));
}

// As when a restore was cut short.
TEST_F(RestoreLinksTest, Further_names_that_are_missing_become_links_of_what_is_there_already) {
  restore_all();
  std::filesystem::remove_all(target() / "b");
  EXPECT_EQ(restore_all({.overwrite = Overwrite::if_changed}).files_unchanged, 1U);
  EXPECT_TRUE(std::filesystem::equivalent(target() / "a/first", target() / "b/second"));
  expect_second_and_third();
}

// Restores twice, first only telling what it would do, which must be the same.
class RestoreOverLinksTest : public RestoreLinksTest {
 protected:
  RestoreOverLinksTest() { restore_all(); }
  RestoreSummary restore_again(RestoreOptions options = {}) {
    options.dry_run = true;
    const std::string would = in_words(restore_all(options));
    options.dry_run = false;
    options.verify = true;
    const RestoreSummary summary = restore_all(options);
    EXPECT_EQ(in_words(summary), would);
    return summary;
  }
  void expect_one_file() const {
    expect_second_and_third();
    EXPECT_TRUE(std::filesystem::equivalent(target() / "a/first", target() / "b/second"));
  }
  std::uint64_t inode_of(const std::string& name) const {
    return read_stat(AT_FDCWD, (target() / name).c_str())->inode;
  }
  std::filesystem::path outside() const { return scratch / "outside"; }
};

TEST_F(RestoreOverLinksTest, What_is_all_as_in_the_snapshot_is_left_untouched) {
  const auto before = read_stat(AT_FDCWD, (target() / "a/first").c_str());
  const RestoreSummary summary = restore_again();
  EXPECT_EQ(summary.files, 0U);
  EXPECT_EQ(summary.files_unchanged, 3U);
  EXPECT_EQ(summary.bytes_written, 0U);
  EXPECT_EQ(read_stat(AT_FDCWD, (target() / "a/first").c_str())->ctime, before->ctime);
  expect_one_file();
}

TEST_F(RestoreOverLinksTest, A_further_name_that_became_another_file_is_mended) {
  const std::uint64_t before = inode_of("a/first");
  std::filesystem::remove(target() / "b/third");
  put_in_target("b/third", "mine");
  const RestoreSummary summary = restore_again();
  EXPECT_EQ(summary.files, 1U);
  EXPECT_EQ(summary.files_unchanged, 2U);
  EXPECT_EQ(inode_of("a/first"), before);
  expect_one_file();
}

TEST_F(RestoreOverLinksTest, What_changed_under_all_its_names_is_made_anew_under_all) {
  std::filesystem::create_hard_link(target() / "a/first", outside());
  put_in_target("b/second", "mine");
  EXPECT_EQ(restore_again().files, 3U);
  EXPECT_EQ(content_of(outside()), "mine");
  expect_one_file();
}

TEST_F(RestoreOverLinksTest, A_name_outside_the_target_neither_loses_nor_gains_by_it) {
  std::filesystem::create_hard_link(target() / "a/first", outside());
  EXPECT_EQ(restore_again().files, 0U);
  EXPECT_TRUE(std::filesystem::equivalent(target() / "a/first", outside()));

  std::filesystem::permissions(outside(), std::filesystem::perms::owner_read);
  EXPECT_EQ(restore_again().files, 3U);
  EXPECT_EQ(std::filesystem::status(outside()).permissions(), std::filesystem::perms::owner_read);
  EXPECT_NE(std::filesystem::status(target() / "a/first").permissions(), std::filesystem::perms::owner_read);
  expect_one_file();
}

TEST_F(RestoreTest, Equal_files_that_are_one_in_the_target_become_two_again) {
  write("one", "the same");
  write("two", "the same");
  std::filesystem::last_write_time(source() / "two", std::filesystem::last_write_time(source() / "one"));
  back_up_source();
  restore_all();
  std::filesystem::remove(target() / "two");
  std::filesystem::create_hard_link(target() / "one", target() / "two");
  const std::string would = in_words(restore_all({.dry_run = true}));
  const RestoreSummary summary = restore_all();
  EXPECT_EQ(in_words(summary), would);
  EXPECT_EQ(summary.files, 1U);
  EXPECT_EQ(content_of(target() / "two"), "the same");
  EXPECT_FALSE(std::filesystem::equivalent(target() / "one", target() / "two"));
}

TEST_F(RestoreTest, What_is_left_alone_is_not_verified) {
  write("left", "as in the snapshot");
  write("missing", "restored");
  back_up_source();
  put_in_target("left", "mine");
  const RestoreSummary summary = restore_all({.overwrite = Overwrite::never, .verify = true});
  EXPECT_EQ(summary.problems, 0U);
  EXPECT_EQ(summary.files_skipped, 1U);
  EXPECT_EQ(summary.bytes_verified, std::string_view("restored").size());
  EXPECT_EQ(content_of(target() / "left"), "mine");
}

TEST_F(RestoreTest, What_is_said_to_be_equal_is_verified) {
  write("changed", "aaaa");
  back_up_source();
  restore_all();
  const auto time = std::filesystem::last_write_time(target() / "changed");
  put_in_target("changed", "bbbb");
  std::filesystem::last_write_time(target() / "changed", time);
  const RestoreSummary summary = restore_all({.overwrite = Overwrite::if_changed, .verify = true});
  EXPECT_EQ(summary.files_unchanged, 1U);
  EXPECT_EQ(summary.problems, 1U);
}

// Whatever else writes to the target between the writing of a file and its verification.
TEST_F(RestoreTest, What_was_changed_before_it_is_verified_is_told) {
  for (const char* name : {"content", "gone", "size", "sound"}) write(name, "as in the snapshot");
  back_up_source();
  class Meddler final : public RunMonitor {
   public:
    explicit Meddler(std::filesystem::path folder) : folder_(std::move(folder)) {}
    void phase(std::string_view name) override {
      if (name != "Verifying") return;
      std::ofstream(folder_ / "content") << "not the snapshot's";
      std::ofstream(folder_ / "size", std::ios::app) << "and more";
      std::filesystem::remove(folder_ / "gone");
    }
    void problem(std::string_view what, const Error& error) override {
      told.with([&](auto& texts) { texts[std::string(what)] = error.message(); });
    }
    Guarded<std::map<std::string, std::string>> told;

   private:
    const std::filesystem::path folder_;
  } meddler(target());
  const RestoreSummary summary = restore(repository, {.target = target().string(), .verify = true}, meddler, {});
  EXPECT_EQ(summary.problems, 3U);
  EXPECT_EQ(summary.bytes_verified, std::string_view("as in the snapshot").size());
  std::map<std::string, std::string> told = meddler.told.with([](auto& texts) { return texts; });
  EXPECT_EQ(told["content"], "the restored file differs from the snapshot");
  EXPECT_EQ(told["size"], "the restored file does not have the right size");
  EXPECT_THAT(told["gone"], ::testing::HasSubstr("No such file"));
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
