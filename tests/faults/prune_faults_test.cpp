#include <gmock/gmock.h>

#include <algorithm>

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

// P1: a sweep is left to do, and another prune does it and makes the next generation just as this one begins with it:
// its record is gone then.
TEST_F(PruneFaults, Give_way_to_a_prune_that_did_the_sweep_meanwhile) {
  keep_last(repository, 2);
  {
    LeaseHolder lease(repository, random_id<16>(), LeaseRole::writer);
    lease.begin({});
    ASSERT_TRUE(run_prune(repository, kFreeAll).sweep_postponed);
    lease.release({});
  }
  keep_last(repository, 1);
  bool gave_way = false;
  for (int at = 1; !gave_way; ++at) {
    SCOPED_TRACE("interrupted before operation " + std::to_string(at));
    const std::shared_ptr<MemoryStore> store = copy_of_store();
    const auto run_other = [&] {
      Repository other = open_on(store);
      EXPECT_EQ(run_prune(other, kFreeAll).generation, 2U);
    };
    const auto interrupted =
        std::make_shared<testing::InterruptedStore>(store, at, run_other, testing::InterruptedStore::Count::with_reads);
    Repository in = open_on(interrupted);
    try {
      run_prune(in, kFreeAll);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::conflict) << error.what();
      EXPECT_THAT(error.what(), ::testing::HasSubstr("another prune runs on this repository and was faster"));
      gave_way = error.hint() == "Run this one again when it has ended.";
    }
    Repository next = open_on(store);
    EXPECT_TRUE(run_prune(next, kFreeAll).nothing_to_do || !gave_way);
    expect_present(next, newest_);
    expect_sound(next);
    ASSERT_TRUE(interrupted->called()) << "it never met the other one";
    ASSERT_FALSE(HasFailure());
  }
}

// What a snapshot needs is known from its reference set alone: without it everything might be needed.
TEST_F(PruneFaults, Delete_nothing_while_a_snapshot_does_not_say_what_it_needs) {
  write_files(10, 13, 12'000);
  const std::vector<ObjectName> before = packs(PackType::metadata);
  const std::string broken = commit();
  remove_files(10, 13);
  for (const ObjectName& pack : packs(PackType::metadata))
    if (std::find(before.begin(), before.end(), pack) == before.end()) memory->remove(pack, {});
  forget_snapshot(repository, newest_);
  const std::vector<ObjectName> left = packs(PackType::data);
  try {
    run_prune(repository, kFreeAll);
    ADD_FAILURE() << "it pruned";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::damaged);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("nothing was deleted: the snapshot " + broken.substr(0, 12)));
    EXPECT_THAT(error.hint(), ::testing::HasSubstr("igudar forget " + broken.substr(0, 12)));
  }
  EXPECT_EQ(packs(PackType::data), left);

  forget_snapshot(repository, broken);
  run_prune(repository, kFreeAll);
  EXPECT_LT(packs(PackType::data).size(), left.size());
  expect_sound(repository);
}

}  // namespace
}  // namespace igudar
