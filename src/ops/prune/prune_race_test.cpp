#include <gmock/gmock.h>

#include "base/hex.h"
#include "crypto/random.h"
#include "ops/prune/prune_testing.h"
#include "repo/leases.h"

namespace igudar {
namespace {

using testing::InterruptedStore;
using testing::noise;
using testing::read_everything;

// Backups that a forget or a prune cuts into, at each operation on the storage in turn.
class PruneRaceTest : public ::testing::Test, public testing::PruneFixture {
 protected:
  // A repository whose newest backup brought what the next one wants to use again, but that is forgotten.
  void make_forgotten_history() {
    write_files(0, 1);
    back_up_source();
    write_files(1, 6);
    const std::string forgotten = back_up_source();
    forget_snapshot(repository, forgotten);
    remove_files(1, 2);
    write("new", "not there before");
  }
  std::string back_up_on(const std::shared_ptr<ObjectStore>& store) const {
    Repository in = open_on(store);
    BackupOptions options;
    options.paths = {source().string()};
    options.threads = 1;
    RunMonitor silent;
    return back_up(in, options, silent, {}).snapshot_id;
  }
  // Backs up once for each operation of a backup, `meanwhile` coming before it.
  void race(const std::function<void(Repository&)>& meanwhile, std::size_t snapshots) {
    for (int at = 1;; ++at) {
      SCOPED_TRACE(at);
      const std::shared_ptr<MemoryStore> store = copy_of_store();
      const auto interrupted = std::make_shared<InterruptedStore>(store, at, [&] {
        Repository other = open_on(store);
        meanwhile(other);
      });
      const std::string id = back_up_on(interrupted);
      Repository next = open_on(store);
      ASSERT_EQ(read_everything(next), snapshots);
      run_prune(next, {.max_unused_percent = 0});
      ASSERT_EQ(read_everything(next), snapshots);
      ASSERT_TRUE(store->stat({ObjectKind::snapshot, id}, {}));
      ASSERT_TRUE(store->list(ObjectKind::lease, {}).empty());
      ASSERT_TRUE(run_prune(next, {.max_unused_percent = 0}).nothing_to_do);
      if (!interrupted->called()) break;
    }
  }
};

TEST_F(PruneRaceTest, A_backup_is_whole_wherever_a_prune_cuts_in) {
  make_forgotten_history();
  race([](Repository& other) { run_prune(other, {.max_unused_percent = 0}); }, 2);
}

TEST_F(PruneRaceTest, A_backup_is_whole_wherever_two_prunes_cut_in) {
  make_forgotten_history();
  race(
      [](Repository& other) {
        run_prune(other, {.max_unused_percent = 0});
        run_prune(other, {.max_unused_percent = 0});
      },
      2);
}

// P1: while one prune finishes a generation, another one makes the next, which a backup then holds off.
TEST_F(PruneRaceTest, No_generation_is_made_before_the_last_one_is_swept) {
  make_forgotten_history();
  {
    LeaseHolder lease(repository, random_id<16>(), LeaseRole::writer);
    lease.begin({});
    ASSERT_TRUE(run_prune(repository, {.max_unused_percent = 0}).sweep_postponed);
    lease.release({});
  }
  write_files(10, 12);
  forget_snapshot(repository, back_up_source());
  for (int at = 1;; ++at) {
    SCOPED_TRACE(at);
    const std::shared_ptr<MemoryStore> store = copy_of_store();
    Repository other = open_on(store);
    LeaseHolder lease(other, random_id<16>(), LeaseRole::writer);
    const auto interrupted = std::make_shared<InterruptedStore>(store, at, [&] {
      lease.begin({});
      run_prune(other, {.max_unused_percent = 0});
    });
    Repository in = open_on(interrupted);
    try {
      run_prune(in, {.max_unused_percent = 0});
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::conflict);
    }
    if (!interrupted->called()) break;
    ASSERT_LE(read_gc_state(other, {}).generation, 2U);
    lease.release({});
    run_prune(other, {.max_unused_percent = 0});
    ASSERT_EQ(read_everything(other), 1U);
  }
}

// A stream cannot be read a second time: when a prune took what it was to share, there is no snapshot rather than an
// empty one.
TEST_F(PruneRaceTest, A_stream_is_kept_whole_or_not_at_all_wherever_a_prune_cuts_in) {
  write_files(0, 1);
  back_up_source();
  write("stream", noise(300'000, 7));
  const auto back_up_stream = [&](Repository& in) {
    const UniqueFd stream(::open((source() / "stream").c_str(), O_RDONLY | O_CLOEXEC));
    BackupOptions options;
    options.stdin_filename = "stream";
    options.stdin_fd = stream.get();
    RunMonitor silent;
    return back_up(in, options, silent, {}).snapshot_id;
  };
  forget_snapshot(repository, back_up_stream(repository));
  std::size_t given_up = 0;
  for (int at = 1;; ++at) {
    SCOPED_TRACE(at);
    const std::shared_ptr<MemoryStore> store = copy_of_store();
    const auto interrupted = pruned_before(at, store);
    Repository in = open_on(interrupted);
    std::string id;
    try {
      id = back_up_stream(in);
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::conflict);
      ++given_up;
    }
    Repository next = open_on(store);
    ASSERT_EQ(read_everything(next), id.empty() ? 1U : 2U);
    if (!id.empty()) {
      ASSERT_EQ(SnapshotCatalogue::load(next, CatalogueSource::store, {}).find(id).snapshot.statistics.bytes, 300'000U);
    }
    ASSERT_TRUE(store->list(ObjectKind::lease, {}).empty());
    if (!interrupted->called()) break;
  }
  EXPECT_GT(given_up, 0U);
}

// The second line of defence: generations keep what is acknowledged whole, whatever the clocks say.
TEST_F(PruneRaceTest, A_backup_is_whole_though_a_wrong_clock_let_its_lease_seem_lapsed) {
  make_forgotten_history();
  for (int at = 1;; ++at) {
    SCOPED_TRACE(at);
    const std::shared_ptr<MemoryStore> store = copy_of_store();
    const auto interrupted = std::make_shared<InterruptedStore>(store, at, [&] {
      store->set_now(wall_clock_ns() + TimeNs{3} * 3600 * kNsPerSecond);
      Repository other = open_on(store);
      run_prune(other, {.max_unused_percent = 0});
    });
    back_up_on(interrupted);
    Repository next = open_on(store);
    ASSERT_EQ(read_everything(next), 2U);
    if (!interrupted->called()) break;
  }
}

}  // namespace
}  // namespace igudar
