#include "repo/extent_walk.h"

#include <gmock/gmock.h>

#include "format/entry_codec.h"
#include "repo/repo_testing.h"
#include "repo/write_session.h"

namespace igudar {
namespace {

using ::testing::ElementsAre;

class ExtentWalkTest : public ::testing::Test, public testing::RepositoryFixture {
 protected:
  // Stores an extent list and returns the extent that names it.
  Extent list_of(const std::vector<Extent>& extents, std::uint64_t size) {
    WriteSession session(repository, *index_, repository.keys().new_session(), {});
    const auto stream = session.open_stream(ChunkType::extents);
    std::vector<OrdinalRange> places;
    const ChunkId id = stream->add(encode_extent_list(extents), places);
    stream->flush();
    session.finish({});
    return {size, id};
  }
  static Extent chunk(std::uint64_t size) { return {size, random_id<32>()}; }
  static Extent hole(std::uint64_t size) { return {size, std::nullopt}; }
  // What is visited, as "level:offset+size", until `most` were.
  std::vector<std::string> walk(const Content& content, std::size_t most = 100) {
    ChunkReader lists(repository, *index_);
    std::vector<std::string> seen;
    const auto visit = [&](const VisitedExtent& visited) {
      seen.push_back(std::to_string(visited.level) + ":" + std::to_string(visited.offset) + "+" +
                     std::to_string(visited.extent.size));
      return seen.size() < most;
    };
    const bool all = visit_extents(content, lists, visit, {});
    EXPECT_EQ(all, seen.size() < most);
    return seen;
  }
  void expect_damaged(const Content& content) {
    try {
      walk(content);
      FAIL() << "it was believed";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::damaged) << error.what();
    }
  }

 private:
  std::unique_ptr<BlobIndex> index_ = BlobIndex::load(repository, {}, {}, {});
};

TEST_F(ExtentWalkTest, Lists_come_before_what_they_list_with_offsets_in_the_file) {
  const Extent inner = list_of({chunk(10), hole(5)}, 15);
  const Extent outer = list_of({inner, list_of({chunk(7)}, 7)}, 22);
  EXPECT_THAT(walk({0, {chunk(3), hole(4), chunk(5)}}), ElementsAre("0:0+3", "0:3+4", "0:7+5"));
  EXPECT_THAT(walk({2, {outer}}), ElementsAre("2:0+22", "1:0+15", "0:0+10", "0:10+5", "1:15+7", "0:15+7"));
}

TEST_F(ExtentWalkTest, The_visitor_ends_it) {
  const Extent list = list_of({chunk(10), hole(5)}, 15);
  EXPECT_THAT(walk({1, {list, list}}, 2), ElementsAre("1:0+15", "0:0+10"));
}

TEST_F(ExtentWalkTest, A_list_that_does_not_cover_what_it_should_is_damaged) {
  expect_damaged({1, {list_of({chunk(10)}, 11)}});
  expect_damaged({1, {list_of({chunk(10)}, 9)}});
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 62;
  expect_damaged({1, {list_of({hole(kHalf), hole(kHalf), hole(kHalf), hole(kHalf), chunk(9)}, 9)}});
}

TEST_F(ExtentWalkTest, A_hole_in_the_place_of_a_list_is_damaged) {
  expect_damaged({2, {list_of({hole(10)}, 10)}});
}

}  // namespace
}  // namespace igudar
