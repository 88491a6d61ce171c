#include "fs/safe_tree.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>

#include "base/error.h"
#include "concurrency/task_scope.h"
#include "testing/scratch_dir.h"

namespace igudar {
namespace {

namespace stdfs = std::filesystem;
using ::testing::ElementsAre;

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::interrupted;  // stands for: nothing was thrown
}
Metadata node_of(EntryType type, std::uint32_t major_number = 0, std::uint32_t minor_number = 0) {
  Metadata meta;
  meta.type = type;
  meta.rdev_major = major_number;
  meta.rdev_minor = minor_number;
  return meta;
}

constexpr ErrorCode kNothingThrown = ErrorCode::interrupted;

// With openat2, and as on kernels without it.
class SafeTreeTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    stdfs::create_directory(dir_ / "target");
    stdfs::create_directories(dir_ / "outside/sub");
    std::ofstream(dir_ / "outside/precious") << "kept";
    tree_.emplace((dir_ / "target").string(), SafeTree::Options{.one_component_at_a_time = GetParam()});
  }
  std::string read(const std::string& path) {
    std::ifstream in(dir_ / path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void fill(const std::string& path, std::string_view text) {
    const UniqueFd fd = tree_->create_file(path, InTheWay::replace);
    ASSERT_EQ(::write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // What is outside of the target is as it was.
  void TearDown() override {
    EXPECT_EQ(read("outside/precious"), "kept");
    EXPECT_EQ(std::distance(stdfs::directory_iterator(dir_ / "outside"), stdfs::directory_iterator()), 2);
    EXPECT_TRUE(stdfs::is_empty(dir_ / "outside/sub"));
  }

  testing::ScratchDir dir_;
  std::optional<SafeTree> tree_;
};

INSTANTIATE_TEST_SUITE_P(Kernels, SafeTreeTest, ::testing::Bool(),
                         [](const auto& kernel) { return kernel.param ? "without_openat2" : "with_openat2"; });

TEST_P(SafeTreeTest, Names_that_lead_elsewhere_are_refused) {
  using namespace std::string_literals;
  tree_->make_directory("d", InTheWay::refuse);
  for (const std::string& path : {""s, "/"s, "/etc/x"s, ".."s, "../outside/x"s, "d/../../outside/x"s, "."s, "d/."s,
                                  "d//x"s, "d/"s, "d/.."s, "x\0y"s, "d/x\0"s}) {
    EXPECT_EQ(code_of([&] { tree_->create_file(path, InTheWay::replace_with_all); }), ErrorCode::damaged) << path;
    EXPECT_EQ(code_of([&] { tree_->make_directory(path, InTheWay::replace_with_all); }), ErrorCode::damaged) << path;
    EXPECT_EQ(code_of([&] { tree_->remove_tree(path); }), ErrorCode::damaged) << path;
    EXPECT_EQ(code_of([&] { tree_->hard_link(path, "d/new", InTheWay::replace); }), ErrorCode::damaged) << path;
  }
}

TEST_P(SafeTreeTest, A_symlink_for_a_parent_is_never_followed) {
  stdfs::create_directory_symlink("../outside", dir_ / "target/link");
  stdfs::create_directory_symlink(dir_ / "outside", dir_ / "target/absolute");
  for (const std::string link : {"link", "absolute"}) {
    EXPECT_NE(code_of([&] { tree_->create_file(link + "/new", InTheWay::replace); }), kNothingThrown);
    EXPECT_NE(code_of([&] { tree_->create_file(link + "/sub/new", InTheWay::replace); }), kNothingThrown);
    EXPECT_NE(code_of([&] { tree_->make_directory(link + "/new", InTheWay::replace); }), kNothingThrown);
    EXPECT_NE(code_of([&] { tree_->make_symlink(link + "/new", "x", InTheWay::replace); }), kNothingThrown);
    EXPECT_NE(code_of([&] { tree_->remove_tree(link + "/precious"); }), kNothingThrown);
    EXPECT_NE(code_of([&] { (void)tree_->open(link, O_RDONLY); }), kNothingThrown);
    EXPECT_NE(code_of([&] { (void)tree_->list_names(link); }), kNothingThrown);
  }
}

TEST_P(SafeTreeTest, A_parent_swapped_for_a_symlink_meanwhile_is_not_followed) {
  tree_->make_directory("d", InTheWay::refuse);
  fill("d/f", "x");
  stdfs::rename(dir_ / "target/d", dir_ / "target/moved");
  stdfs::create_directory_symlink("../outside", dir_ / "target/d");
  SafeTree fresh((dir_ / "target").string(), SafeTree::Options{.one_component_at_a_time = GetParam()});
  EXPECT_NE(code_of([&] { fresh.create_file("d/new", InTheWay::replace); }), kNothingThrown);
  // A tree that has the directory open goes on in it, wherever it is by now; never behind the symlink.
  fill("d/g", "y");
  EXPECT_EQ(read("target/moved/g"), "y");
}

TEST_P(SafeTreeTest, A_symlink_in_the_way_of_a_file_is_replaced_not_written_through) {
  stdfs::create_symlink("../outside/precious", dir_ / "target/f");
  EXPECT_EQ(code_of([&] { tree_->create_file("f", InTheWay::refuse); }), ErrorCode::already_exists);
  EXPECT_FALSE(tree_->open_for_update("f").valid());
  fill("f", "new");
  EXPECT_EQ(read("target/f"), "new");
  EXPECT_TRUE(stdfs::is_regular_file(stdfs::symlink_status(dir_ / "target/f")));
}

TEST_P(SafeTreeTest, A_file_with_other_names_is_not_updated_in_place) {
  stdfs::create_hard_link(dir_ / "outside/precious", dir_ / "target/f");
  EXPECT_FALSE(tree_->open_for_update("f").valid());
  fill("f", "new");
  fill("own", "1");
  EXPECT_TRUE(tree_->open_for_update("own").valid());
  EXPECT_FALSE(tree_->open_for_update("missing").valid());
}

TEST_P(SafeTreeTest, A_file_is_opened_for_reading_whatever_its_other_names_and_nothing_else_is) {
  stdfs::create_hard_link(dir_ / "outside/precious", dir_ / "target/f");
  stdfs::create_symlink("f", dir_ / "target/link");
  tree_->make_directory("d", InTheWay::refuse);
  tree_->make_node("fifo", node_of(EntryType::fifo), InTheWay::refuse);
  const UniqueFd fd = tree_->open_for_reading("f");
  ASSERT_TRUE(fd.valid());
  EXPECT_LT(::write(fd.get(), "x", 1), 0);
  for (const std::string name : {"link", "d", "fifo", "missing"})
    EXPECT_FALSE(tree_->open_for_reading(name).valid()) << name;
}

TEST_P(SafeTreeTest, Directories_are_kept_and_other_things_replaced_only_when_told_so) {
  EXPECT_TRUE(tree_->make_directory("d", InTheWay::refuse));
  EXPECT_FALSE(tree_->make_directory("d", InTheWay::replace_with_all));
  fill("d/f", "x");
  EXPECT_EQ(code_of([&] { tree_->create_file("d", InTheWay::replace); }), ErrorCode::already_exists);
  EXPECT_EQ(read("target/d/f"), "x");
  fill("file", "x");
  EXPECT_EQ(code_of([&] { tree_->make_directory("file", InTheWay::refuse); }), ErrorCode::already_exists);
  EXPECT_TRUE(tree_->make_directory("file", InTheWay::replace));
  EXPECT_TRUE(tree_->create_file("d", InTheWay::replace_with_all).valid());
  EXPECT_TRUE(stdfs::is_regular_file(dir_ / "target/d"));
}

TEST_P(SafeTreeTest, A_directory_made_anew_is_not_the_one_remembered) {
  tree_->make_directory("d", InTheWay::refuse);
  fill("d/f", "old");
  EXPECT_TRUE(tree_->remove_tree("d"));
  EXPECT_FALSE(tree_->remove_tree("d"));
  tree_->make_directory("d", InTheWay::refuse);
  fill("d/f", "new");
  EXPECT_EQ(read("target/d/f"), "new");
}

TEST_P(SafeTreeTest, Removing_a_tree_does_not_follow_its_symlinks) {
  tree_->make_directory("d", InTheWay::refuse);
  tree_->make_directory("d/e", InTheWay::refuse);
  tree_->make_symlink("d/e/link", "../../../outside", InTheWay::refuse);
  fill("d/e/f", "x");
  EXPECT_TRUE(tree_->remove_tree("d"));
  EXPECT_FALSE(tree_->stat("d"));
}

TEST_P(SafeTreeTest, Links_nodes_and_strange_names_come_out_as_asked) {
  const std::string name = "new\nline \xff\xfe";
  tree_->make_directory(name, InTheWay::refuse);
  fill(name + "/f", "x");
  tree_->hard_link(name + "/f", "hard", InTheWay::refuse);
  tree_->hard_link(name + "/f", "hard", InTheWay::refuse);  // is there already
  const std::string target(4000, 'l');
  tree_->make_symlink("soft", target, InTheWay::refuse);
  tree_->make_node("pipe", node_of(EntryType::fifo), InTheWay::refuse);
  tree_->make_node("sock", node_of(EntryType::socket), InTheWay::refuse);
  EXPECT_TRUE(tree_->stat("hard")->same_inode(*tree_->stat(name + "/f")));
  EXPECT_EQ(std::filesystem::read_symlink(tree_->full_path("soft")), target);
  EXPECT_TRUE(S_ISFIFO(tree_->stat("pipe")->mode));
  EXPECT_TRUE(S_ISSOCK(tree_->stat("sock")->mode));
  EXPECT_THAT(tree_->list_names(""), ElementsAre("hard", name, "pipe", "sock", "soft"));
  EXPECT_THAT(tree_->list_names(name), ElementsAre("f"));
  tree_->make_symlink("soft", "elsewhere", InTheWay::replace);
  EXPECT_EQ(std::filesystem::read_symlink(tree_->full_path("soft")), "elsewhere");
}

TEST_P(SafeTreeTest, Devices_come_out_with_their_numbers) {
  const Metadata null = node_of(EntryType::char_device, 1, 3);
  try {
    tree_->make_node("null", null, InTheWay::refuse);
  } catch (const Error& error) {
    GTEST_SKIP() << "no devices can be made here: " << error.what();
  }
  EXPECT_EQ(tree_->stat("null")->rdev_major, 1U);
  EXPECT_EQ(tree_->stat("null")->rdev_minor, 3U);
  EXPECT_TRUE(S_ISCHR(tree_->stat("null")->mode));
}

TEST_P(SafeTreeTest, Paths_longer_than_the_system_takes_at_once_are_reached) {
  std::string path;
  for (int i = 0; i < 40; ++i) {
    path += (path.empty() ? "" : "/") + std::string(200, 'd');
    tree_->make_directory(path, InTheWay::refuse);
  }
  fill(path + "/f", "deep");
  EXPECT_EQ(tree_->stat(path + "/f")->size, 4U);
  EXPECT_TRUE(tree_->remove_tree(std::string(200, 'd')));
}

TEST_P(SafeTreeTest, Many_threads_write_into_more_directories_than_are_remembered) {
  for (int d = 0; d < 100; ++d) tree_->make_directory("d" + std::to_string(d), InTheWay::refuse);
  parallel_for(1000, 4, {}, [&](std::size_t i) {
    const std::string path = "d" + std::to_string(i % 100) + "/f" + std::to_string(i);
    const UniqueFd fd = tree_->create_file(path, InTheWay::refuse);
    ASSERT_EQ(::write(fd.get(), path.data(), path.size()), static_cast<ssize_t>(path.size()));
  });
  for (std::size_t i = 0; i < 1000; ++i) {
    const std::string path = "d" + std::to_string(i % 100) + "/f" + std::to_string(i);
    EXPECT_EQ(read("target/" + path), path);
  }
}

}  // namespace
}  // namespace igudar
