#include "repo/reader_index.h"

#include <gtest/gtest.h>

#include "repo/repo_testing.h"

namespace igudar {

using testing::pack_named;
using testing::RepositoryFixture;

TEST(ReaderIndex, is_read_again_only_where_a_sweep_may_have_moved_something) {
  using enum ReaderIndex::Missing;
  RepositoryFixture fixture;
  ReaderIndex index(fixture.repository, {}, {});
  const auto before = index.current();
  EXPECT_FALSE(index.look_again(before, chunk, {}));
  EXPECT_FALSE(index.look_again(before, pack, {}));

  ASSERT_TRUE(create_condemnation(fixture.repository, {1, {pack_named(1)}, {}, 0}, {}));
  EXPECT_TRUE(index.look_again(before, chunk, {}));
  auto during = index.current();
  EXPECT_NE(during, before);
  EXPECT_TRUE(index.look_again(before, chunk, {})) << "another thread has looked again meanwhile";
  EXPECT_EQ(index.current(), during);
  for (int missing = 0; missing < 3; ++missing)
    EXPECT_FALSE(index.look_again(during, chunk, {})) << "a segment would tell of what the sweep copied";
  EXPECT_TRUE(index.look_again(during, pack, {})) << "the sweep may have gone on";

  during = index.current();
  fixture.memory->put({ObjectKind::index, std::string(64, 'e')}, view_of("rescued"), Durability::durable, {});
  EXPECT_TRUE(index.look_again(during, chunk, {}));
  during = index.current();
  EXPECT_FALSE(index.look_again(during, chunk, {}));

  put_swept(fixture.repository, {1, 0}, {});
  EXPECT_TRUE(index.look_again(during, chunk, {}));
  const auto after = index.current();
  EXPECT_FALSE(index.look_again(after, chunk, {}));
  EXPECT_FALSE(index.look_again(after, pack, {}));
  EXPECT_EQ(index.current(), after);
}

}  // namespace igudar
