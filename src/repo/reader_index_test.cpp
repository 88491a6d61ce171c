#include "repo/reader_index.h"

#include <gtest/gtest.h>

#include "repo/repo_testing.h"

namespace igudar {

using testing::pack_named;
using testing::RepositoryFixture;

TEST(ReaderIndex, is_read_again_only_where_a_sweep_may_have_moved_something) {
  const RepositoryFixture fixture;
  ReaderIndex index(fixture.repository, {}, {});
  const auto before = index.current();
  EXPECT_FALSE(index.look_again(before, {}));

  ASSERT_TRUE(create_condemnation(fixture.repository, {1, {pack_named(1)}, {}, 0}, {}));
  EXPECT_TRUE(index.look_again(before, {}));
  const auto during = index.current();
  EXPECT_NE(during, before);
  EXPECT_TRUE(index.look_again(before, {})) << "another thread has looked again meanwhile";
  EXPECT_EQ(index.current(), during);
  EXPECT_TRUE(index.look_again(during, {})) << "the sweep may have gone on";

  put_swept(fixture.repository, {1, 0}, {});
  EXPECT_TRUE(index.look_again(index.current(), {}));
  const auto after = index.current();
  EXPECT_FALSE(index.look_again(after, {}));
  EXPECT_EQ(index.current(), after);
}

}  // namespace igudar
