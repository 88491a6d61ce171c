#include "ops/backup/collector.h"

#include <gmock/gmock.h>

#include "repo/repo_testing.h"

namespace igudar {
namespace {

class CollectorTest : public ::testing::Test, public testing::RepositoryFixture {
 protected:
  std::unique_ptr<BlobIndex> index = BlobIndex::load(repository, {}, {}, {});
  WriteSession writing{repository, *index, repository.keys().new_session(), {}};
  const PageCutter cutter = repository.keys().page_cutter();
  BackupSummary summary;
  RunMonitor silent;
  Collector collector{writing, cutter, nullptr, summary, silent};
};

// A worker that is stopped gives back the batch as it is, its last items not encoded.
TEST_F(CollectorTest, Takes_nothing_of_a_batch_that_a_stopped_worker_left) {
  Batch batch;
  batch.needs_worker = true;
  BackupItem& item = batch.items.emplace_back();
  item.state = ItemState::to_read;
  item.key = "file";
  item.entry = std::make_unique<Entry>();
  batch.done.set({});
  std::stop_source stop;
  stop.request_stop();
  collector.add(batch, stop.get_token());
  EXPECT_EQ(summary.files_new + summary.files_changed + summary.files_unchanged, 0U);
}

// The first of two names went away before it was read: the other one is not in the snapshot either, and the user is
// told.
TEST_F(CollectorTest, Reports_a_name_whose_content_was_lost_with_another_name) {
  class Told final : public RunMonitor {
   public:
    void problem(std::string_view what, const Error&) override { told.emplace_back(what); }
    std::vector<std::string> told;
  } monitor;
  Collector listening(writing, cutter, nullptr, summary, monitor);
  Batch batch;
  for (const auto& [name, state] : {std::pair("first", ItemState::dropped), std::pair("second", ItemState::linked)}) {
    BackupItem& item = batch.items.emplace_back();
    item.state = state;
    item.key = name;
    item.entry = std::make_unique<Entry>();
    item.entry->path = name;
  }
  listening.add(batch, {});
  EXPECT_THAT(monitor.told, ::testing::ElementsAre("second"));
  EXPECT_EQ(summary.unreadable, 1U);
}

}  // namespace
}  // namespace igudar
