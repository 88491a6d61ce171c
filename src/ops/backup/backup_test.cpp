#include "ops/backup/backup.h"

#include <gmock/gmock.h>

#include "ops/check/check.h"
#include "ops/prune/prune_testing.h"

namespace igudar {
namespace {

using ::testing::IsEmpty;

class BackupTest : public ::testing::Test, public testing::PruneFixture {
 protected:
  // What is wrong with the repository, for people.
  std::string damage() {
    CheckOptions options;
    options.read_data.kind = ReadDataSelection::Kind::all;
    RunMonitor silent;
    std::string text;
    for (const Finding& finding : check(repository, options, silent, {}).damage) text += finding.object + ": " + finding.text + "\n";
    return text;
  }
};

// Files of so many extents that these lie in lists of their own, from a worker and from several, taken over by a snapshot
// that differs elsewhere.
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

}  // namespace
}  // namespace igudar
