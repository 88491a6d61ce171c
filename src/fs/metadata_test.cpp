#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "fs/metadata_reader.h"
#include "fs/metadata_writer.h"
#include "testing/scratch_dir.h"

namespace igudar {
namespace {

namespace stdfs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool is_root() {
  return ::geteuid() == 0;
}

bool succeeds_as_nobody(const std::function<bool()>& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool dropped = !is_root() || (::setegid(65534) == 0 && ::seteuid(65534) == 0);
    ::_exit(dropped && check() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class MetadataTest : public ::testing::Test {
 protected:
  // As a backup keeps it.
  Metadata read(const std::string& name, bool open_file = true) {
    const SourceName source{directory_, name};
    const auto stat = read_stat(directory_->fd()->get(), name.c_str());
    EXPECT_TRUE(stat.has_value()) << name;
    Metadata meta = metadata_of(*stat, true);
    UniqueFd fd;
    if (open_file && stat->is_file()) fd = source.open(O_RDONLY);
    complete_metadata(source, fd.get(), {.on_problem = [this](const Error& e) { problems_.emplace_back(e.what()); }},
                      meta);
    return meta;
  }
  // As a restore gives it.
  void apply(const std::string& name, const Metadata& meta, ApplyOptions options = {}) {
    options.on_problem = [this](const Error& e) { problems_.emplace_back(e.what()); };
    apply_metadata(tree_, name, -1, meta, options);
  }
  void put(const std::string& name) { std::ofstream(path(name)) << "x"; }
  std::string path(const std::string& name) { return (dir_ / name).string(); }
  bool set_user_xattr(const std::string& name, const std::string& key, std::string_view value) {
    return ::lsetxattr(path(name).c_str(), key.c_str(), value.data(), value.size(), 0) == 0;
  }

  testing::ScratchDir dir_;
  std::shared_ptr<SourceDirectory> directory_ =
      std::make_shared<SourceDirectory>(nullptr, dir_.path(), std::make_shared<OpenDirectories>());
  SafeTree tree_{dir_.path()};
  std::vector<std::string> problems_;
};

// ctime and inode are the copy's own.
Metadata comparable(Metadata meta) {
  meta.ctime = 0;
  meta.inode = 0;
  return meta;
}

TEST_F(MetadataTest, A_time_beyond_what_is_kept_is_the_last_one_that_is) {
  put("file");
  const struct timespec times[2] = {{.tv_sec = 0, .tv_nsec = 0},
                                    {.tv_sec = 10'413'792'000, .tv_nsec = 5}};  // the year 2300
  ASSERT_EQ(::utimensat(AT_FDCWD, path("file").c_str(), times, 0), 0);
  struct stat status {};
  ASSERT_EQ(::stat(path("file").c_str(), &status), 0);
  if (status.st_mtim.tv_sec != times[1].tv_sec) GTEST_SKIP() << "the file system does not keep such times";
  EXPECT_EQ(read("file").mtime, TimeNs{9'223'372'035} * kNsPerSecond + 5);
}

TEST_F(MetadataTest, A_file_comes_back_as_it_was) {
  put("f");
  put("copy");
  ASSERT_EQ(::chmod(path("f").c_str(), 0451), 0);
  const struct timespec times[2] = {{.tv_sec = 1000000001, .tv_nsec = 123456789}, {.tv_sec = -5, .tv_nsec = 999999999}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path("f").c_str(), times, 0), 0);
  const Metadata meta = read("f");
  EXPECT_EQ(meta.mtime, -4 * kNsPerSecond - 1);
  EXPECT_EQ(meta.atime, 1000000001 * kNsPerSecond + 123456789);
  EXPECT_EQ(meta.user, user_name(::geteuid()));
  apply("copy", meta);
  EXPECT_EQ(comparable(read("copy")), comparable(meta));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(MetadataTest, What_would_be_applied_is_there_only_when_all_of_it_is) {
  put("f");
  ASSERT_EQ(::chmod(path("f").c_str(), 0640), 0);
  const bool with_xattrs = set_user_xattr("f", "user.kept", "value");
  const Metadata meta = read("f");
  const auto has = [&](const Metadata& wanted, ApplyOptions options = {}) {
    return has_metadata(tree_.open("f", O_RDONLY).get(), wanted, options);
  };
  const auto with = [&](auto change) {
    Metadata other = meta;
    change(other);
    return other;
  };
  EXPECT_TRUE(has(meta));
  EXPECT_FALSE(has(with([](Metadata& m) { m.mode = 0600; })));
  EXPECT_FALSE(has(with([](Metadata& m) { ++m.mtime; })));
  EXPECT_FALSE(has(with([](Metadata& m) { ++*m.atime; })));
  EXPECT_TRUE(has(with([](Metadata& m) { m.atime.reset(); })));
  EXPECT_FALSE(has(with([](Metadata& m) { m.flags = FS_NODUMP_FL; })));
  const Metadata of_others = with([](Metadata& m) {
    m.user.clear();
    ++m.uid;
  });
  EXPECT_FALSE(has(of_others, {.owners = true}));
  EXPECT_TRUE(has(of_others, {.owners = false}));
  if (!with_xattrs) GTEST_SKIP() << "no user attributes here";
  EXPECT_FALSE(has(with([](Metadata& m) { m.xattrs.clear(); })));
  EXPECT_FALSE(has(with([](Metadata& m) { m.xattrs.front().value.back() = 'E'; })));
  EXPECT_FALSE(has(with([](Metadata& m) { m.xattrs.front().value.pop_back(); })));
  EXPECT_FALSE(has(with([](Metadata& m) { m.xattrs.push_back({"user.missing", {}}); })));
}

TEST_F(MetadataTest, An_unchanged_entry_is_known_by_its_stat) {
  put("f");
  const Metadata kept = read("f");
  const auto stat = [&] { return *read_stat(AT_FDCWD, path("f").c_str()); };
  EXPECT_TRUE(is_unchanged(stat(), kept));
  for (const auto field : {&Metadata::mtime, &Metadata::ctime}) {
    Metadata other = kept;
    other.*field -= 1;
    EXPECT_FALSE(is_unchanged(stat(), other));
  }
  for (const auto field : {&Metadata::size, &Metadata::inode, &Metadata::links}) {
    Metadata other = kept;
    other.*field += 1;
    EXPECT_FALSE(is_unchanged(stat(), other));
  }
  ASSERT_EQ(::chmod(path("f").c_str(), 0400), 0);
  EXPECT_FALSE(is_unchanged(stat(), kept));
}

TEST_F(MetadataTest, Hard_links_carry_their_device) {
  put("f");
  EXPECT_EQ(read("f").device, 0U);
  stdfs::create_hard_link(path("f"), path("g"));
  EXPECT_EQ(read("f").links, 2U);
  EXPECT_NE(read("f").device, 0U);
  EXPECT_EQ(read("f").inode, read("g").inode);
}

TEST_F(MetadataTest, A_symlink_is_itself_whatever_it_leads_to) {
  const std::string target(3000, 't');
  stdfs::create_symlink(target, path("link"));
  put("victim");
  stdfs::create_symlink("victim", path("copy"));
  const Metadata before = read("victim");
  Metadata meta = read("link");
  EXPECT_EQ(meta.link_target, target);
  meta.mtime = 42;
  meta.mode = 0777;
  apply("copy", meta);
  EXPECT_EQ(read("copy").mtime, 42);
  EXPECT_EQ(read("victim"), before);
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(MetadataTest, User_attributes_are_kept_sorted_and_foreign_ones_removed) {
  put("f");
  put("copy");
  const std::string large(3000, '\0');
  if (!set_user_xattr("f", "user.b", large)) GTEST_SKIP() << "no user attributes on this file system";
  ASSERT_TRUE(set_user_xattr("f", "user.a", ""));
  ASSERT_TRUE(set_user_xattr("copy", "user.old", "gone"));
  const Metadata meta = read("f");
  EXPECT_EQ(meta.xattrs, (std::vector<Xattr>{{"user.a", {}}, {"user.b", Bytes(3000)}}));
  EXPECT_EQ(read("f", false).xattrs, meta.xattrs);  // by name, without a descriptor
  apply("copy", meta);
  EXPECT_EQ(read("copy").xattrs, meta.xattrs);
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(MetadataTest, Access_control_lists_are_kept) {
  stdfs::create_directory(path("d"));
  stdfs::create_directory(path("copy"));
  const std::string set = "setfacl -m u:daemon:rwx,g:daemon:r,d:u:daemon:r '" + path("d") + "' 2>/dev/null";
  if (std::system(set.c_str()) != 0) GTEST_SKIP() << "no access control lists here";
  const Metadata meta = read("d");
  EXPECT_EQ(meta.xattrs.size(), 2U);
  apply("copy", meta);
  EXPECT_EQ(comparable(read("copy")), comparable(meta));
  stdfs::create_directory(path("plain"));
  Metadata without = read("plain");
  apply("copy", without);
  EXPECT_THAT(read("copy").xattrs, IsEmpty());
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(MetadataTest, Owners_go_by_name_before_id_and_keep_setuid) {
  if (!can_change_owners()) GTEST_SKIP() << "only root may change owners";
  put("f");
  Metadata meta = read("f");
  meta.user = "daemon";
  meta.group = "no such group";
  meta.uid = 12345;
  meta.gid = 54321;
  meta.mode = 06755;
  apply("f", meta);
  Metadata now = read("f");
  EXPECT_EQ(now.user, "daemon");
  EXPECT_EQ(now.gid, 54321U);
  EXPECT_EQ(now.mode, 06755U);
  apply("f", meta, {.numeric_ids = true});
  EXPECT_EQ(read("f").uid, 12345U);
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(MetadataTest, Setuid_is_not_given_to_another_owner) {
  stdfs::permissions(dir_.path(), stdfs::perms::all);
  EXPECT_TRUE(succeeds_as_nobody([&] {
    put("own");
    Metadata meta = read("own");
    const std::uint32_t self = meta.uid;
    meta.mode = 06755;
    meta.uid = self + 1;
    meta.gid = meta.gid + 1;
    meta.user = meta.group = "";
    apply("own", meta);
    const bool dropped = read("own").mode == 0755;
    meta.uid = self;
    apply("own", meta);
    return dropped && read("own").mode == 04755 && !can_change_owners() && problems_.empty();
  }));
}

TEST_F(MetadataTest, A_directory_without_permissions_is_still_finished_by_its_owner) {
  stdfs::permissions(dir_.path(), stdfs::perms::all);
  EXPECT_TRUE(succeeds_as_nobody([&] {
    stdfs::create_directory(path("d"));
    Metadata meta = read("d");
    meta.mode = 0;
    meta.mtime = 77;
    apply("d", meta);
    apply("d", meta);
    return read("d").mtime == 77 && read("d").mode == 0;
  }));
}

TEST_F(MetadataTest, What_cannot_be_set_is_a_problem_and_the_rest_is_set) {
  put("f");
  Metadata meta = read("f");
  meta.xattrs = {{"nonsense.x", {}}};
  meta.mtime = 42;
  apply("f", meta);
  EXPECT_EQ(problems_.size(), 1U);
  EXPECT_EQ(read("f").mtime, 42);
  apply("missing", meta);
  EXPECT_EQ(problems_.size(), 2U);
}

TEST_F(MetadataTest, Immutable_files_are_given_all_else_first) {
  put("f");
  Metadata meta = read("f");
  meta.flags = FS_IMMUTABLE_FL | FS_NODUMP_FL;
  meta.mtime = 42;
  apply("f", meta);
  const UniqueFd fd(::open(path("f").c_str(), O_RDONLY));
  const Metadata now = read("f");
  unsigned int none = 0;
  ::ioctl(fd.get(), FS_IOC_SETFLAGS, &none);
  if (!problems_.empty()) GTEST_SKIP() << problems_.front();
  EXPECT_EQ(now.flags, meta.flags);
  EXPECT_EQ(now.mtime, 42);
}

TEST_F(MetadataTest, Fifos_and_directories_are_read_without_waiting) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  stdfs::create_directory(path("d"));
  Metadata meta = read("pipe");
  EXPECT_EQ(meta.type, EntryType::fifo);
  meta.mode = 0640;
  meta.mtime = 42;
  meta.flags = FS_NODUMP_FL;  // cannot be set on it
  apply("pipe", meta);
  EXPECT_EQ(read("pipe").mode, 0640U);
  EXPECT_EQ(read("pipe").mtime, 42);
  EXPECT_EQ(read("d").links, 1U);
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(MetadataTest, An_entry_of_another_type_is_left_alone) {
  put("f");
  Metadata meta = read("f");
  meta.mode = 0;
  stdfs::remove(path("f"));
  stdfs::create_directory(path("f"));
  apply("f", meta);
  EXPECT_EQ(problems_.size(), 1U);
  EXPECT_NE(read("f").mode, 0U);
}

}  // namespace
}  // namespace igudar
