#include "format/entry.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace igudar {
namespace {

TEST(ComparePaths, A_folder_is_followed_by_all_that_it_holds) {
  std::vector<std::string> paths = {"a.b", "b", "a/b", "a", "", "a/b/c", "a-c", "a/\x01", "a/b.c", "\xff", "a\n"};
  std::sort(paths.begin(), paths.end(),
            [](const std::string& x, const std::string& y) { return compare_paths(x, y) < 0; });
  EXPECT_EQ(paths,
            (std::vector<std::string>{"", "a", "a/\x01", "a/b", "a/b/c", "a/b.c", "a\n", "a-c", "a.b", "b", "\xff"}));
}

TEST(ComparePaths, Equal_paths_are_equal) {
  EXPECT_EQ(compare_paths("a/b", "a/b"), std::strong_ordering::equal);
  EXPECT_EQ(compare_paths("", ""), std::strong_ordering::equal);
}

}  // namespace
}  // namespace igudar
