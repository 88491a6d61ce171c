#include "crypto/random.h"
#include "fault_at_n.h"
#include "repo/leases.h"

namespace igudar {
namespace {

const PruneOptions kFreeAll{.max_unused_percent = 0};

class PruneFaults : public testing::FaultAtN {
 protected:
  // Three snapshots, of which the last needs a part of what the others brought.
  PruneFaults() {
    write("large", testing::noise(30U << 10, 99));
    write_files(0, 6, 12'000);
    commit();
    remove_files(0, 4);
    write_files(6, 9, 12'000);
    commit();
    remove_files(4, 5);
    remove_files(6, 8);
    write_files(9, 10, 12'000);
    newest_ = commit();
  }

  // What any run that was cut short has to leave: nothing lost, and nothing in the way of the next.
  void expect_that_the_next_prune_finishes(Aftermath& after, const std::vector<std::string>& needed) {
    expect_sound(after.repository);
    for (const std::string& id : needed) expect_present(after.repository, id);
    run_prune(after.repository, kFreeAll);
    EXPECT_TRUE(run_prune(after.repository, kFreeAll).nothing_to_do);
    const std::size_t chunks = indexed_chunks(after.repository).size();

    const BackupSummary next = back_up_source_to(after.repository);

    EXPECT_EQ(indexed_chunks(after.repository).size(), chunks) << "the next backup stored what was there";
    expect_no_chunk_twice(after.repository);
    expect_present(after.repository, next.snapshot_id);
    EXPECT_EQ(expect_sound(after.repository), "");
  }

  std::string newest_;
};

TEST_F(PruneFaults, Lose_nothing_and_leave_the_next_prune_its_work) {
  const int runs = at_every_operation(
      testing::all_faults(),
      [&](Repository& in) {
        keep_last(in, 1);
        run_prune(in, kFreeAll);
      },
      [&](Aftermath& after) { expect_that_the_next_prune_finishes(after, {newest_}); });
  EXPECT_GT(runs, 200);
}

// The sweep of an earlier prune, which finds that a snapshot stored meanwhile needs what is condemned.
TEST_F(PruneFaults, Lose_nothing_that_has_to_be_rescued) {
  write_files(10, 13, 12'000);
  const std::string late = commit();
  const Bytes record = get({ObjectKind::snapshot, late});
  // Its writer has not stored the record yet when the packs are condemned, and is killed right after it has.
  memory->remove({ObjectKind::snapshot, late}, {});
  {
    LeaseHolder lease(repository, random_id<16>(), LeaseRole::writer);
    lease.begin({});
    std::filesystem::remove(repository.state_folder() / "heads");  // of which `late` is one
    ASSERT_TRUE(run_prune(repository, kFreeAll).sweep_postponed);
    lease.release({});
  }
  memory->put({ObjectKind::snapshot, late}, record, Durability::durable, {});

  const int runs = at_every_operation(
      testing::all_faults(), [&](Repository& in) { run_prune(in, kFreeAll); },
      [&](Aftermath& after) {
        expect_that_the_next_prune_finishes(after, {newest_, late});
      });
  EXPECT_GT(runs, 100);
}

}  // namespace
}  // namespace igudar
