#include "ops/backup/planner.h"

#include <gtest/gtest.h>

#include <fstream>

#include "testing/scratch_dir.h"

namespace igudar {
namespace {

// A log that is rotated between the walk and the reading is still a file.
TEST(Planner, A_large_file_that_was_emptied_since_the_walk_is_backed_up_empty) {
  const testing::ScratchDir source;
  std::ofstream(source / "a");
  std::ofstream(source / "large");
  std::filesystem::resize_file(source / "large", 20U << 20);
  BackupOptions options;
  RunMonitor silent;
  std::vector<BackupItem> items;
  // What comes before a large file is passed on once the walk has seen that one.
  const auto take = [&](const BatchPtr& batch) {
    std::filesystem::resize_file(source / "large", 0);
    for (BackupItem& item : batch->items) items.push_back(std::move(item));
  };
  Planner planner(options, nullptr, silent, take);
  TreeWalker walker({{source.path().string(), ""}}, {});
  planner.run(walker, {});
  EXPECT_EQ(planner.unreadable(), 0U);
  ASSERT_EQ(items.size(), 3U);  // with the top
  EXPECT_EQ(items[2].key, "large");
  EXPECT_EQ(items[2].state, ItemState::to_read);
  EXPECT_EQ(items[2].stat.size, 0U);
}

}  // namespace
}  // namespace igudar
