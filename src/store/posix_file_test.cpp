#include "store/posix_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>

#include "testing/scratch_dir.h"

namespace igudar {
namespace {

namespace fs = std::filesystem;

// Both ways of moving a file to a name that must be free.
using Move = int (*)(int, const std::string&, int, const std::string&);

class MoveTest : public ::testing::TestWithParam<Move> {
 protected:
  MoveTest() {
    fs::create_directory(scratch_ / "to");
    from_.reset(::open(scratch_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EXPECT_EQ(open_folder_in(from_.get(), "to", to_), 0);
    std::ofstream(scratch_ / "file") << "content";
  }
  int move() { return GetParam()(from_.get(), "file", to_.get(), "name"); }

  testing::ScratchDir scratch_;
  UniqueFd from_;
  UniqueFd to_;
};
INSTANTIATE_TEST_SUITE_P(Ways, MoveTest, ::testing::Values(&move_without_replacing, &move_by_link));

TEST_P(MoveTest, Gives_a_file_its_name_and_takes_the_old_one) {
  EXPECT_EQ(move(), 0);
  EXPECT_TRUE(fs::exists(scratch_ / "to/name"));
  EXPECT_FALSE(fs::exists(scratch_ / "file"));
}

TEST_P(MoveTest, Replaces_nothing) {
  std::ofstream(scratch_ / "to/name") << "other content";
  EXPECT_EQ(move(), EEXIST);
  EXPECT_EQ(fs::file_size(scratch_ / "to/name"), 13U);
  EXPECT_TRUE(fs::exists(scratch_ / "file"));
}

TEST(MoveByLink, Recognises_its_own_link_when_the_reply_was_lost) {
  testing::ScratchDir scratch;
  std::ofstream(scratch / "file") << "content";
  fs::create_hard_link(scratch / "file", scratch / "name");
  UniqueFd folder(::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_EQ(move_by_link(folder.get(), "file", folder.get(), "name"), 0);
  EXPECT_FALSE(fs::exists(scratch / "file"));
}

TEST(ListNames, Starts_anew_each_time) {
  testing::ScratchDir scratch;
  std::ofstream(scratch / "a") << "x";
  UniqueFd folder(::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int round = 0; round < 2; ++round) {
    std::vector<std::string> names;
    EXPECT_EQ(list_names(folder.get(), names), 0);
    EXPECT_THAT(names, ::testing::ElementsAre("a"));
  }
}

}  // namespace
}  // namespace igudar
