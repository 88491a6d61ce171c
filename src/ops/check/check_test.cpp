#include "ops/check/check.h"

#include <gmock/gmock.h>

#include "testing/repository_fixture.h"

namespace igudar {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class CheckTest : public ::testing::Test, public testing::SourceFixture {
 protected:
  CheckSummary check_all() {
    CheckOptions options;
    options.read_data.kind = ReadDataSelection::Kind::all;
    return check(repository, options, silent_, {});
  }
  RunMonitor silent_;
};

std::string text_of(const CheckSummary& summary) {
  std::string text;
  for (const Finding& finding : summary.damage) text += "damage: " + finding.object + ": " + finding.text + "\n";
  for (const Finding& finding : summary.remarks) text += "remark: " + finding.object + ": " + finding.text + "\n";
  return text;
}

TEST_F(CheckTest, A_sound_repository_is_clean_and_wholly_read) {
  write_sample_tree();
  back_up_source();
  write("folder1/new", "something new");
  back_up_source();
  const CheckSummary summary = check_all();
  EXPECT_THAT(text_of(summary), IsEmpty());
  EXPECT_EQ(summary.snapshots, 2U);
  EXPECT_EQ(summary.packs, list(ObjectKind::pack).size());
  EXPECT_EQ(summary.packs_read, summary.packs);
  EXPECT_GT(summary.bytes_read, 3U << 20);
  EXPECT_GT(summary.chunks, 50U);
}

}  // namespace
}  // namespace igudar
