#include "repo/mapped_segment.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "crypto/hash.h"
#include "repo/local_file.h"
#include "testing/scratch_dir.h"

namespace igudar {

namespace {

ChunkId id_of(std::uint32_t number) {
  return sha256(view_of(std::to_string(number)));
}

// One frame with `distinct` chunks, and the first of them `copies` times more.
IndexSegment segment_of(std::uint32_t distinct, std::uint32_t copies) {
  TableOfContents toc;
  toc.sessions.emplace_back();
  for (std::uint32_t i = 0; i < distinct + copies; ++i) toc.ids.push_back(id_of(i < distinct ? i : 0));
  toc.sizes.assign(toc.ids.size(), 10);
  FrameInfo& frame = toc.frames.emplace_back();
  frame.chunks = distinct + copies;
  frame.plain_size = frame.compressed_size = frame.chunks * 10;
  IndexSegment segment;
  segment.add_pack({PackName{}, PackType::data, 1U << 20}, toc);
  segment.sort();
  return segment;
}

class MappedSegmentLookUp : public ::testing::TestWithParam<bool> {
 protected:
  std::shared_ptr<const MappedSegment> open(const IndexSegment& segment) {
    EXPECT_TRUE(replace_local_file(scratch_ / "segment", MappedSegment::build(segment).view()));
    return MappedSegment::open(scratch_ / "segment", GetParam());
  }
  static std::uint32_t count(const MappedSegment& segment, const ChunkId& id) {
    std::uint32_t found = 0;
    EXPECT_FALSE(segment.find(id, [&](const MappedSegment::ChunkRecord& record) {
      EXPECT_EQ(record.id, id);
      EXPECT_EQ(record.offset, record.number * 10);
      ++found;
      return false;
    }));
    return found;
  }

 private:
  testing::ScratchDir scratch_;
};

TEST_P(MappedSegmentLookUp, Finds_every_chunk_and_no_other) {
  for (const std::uint32_t distinct : {0U, 1U, 63U, 64U, 65U, 1000U}) {
    const auto segment = open(segment_of(distinct, 0));
    ASSERT_TRUE(segment);
    for (std::uint32_t i = 0; i < distinct; ++i) ASSERT_EQ(count(*segment, id_of(i)), 1U) << i << " of " << distinct;
    for (std::uint32_t i = distinct; i < distinct + 500; ++i)
      ASSERT_EQ(count(*segment, id_of(i)), 0U) << i << " of " << distinct;
  }
}

TEST_P(MappedSegmentLookUp, Finds_all_copies_of_a_chunk_though_they_fill_several_blocks) {
  for (const std::uint32_t copies : {1U, 62U, 63U, 64U, 200U}) {
    const auto segment = open(segment_of(300, copies));
    ASSERT_TRUE(segment);
    EXPECT_EQ(count(*segment, id_of(0)), 1 + copies);
    for (std::uint32_t i = 1; i < 300; ++i) ASSERT_EQ(count(*segment, id_of(i)), 1U);
  }
}

TEST_P(MappedSegmentLookUp, Stops_at_the_copy_that_is_accepted) {
  const auto segment = open(segment_of(300, 100));
  ASSERT_TRUE(segment);
  int asked = 0;
  EXPECT_TRUE(segment->find(id_of(0), [&](const MappedSegment::ChunkRecord&) { return ++asked == 70; }));
  EXPECT_EQ(asked, 70);
}

// Whatever it is in the file: it is found when the file is opened, or else by whom it would mislead.
TEST_P(MappedSegmentLookUp, Never_misleads_when_any_bit_of_the_file_flipped) {
  constexpr std::uint32_t kChunks = 70;  // two blocks
  constexpr std::size_t kStep = 7;       // comes to every byte of a record
  const testing::ScratchDir scratch;
  const Buffer sound = MappedSegment::build(segment_of(kChunks, 0));
  for (std::size_t at = 0; at < sound.size(); at += kStep) {
    Bytes damaged = copy_of(sound.view());
    damaged[at] ^= 16;
    ASSERT_TRUE(replace_local_file(scratch / "segment", damaged));
    const auto segment = MappedSegment::open(scratch / "segment", GetParam());
    if (!segment) continue;
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < kChunks; ++i) {
      try {
        ASSERT_TRUE(segment->may_contain(id_of(i))) << at;
        found += count(*segment, id_of(i));
      } catch (const Error&) {
        ASSERT_TRUE(segment->is_damaged()) << at;
      }
    }
    ASSERT_LT(found, kChunks) << at;
    std::vector<MappedSegment::ChunkRecord> records(kChunks);
    ASSERT_THROW(segment->read_records(0, kChunks, records.data()), Error) << at;
    ASSERT_THROW(
        {
          for (std::uint32_t i = 0; i < kChunks; ++i) segment->read_records(i, 1, records.data());
        },
        Error)
        << at;
  }
}

TEST_P(MappedSegmentLookUp, Is_refused_when_any_bit_of_the_file_flipped) {
  const testing::ScratchDir scratch;
  const Buffer sound = MappedSegment::build(segment_of(20, 0));
  for (std::size_t at = 0; at < sound.size(); ++at) {
    Bytes damaged = copy_of(sound.view());
    damaged[at] ^= 16;
    ASSERT_TRUE(replace_local_file(scratch / "segment", damaged));
    ASSERT_FALSE(MappedSegment::open(scratch / "segment", GetParam(), MappedSegment::Verify::everything)) << at;
  }
  ASSERT_TRUE(replace_local_file(scratch / "segment", sound.view()));
  EXPECT_TRUE(MappedSegment::open(scratch / "segment", GetParam(), MappedSegment::Verify::everything));
}

INSTANTIATE_TEST_SUITE_P(Records, MappedSegmentLookUp, ::testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "mapped" : "read"; });

}  // namespace

}  // namespace igudar
