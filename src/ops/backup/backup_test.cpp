#include "ops/backup/backup.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "testing/repository_fixture.h"

namespace igudar {
namespace {

using ::testing::IsEmpty;

class BackupTest : public ::testing::Test, public testing::SourceFixture {};

TEST_F(BackupTest, One_that_fails_before_it_reads_anything_leaves_no_lease) {
  write("file", "content");
  BackupOptions options;
  options.parent = "0123456789";
  try {
    back_up_source(options);
    FAIL() << "it found a parent";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_found);
  }
  EXPECT_THAT(list(ObjectKind::lease), IsEmpty());
}

}  // namespace
}  // namespace igudar
