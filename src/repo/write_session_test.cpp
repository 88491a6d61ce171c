#include "repo/write_session.h"

#include <gmock/gmock.h>

#include <random>

#include "repo/repo_testing.h"
#include "store/expect_error.h"
#include "store/fault_store.h"

namespace igudar {
namespace {

using testing::code_of;
using ::testing::IsEmpty;

// A write session with one stream of data.
struct Writing {
  explicit Writing(const Repository& in) : index(BlobIndex::load(in, {}, {}, {})) {
    session = std::make_unique<WriteSession>(in, *index, in.keys().new_session(), WriteSession::Options{});
    stream = session->open_stream(ChunkType::data);
  }
  std::unique_ptr<BlobIndex> index;
  std::unique_ptr<WriteSession> session;
  std::unique_ptr<WriteSession::ChunkStream> stream;
  std::vector<OrdinalRange> places;
};

class WriteSessionTest : public ::testing::Test, public testing::RepositoryFixture {
 protected:
  Repository open_on(std::shared_ptr<ObjectStore> store) const {
    return open_repository(std::make_unique<testing::SharedStore>(std::move(store)), credential("secret"), folders(),
                           {});
  }
  // A chunk like no other.
  static Bytes chunk(std::uint64_t number, std::size_t size) {
    Bytes bytes(size);
    std::mt19937_64 random(number);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    return bytes;
  }
};

// What arrived of a write that failed is unknown: half of it, or all.
TEST_F(WriteSessionTest, A_pack_of_which_a_part_could_not_be_written_is_not_finished) {
  for (const FaultKind kind : {FaultKind::fail, FaultKind::torn, FaultKind::lose_reply}) {
    const auto faulty = std::make_shared<FaultStore>(memory, FaultPlan{.at = 3, .kind = kind});
    const Repository in = open_on(faulty);
    Writing run(in);
    // Each chunk a frame, and more of them than the queue to the pack-writing thread takes.
    const auto write_on = [&] {
      for (std::uint64_t i = 0; i < 100; ++i) run.stream->add(chunk(i, 300'000), run.places);
    };
    EXPECT_EQ(code_of(write_on), ErrorCode::interrupted);
    EXPECT_EQ(code_of([&] { run.session->finish({}); }), ErrorCode::io);
    memory->flush({});
    EXPECT_THAT(list(ObjectKind::pack), IsEmpty());
    EXPECT_THAT(list(ObjectKind::index), IsEmpty());
  }
}

// In one frame there would be more of them than an index segment takes, and nobody could read the index.
TEST_F(WriteSessionTest, Tiny_chunks_go_to_several_frames) {
  constexpr std::uint32_t kChunks = 200'000;
  const Repository in = init_repository(std::make_unique<testing::SharedStore>(std::make_shared<MemoryStore>()),
                                        password("secret"), {.kdf = kCheapKdf, .chunk_sizes = {}}, folders(), {});
  Writing run(in);
  for (std::uint32_t i = 0; i < kChunks; ++i) {
    const std::uint8_t bytes[3] = {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8),
                                   static_cast<std::uint8_t>(i >> 16)};
    run.stream->add(bytes, run.places);
  }
  run.stream->flush();
  run.session->finish({});
  const std::shared_ptr<const BlobIndex::Segments> segments = run.index->segments();
  ASSERT_EQ(segments->size(), 1U);
  const MappedSegment& rows = *segments->front().rows;
  EXPECT_EQ(rows.chunk_count(), kChunks);
  for (std::uint32_t i = 0; i < rows.frame_count(); ++i) EXPECT_LE(rows.frame(i).info.chunks, kMostSegmentChunks / 16);
}

}  // namespace
}  // namespace igudar
