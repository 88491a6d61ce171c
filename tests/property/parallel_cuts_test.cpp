// A large file is cut by several threads at once. Whatever their number, the repository must end up with the chunks of
// a plain sequential run: else the same file would not deduplicate against itself.

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <set>

#include "chunking/fast_cdc.h"
#include "ops/backup/backup.h"
#include "repo/blob_index.h"
#include "store/store_registry.h"
#include "testing/scratch_dir.h"

namespace igudar {

namespace {

constexpr std::size_t kFileSize = 300U << 20;
constexpr PasswordKdfParams kCheapKdf{PasswordKdf::argon2id, 1, 8 * 1024};

void fill_with_noise(MutableByteView part, std::mt19937_64& random) {
  for (std::uint8_t& byte : part) byte = static_cast<std::uint8_t>(random() >> 56);
}

// Noise, runs of one byte and short periods in turn. The latter two have no cuts, so that chunks of the largest size
// follow each other and wrong guesses of a thread stay wrong for long.
Bytes sample_content() {
  constexpr std::size_t kLongest = 30U << 20;
  std::mt19937_64 random(20'261'121);
  Bytes content(kFileSize);
  std::size_t at = 0;
  for (unsigned turn = 0; at < content.size(); ++turn) {
    const MutableByteView part =
        MutableByteView(content).subspan(at, std::min<std::size_t>(1 + random() % kLongest, content.size() - at));
    if (turn % 3 == 0) {
      fill_with_noise(part, random);
    } else if (turn % 3 == 1) {
      std::fill(part.begin(), part.end(), static_cast<std::uint8_t>(turn));
    } else {
      const std::size_t period = std::min<std::size_t>(1000 + random() % 5000, part.size());
      fill_with_noise(part.first(period), random);
      for (std::size_t i = period; i < part.size(); ++i) part[i] = part[i - period];
    }
    at += part.size();
  }
  return content;
}

std::set<ChunkId> sequential_chunks(const Repository& repository, ByteView content) {
  const FastCdc cdc(repository.config().chunk_sizes, repository.keys().chunker_key());
  ChunkHasher hasher = repository.keys().chunk_hasher();
  std::set<ChunkId> ids;
  while (!content.empty()) {
    const std::size_t length = *cdc.next_cut(content, true);
    ids.insert(hasher.id(ChunkType::data, content.first(length)));
    content = content.subspan(length);
  }
  return ids;
}

std::set<ChunkId> stored_data_chunks(const Repository& repository) {
  const auto index = BlobIndex::load(repository, {}, {}, {});
  std::set<ChunkId> ids;
  for (const BlobIndex::LoadedSegment& segment : *index->segments())
    for (std::uint64_t i = 0; i < segment.rows->chunk_count(); ++i) {
      MappedSegment::ChunkRecord record;
      segment.rows->read_records(i, 1, &record);
      if (segment.rows->frame(record.frame).info.type == ChunkType::data) ids.insert(record.id);
    }
  return ids;
}

}  // namespace

TEST(ParallelCuts, A_large_file_is_cut_like_a_sequential_run_whatever_the_threads) {
  const testing::ScratchDir scratch;
  const Bytes content = sample_content();
  // Of the folders that lead to it nothing is backed up: their times are others' to change.
  std::filesystem::create_directories(scratch / "source");
  std::filesystem::current_path(scratch / "source");
  std::ofstream("large", std::ios::binary).write(text_of(content).data(), static_cast<std::streamsize>(content.size()));
  Repository repository =
      init_repository(open_store((scratch / "repository").string()), SecretBytes(view_of("secret")),
                      {.kdf = kCheapKdf, .chunk_sizes = {}}, {scratch / "cache", scratch / "state"}, {});
  const std::set<ChunkId> expected = sequential_chunks(repository, content);
  ASSERT_GT(expected.size(), 50U);

  for (const unsigned threads : {2U, 1U, 8U}) {
    BackupOptions options;
    options.paths = {"large"};
    options.force = true;
    options.threads = threads;
    RunMonitor unwatched;
    const BackupSummary summary = back_up(repository, options, unwatched, {});
    EXPECT_EQ(summary.read_bytes, kFileSize) << threads << " threads";
    EXPECT_EQ(summary.unreadable, 0U) << threads << " threads";
    if (threads != 2) {
      EXPECT_EQ(summary.new_chunks, 0U) << threads << " threads";
    }
    EXPECT_EQ(stored_data_chunks(repository), expected) << threads << " threads";
  }
  std::filesystem::current_path("/");
}

}  // namespace igudar
