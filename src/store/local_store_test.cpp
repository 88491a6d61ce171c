#include "store/local_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "store/expect_error.h"
#include "testing/scratch_dir.h"

namespace igudar {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 40;
const ObjectName kPack{ObjectKind::pack, "0a1b2c"};

mode_t mode_of(const fs::path& path) {
  struct stat info {};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream(path) << text;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

// A file system of its own, where the tests run as root; unmounted at the end.
class SmallFileSystem {
 public:
  explicit SmallFileSystem(fs::path folder) : folder_(std::move(folder)) {
    fs::create_directory(folder_);
    mounted_ = ::mount("none", folder_.c_str(), "tmpfs", 0, "size=1m") == 0;
  }
  ~SmallFileSystem() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  bool make_read_only() const { return ::mount("none", folder_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "") == 0; }

 private:
  fs::path folder_;
  bool mounted_ = false;
};

class LocalStoreTest : public ::testing::Test {
 protected:
  LocalStoreTest() : root_(scratch_ / "repo"), store_(root_) { store_.create({}); }

  testing::ScratchDir scratch_;
  fs::path root_;
  LocalStore store_;
};

TEST_F(LocalStoreTest, Keeps_others_out_whatever_the_umask) {
  const mode_t before = ::umask(0);
  const fs::path root = scratch_ / "a/b/repo";
  LocalStore store(root);
  store.create({});
  store.put({}, view_of("config"), Durability::durable, {});
  store.put(kPack, view_of("pack"), Durability::durable, {});
  ::umask(before);
  EXPECT_EQ(mode_of(root), 0700U);
  for (const char* folder : {"packs", "packs/0a", "tmp", "keys", "leases"}) EXPECT_EQ(mode_of(root / folder), 0700U);
  EXPECT_EQ(mode_of(root / "config"), 0400U);
  EXPECT_EQ(mode_of(root / "packs/0a/0a1b2c"), 0400U);
}

TEST_F(LocalStoreTest, Refuses_a_folder_that_holds_anything) {
  fs::create_directory(scratch_ / "mine");
  write_file(scratch_ / "mine/letter", "dear");
  LocalStore store(scratch_ / "mine");
  const Error error = error_of([&] { store.create({}); });
  EXPECT_EQ(error.code(), ErrorCode::already_exists);
  EXPECT_THAT(error.hint(), Not(IsEmpty()));
  EXPECT_THAT(names_in(scratch_ / "mine"), ElementsAre("letter"));
}

TEST_F(LocalStoreTest, Makes_a_repository_in_an_empty_folder) {
  fs::create_directory(scratch_ / "empty");
  LocalStore store(scratch_ / "empty/");
  store.create({});
  EXPECT_EQ(mode_of(scratch_ / "empty"), 0700U);
  store.put({}, view_of("config"), Durability::durable, {});
}

TEST_F(LocalStoreTest, Ignores_foreign_files_in_listings) {
  store_.put(kPack, view_of("pack"), Durability::durable, {});
  store_.put({ObjectKind::key, "k"}, view_of("key"), Durability::durable, {});
  write_file(root_ / "packs/Thumbs.db", "x");
  write_file(root_ / "packs/0a/.DS_Store", "x");
  write_file(root_ / "packs/0a/ff", "in the wrong folder");
  write_file(root_ / "packs/zz", "no folder");
  fs::create_directory(root_ / "packs/long");
  write_file(root_ / "keys/k~", "x");
  fs::create_directory(root_ / "keys/folder");
  fs::create_symlink("k", root_ / "keys/link");
  EXPECT_EQ(store_.list(ObjectKind::pack, {}).size(), 1U);
  EXPECT_EQ(store_.list(ObjectKind::key, {}).size(), 1U);
}

TEST_F(LocalStoreTest, Takes_a_missing_folder_for_an_empty_one) {
  for (const char* folder : {"packs", "leases", "tmp"}) fs::remove(root_ / folder);
  EXPECT_THAT(store_.list(ObjectKind::pack, {}), IsEmpty());
  store_.put(kPack, view_of("pack"), Durability::durable, {});
  store_.put({ObjectKind::lease, "l"}, view_of("lease"), Durability::volatile_, {});
  EXPECT_EQ(store_.list(ObjectKind::pack, {}).size(), 1U);
}

TEST_F(LocalStoreTest, Refuses_symbolic_links_in_place_of_objects_and_folders) {
  store_.put(kPack, view_of("pack"), Durability::durable, {});
  write_file(scratch_ / "secret", "secret");
  fs::create_symlink(scratch_ / "secret", root_ / "keys/k");
  fs::remove(root_ / "index");
  fs::create_directory(scratch_ / "elsewhere");
  fs::create_symlink(scratch_ / "elsewhere", root_ / "index");
  ASSERT_EQ(::mkfifo((root_ / "keys/fifo").c_str(), 0600), 0);
  Bytes byte(1);
  EXPECT_EQ(error_of([&] { (void)store_.get({ObjectKind::key, "k"}, kNoLimit, {}); }).code(), ErrorCode::damaged);
  EXPECT_EQ(error_of([&] { store_.get_range({ObjectKind::key, "k"}, 0, byte, {}); }).code(), ErrorCode::damaged);
  EXPECT_EQ(error_of([&] { (void)store_.stat({ObjectKind::key, "k"}, {}); }).code(), ErrorCode::damaged);
  EXPECT_EQ(error_of([&] { (void)store_.get({ObjectKind::key, "fifo"}, kNoLimit, {}); }).code(), ErrorCode::damaged);
  EXPECT_THROW(store_.put({ObjectKind::index, "i"}, view_of("x"), Durability::durable, {}), Error);
  EXPECT_THAT(names_in(scratch_ / "elsewhere"), IsEmpty());
}

TEST_F(LocalStoreTest, Holds_one_file_for_each_deferred_object_and_none_afterwards) {
  store_.put(kPack, view_of("pack"), Durability::deferred, {});
  EXPECT_EQ(names_in(root_ / "tmp").size(), 2U);  // the object and the session's lock
  store_.flush({});
  EXPECT_EQ(names_in(root_ / "tmp").size(), 1U);
}

TEST_F(LocalStoreTest, Drops_deferred_objects_that_were_never_flushed) {
  {
    LocalStore other(root_);
    other.put(kPack, view_of("pack"), Durability::deferred, {});
  }
  EXPECT_THAT(names_in(root_ / "tmp"), IsEmpty());
  EXPECT_EQ(store_.stat(kPack, {}), std::nullopt);
}

TEST_F(LocalStoreTest, Publishes_the_others_when_a_deferred_name_was_taken_meanwhile) {
  store_.put(kPack, view_of("mine"), Durability::deferred, {});
  store_.put({ObjectKind::index, "i"}, view_of("index"), Durability::deferred, {});
  LocalStore(root_).put(kPack, view_of("theirs"), Durability::durable, {});
  EXPECT_EQ(error_of([&] { store_.flush({}); }).code(), ErrorCode::already_exists);
  EXPECT_EQ(text_of(store_.get(kPack, kNoLimit, {})), "theirs");
  EXPECT_EQ(text_of(store_.get({ObjectKind::index, "i"}, kNoLimit, {})), "index");
  store_.flush({});
}

TEST_F(LocalStoreTest, Keeps_deferred_objects_when_a_flush_is_stopped) {
  store_.put(kPack, view_of("pack"), Durability::deferred, {});
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(error_of([&] { store_.flush(source.get_token()); }).code(), ErrorCode::interrupted);
  store_.flush({});
  EXPECT_EQ(text_of(store_.get(kPack, kNoLimit, {})), "pack");
}

TEST_F(LocalStoreTest, Removes_the_temporaries_of_a_crashed_writer_and_spares_a_living_one) {
  const pid_t child = ::fork();
  if (child == 0) {
    LocalStore crashing(root_);
    const auto writer = crashing.open_writer(kPack, {});
    writer->append(Bytes(1 << 20), {});
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(names_in(root_ / "tmp").size(), 2U);

  LocalStore living(root_);
  const auto writer = living.open_writer(kPack, {});
  EXPECT_EQ(names_in(root_ / "tmp").size(), 2U);  // the living one's
  store_.remove_stale_temporaries();
  EXPECT_EQ(names_in(root_ / "tmp").size(), 2U);
  writer->finish(Durability::durable, {});
  EXPECT_NE(store_.stat(kPack, {}), std::nullopt);
}

TEST_F(LocalStoreTest, Removes_temporaries_that_nobody_can_speak_for_once_they_are_old) {
  write_file(root_ / "tmp/00000000-young.0", "x");
  write_file(root_ / "tmp/00000000-old.0", "x");
  write_file(root_ / "tmp/00000000-old.lock", "");
  const auto two_days_ago = fs::file_time_type::clock::now() - std::chrono::hours(48);
  fs::last_write_time(root_ / "tmp/00000000-old.0", two_days_ago);
  fs::last_write_time(root_ / "tmp/00000000-old.lock", two_days_ago);
  store_.remove_stale_temporaries();
  EXPECT_THAT(names_in(root_ / "tmp"), ElementsAre("00000000-young.0"));
}

TEST_F(LocalStoreTest, Keeps_few_files_open_however_many_objects_it_holds) {
  const auto open_files = [] { return names_in("/proc/self/fd").size(); };
  const auto name = [](int i) { return ObjectName{ObjectKind::pack, std::to_string(1000 + i)}; };
  store_.put(kPack, view_of("pack"), Durability::durable, {});
  const std::size_t at_first = open_files();
  for (int i = 0; i < 200; ++i) store_.put(name(i), view_of("pack"), Durability::deferred, {});
  EXPECT_LE(open_files() - at_first, 64U);
  store_.flush({});
  EXPECT_EQ(open_files(), at_first);

  Bytes byte(1);
  for (int i = 0; i < 200; ++i) store_.get_range(name(i), 0, byte, {});
  EXPECT_EQ(open_files() - at_first, 32U);
}

TEST_F(LocalStoreTest, Notices_an_object_cut_short) {
  store_.put(kPack, view_of("0123456789"), Durability::durable, {});
  fs::permissions(root_ / "packs/0a/0a1b2c", fs::perms::owner_all);
  fs::resize_file(root_ / "packs/0a/0a1b2c", 5);
  Bytes out(6);
  EXPECT_EQ(error_of([&] { store_.get_range(kPack, 0, out, {}); }).code(), ErrorCode::truncated);
}

TEST_F(LocalStoreTest, Says_that_the_disk_is_full_and_leaves_nothing_behind) {
  const SmallFileSystem disk(scratch_ / "small");
  if (!disk.mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
  LocalStore store(scratch_ / "small/repo");
  store.create({});
  const Bytes too_much(4 << 20);
  const Error error = error_of([&] { store.put(kPack, too_much, Durability::durable, {}); });
  EXPECT_EQ(error.code(), ErrorCode::no_space);
  EXPECT_THAT(error.what(), HasSubstr("packs/0a1b2c"));
  EXPECT_THAT(error.what(), HasSubstr(store.location()));
  {
    const auto writer = store.open_writer(kPack, {});
    EXPECT_EQ(error_of([&] { writer->append(too_much, {}); }).code(), ErrorCode::no_space);
  }
  store.put(kPack, view_of("fits"), Durability::durable, {});
  EXPECT_EQ(text_of(store.get(kPack, kNoLimit, {})), "fits");
}

TEST_F(LocalStoreTest, Reads_from_a_read_only_file_system_and_explains_why_it_cannot_write) {
  const SmallFileSystem disk(scratch_ / "small");
  if (!disk.mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
  {
    LocalStore store(scratch_ / "small/repo");
    store.create({});
    store.put(kPack, view_of("pack"), Durability::durable, {});
  }
  ASSERT_TRUE(disk.make_read_only());
  LocalStore store(scratch_ / "small/repo");
  EXPECT_EQ(text_of(store.get(kPack, kNoLimit, {})), "pack");
  EXPECT_GT(store.now({}), 0);
  for (const auto& action : {std::function<void()>([&] { store.put({}, {}, Durability::durable, {}); }),
                             std::function<void()>([&] { store.remove(kPack, {}); })}) {
    const Error error = error_of(action);
    EXPECT_EQ(error.code(), ErrorCode::permission);
    EXPECT_THAT(error.hint(), HasSubstr("read-only"));
  }
}

TEST_F(LocalStoreTest, Says_that_access_is_denied) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  fs::permissions(root_ / "tmp", fs::perms::owner_read | fs::perms::owner_exec);
  const Error error = error_of([&] { store_.put(kPack, view_of("x"), Durability::durable, {}); });
  EXPECT_EQ(error.code(), ErrorCode::permission);
  fs::permissions(root_ / "tmp", fs::perms::owner_all);
}

}  // namespace
}  // namespace igudar
