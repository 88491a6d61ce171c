#include "ops/backup/file_worker.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <gmock/gmock.h>

#include "concurrency/task_scope.h"
#include "repo/repo_testing.h"
#include "testing/repository_fixture.h"

namespace igudar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FileWorkerTest : public ::testing::Test, public testing::RepositoryFixture {
 protected:
  std::unique_ptr<BlobIndex> index = BlobIndex::load(repository, {}, {}, {});
  WriteSession writing{repository, *index, repository.keys().new_session(), {}};
  const FastCdc cdc{repository.config().chunk_sizes, repository.keys().chunker_key()};
  BackupOptions options;
  class Notes final : public RunMonitor {
   public:
    void note(const std::string& text) override { texts.push_back(text); }
    std::vector<std::string> texts;
  } notes;
  std::atomic<std::uint64_t> unreadable{0};
  FileWorker worker{options, writing, cdc, notes, unreadable};

  // A file as the walk sees it.
  BackupItem& walk_to(Batch& batch, const std::string& name) const {
    BackupItem& item = batch.items.emplace_back();
    item.state = ItemState::to_read;
    item.source = {
        std::make_shared<SourceDirectory>(nullptr, scratch.path().string(), std::make_shared<OpenDirectories>()), name};
    item.stat = read_stat(AT_FDCWD, (scratch / name).c_str()).value();
    item.entry = std::make_unique<Entry>();
    item.entry->path = name;
    item.entry->meta = metadata_of(item.stat, false);
    return item;
  }
  void append(const std::string& name, ByteView content) const {
    std::ofstream(scratch / name, std::ios::binary | std::ios::app)
        .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
  }
};

// A line of /proc/self/status.
long memory_kib(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
  return 0;
}

// Without a target it could not be restored.
TEST_F(FileWorkerTest, A_symlink_that_went_away_since_the_walk_is_reported_and_left_out) {
  Batch batch;
  std::filesystem::create_symlink("somewhere", scratch / "gone");
  BackupItem& item = walk_to(batch, "gone");
  std::filesystem::remove(scratch / "gone");
  worker.process(batch, {});
  EXPECT_EQ(item.state, ItemState::dropped);
  EXPECT_GE(unreadable, 1U);
}

// As if it had been large all along: the next backup, which takes it for a large file, finds its chunks.
TEST_F(FileWorkerTest, A_file_that_became_large_since_the_walk_is_cut_as_a_large_one) {
  const Bytes content = testing::noise(std::size_t{20} << 20, 1);
  append("log", ByteView(content).first(1000));
  Batch batch;
  BackupItem& item = walk_to(batch, "log");
  append("log", ByteView(content).subspan(1000));
  worker.process(batch, {});
  ASSERT_EQ(item.state, ItemState::to_read);
  EXPECT_EQ(item.entry->meta.size, content.size());
  std::vector<std::uint64_t> expected;
  for (ByteView rest = content; !rest.empty(); rest = rest.subspan(expected.back()))
    expected.push_back(cdc.next_cut(rest, true).value());
  std::vector<std::uint64_t> lengths;
  for (const Extent& extent : item.entry->content.extents) lengths.push_back(extent.size);
  EXPECT_EQ(lengths, expected);
  EXPECT_TRUE(notes.texts.empty()) << notes.texts.front();
}

TEST_F(FileWorkerTest, A_file_that_became_large_and_goes_on_changing_is_kept_and_told) {
  append("log", view_of("small"));
  Batch batch;
  BackupItem& item = walk_to(batch, "log");
  append("log", testing::noise(std::size_t{20} << 20, 1));
  TaskScope scope;
  scope.spawn("appender", [&](const std::stop_token& stop) {
    while (!stop.stop_requested()) append("log", view_of("more"));
  });
  worker.process(batch, {});
  scope.request_stop();
  scope.join();
  EXPECT_GT(item.entry->meta.size, 20U << 20);
  std::uint64_t stored = 0;
  for (const Extent& extent : item.entry->content.extents) stored += extent.size;
  EXPECT_EQ(stored, item.entry->meta.size);
  EXPECT_THAT(notes.texts, ElementsAre(HasSubstr("changed while it was read")));
}

TEST_F(FileWorkerTest, A_file_that_became_huge_since_the_walk_takes_no_more_memory_than_others) {
  constexpr off_t kHuge = off_t{256} << 20;
  constexpr long kMostKiB = 128L << 10;  // an address sanitizer keeps some of what was freed
  append("log", view_of("small"));
  Batch batch;
  BackupItem& item = walk_to(batch, "log");
  const UniqueFd log(::open((scratch / "log").c_str(), O_WRONLY | O_CLOEXEC));
  if (::fallocate(log.get(), 0, 0, kHuge) != 0) GTEST_SKIP() << "the file system allocates nothing ahead";
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  const long before = memory_kib("VmHWM");
  worker.process(batch, {});
  EXPECT_EQ(item.entry->meta.size, static_cast<std::uint64_t>(kHuge));
  EXPECT_LT(memory_kib("VmHWM") - before, kMostKiB);
}

}  // namespace
}  // namespace igudar
