#include "ops/backup/file_worker.h"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "repo/repo_testing.h"

namespace igudar {
namespace {

class FileWorkerTest : public ::testing::Test, public testing::RepositoryFixture {
 protected:
  std::unique_ptr<BlobIndex> index = BlobIndex::load(repository, {}, {}, {});
  SecretBytes data_key;
  SessionRef session = repository.keys().new_session(data_key);
  WriteSession writing{repository, *index, session, data_key.clone(), {}};
  const FastCdc cdc{repository.config().chunk_sizes, repository.keys().chunker_key()};
  BackupOptions options;
  RunMonitor silent;
  std::atomic<std::uint64_t> unreadable{0};
  FileWorker worker{options, writing, cdc, silent, unreadable};
};

// Without a target it could not be restored.
TEST_F(FileWorkerTest, A_symlink_that_went_away_since_the_walk_is_reported_and_left_out) {
  Batch batch;
  BackupItem& item = batch.items.emplace_back();
  item.state = ItemState::to_read;
  item.source = {std::make_shared<SourceDirectory>(nullptr, scratch.path().string(), std::make_shared<OpenDirectories>()), "gone"};
  item.stat.mode = S_IFLNK | 0777;
  item.entry = std::make_unique<Entry>();
  item.entry->path = "gone";
  item.entry->meta = metadata_of(item.stat, false);
  worker.process(batch, {});
  EXPECT_EQ(item.state, ItemState::dropped);
  EXPECT_GE(unreadable, 1U);
}

}  // namespace
}  // namespace igudar
