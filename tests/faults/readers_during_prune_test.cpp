#include "crypto/random.h"
#include "fault_at_n.h"
#include "ops/list/list.h"
#include "repo/leases.h"

namespace igudar {
namespace {

using testing::differences;
using testing::InterruptedStore;
using testing::tree_of;

// Readers hold no lease: a prune moves what they read to other packs, at each operation on the storage in turn
// (docs/adr/0002-gc-protocol.md, R2).
class ReadersDuringPrune : public testing::FaultAtN {
 protected:
  // A snapshot that shares the packs of its pages and of its data with a forgotten one: all of it has to move.
  ReadersDuringPrune() {
    const std::string padding(120, 'x');
    for (int i = 1000; i < 1600; ++i) write("folder/" + std::to_string(i) + padding, "content " + std::to_string(i));
    write("large", testing::noise(350U << 10, 1));  // of so many chunks that its entry names lists of extents
    write_files(0, 8, 20'000);
    const std::string forgotten = commit();
    for (int i = 1; i < 8; i += 2) remove_files(i, i + 1);
    write("folder/1300" + padding, "changed");
    write("large", testing::noise(250U << 10, 1));
    commit();
    forget_snapshot(repository, forgotten);
  }

  // Condemns all that is to move, but removes nothing yet.
  void leave_a_sweep_to_do() {
    LeaseHolder lease(repository, random_id<16>(), LeaseRole::writer);
    lease.begin({});
    ASSERT_TRUE(run_prune(repository, {.max_unused_percent = 0}).sweep_postponed);
    lease.release({});
  }

  // P7, while P8 is still to come.
  static void remove_what_is_condemned(Repository& in) {
    const GcState gc = read_gc_state(in, {});
    for (const Id32& segment : gc.condemned_segments) in.store().remove(index_object(segment), {});
    for (const PackName& pack : gc.condemned) in.store().remove(pack_object(pack), {});
  }
  static void prune_all(Repository& in) { run_prune(in, {.max_unused_percent = 0}); }

  int at_every_operation(const std::function<void(Repository&)>& meanwhile,
                         const std::function<void(Repository&)>& read) const {
    for (int at = 1;; ++at) {
      SCOPED_TRACE("interrupted before operation " + std::to_string(at));
      const std::shared_ptr<MemoryStore> store = copy_of_store();
      const auto run = [&] {
        Repository other = open_on(store);
        meanwhile(other);
      };
      const auto interrupted = std::make_shared<InterruptedStore>(store, at, run, InterruptedStore::Count::with_reads);
      Repository in = open_on(interrupted);
      read(in);
      if (HasFailure() || !interrupted->called()) return at;
    }
  }
  void expect_restores_whole(Repository& in) const {
    std::filesystem::remove_all(target());
    RestoreOptions options;
    options.target = target();
    options.threads = 1;
    options.verify = true;
    testing::ProblemList monitor;
    restore(in, options, monitor, {});
    for (const auto& [what, problem] : monitor.problems()) ADD_FAILURE() << what << ": " << problem;
    EXPECT_EQ(differences(tree_of(source()), tree_of(target())), "");
  }
};

TEST_F(ReadersDuringPrune, A_restore_finds_what_a_prune_moved) {
  const auto read = [&](Repository& in) { expect_restores_whole(in); };
  EXPECT_GT(at_every_operation(prune_all, read), 20);
}

TEST_F(ReadersDuringPrune, A_restore_finds_what_a_sweep_removes_that_began_before_it) {
  leave_a_sweep_to_do();
  const auto read = [&](Repository& in) { expect_restores_whole(in); };
  EXPECT_GT(at_every_operation(remove_what_is_condemned, read), 20);
}

TEST_F(ReadersDuringPrune, Check_finds_no_damage) {
  const auto read = [](Repository& in) { EXPECT_EQ(expect_no_damage(in).snapshots, 1U); };
  EXPECT_GT(at_every_operation(prune_all, read), 20);
}

TEST_F(ReadersDuringPrune, A_listing_has_each_entry_once) {
  const std::size_t entries = tree_of(source()).size() + 1;  // with the top
  const auto read = [&](Repository& in) {
    std::set<std::string> paths;
    const auto visit = [&](const Entry& entry) {
      EXPECT_TRUE(paths.insert(entry.path).second) << entry.path;
      return true;
    };
    list_entries(in, {}, visit, {});
    EXPECT_EQ(paths.size(), entries);
  };
  EXPECT_GT(at_every_operation(prune_all, read), 5);
}

TEST_F(ReadersDuringPrune, Statistics_can_be_had) {
  const auto read = [](Repository& in) {
    RunMonitor silent;
    EXPECT_EQ(repository_stats(in, silent, {}).snapshots, 1U);
  };
  EXPECT_GT(at_every_operation(prune_all, read), 5);
}

}  // namespace
}  // namespace igudar
