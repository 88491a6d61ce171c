#include "fault_at_n.h"

namespace igudar {
namespace {

class BackupFaults : public testing::FaultAtN {
 protected:
  // Two snapshots, and a source with more to store: several packs and checkpoints.
  BackupFaults() {
    write("large", testing::noise(20U << 10, 1));
    write("folder/text", "not much");
    std::filesystem::create_symlink("text", source() / "folder/link");
    commit();
    write("folder/text", "something else");
    write("folder/deeper/empty", "");
    commit();
    write_files(0, 6, 16'000);
    std::filesystem::remove(source() / "folder/link");
    write("folder/text", "and again");
  }
  BackupSummary back_up_to(Repository& in) const {
    BackupOptions options;
    options.checkpoint_bytes = 40'000;
    return back_up_source_to(in, options);
  }
};

TEST_F(BackupFaults, Harm_no_snapshot_and_the_next_backup_stores_only_what_had_not_arrived) {
  const std::size_t chunks_before = indexed_chunks(repository).size();
  Repository undisturbed = open_copy();
  const std::uint64_t all_new_bytes = back_up_to(undisturbed).new_bytes;
  const std::size_t all_chunks = indexed_chunks(undisturbed).size();
  int arrived_in_part = 0;
  std::string id;

  const int runs = at_every_operation(
      testing::all_faults(),
      [&](Repository& in) {
        id.clear();
        id = back_up_to(in).snapshot_id;
      },
      [&](Aftermath& after) {
        if (after.completed) expect_present(after.repository, id);
        expect_sound(after.repository);
        const std::size_t arrived = indexed_chunks(after.repository).size();
        ASSERT_GE(arrived, chunks_before);
        if (arrived > chunks_before && arrived < all_chunks) ++arrived_in_part;

        const BackupSummary next = back_up_to(after.repository);

        expect_no_chunk_twice(after.repository);
        EXPECT_EQ(indexed_chunks(after.repository).size(), all_chunks);
        if (arrived > chunks_before) {
          EXPECT_LT(next.new_bytes, all_new_bytes);
        }
        expect_present(after.repository, next.snapshot_id);
        expect_restores(after.repository, next.snapshot_id);
      });
  EXPECT_GT(runs, 300);
  EXPECT_GT(arrived_in_part, 20);
}

TEST_F(BackupFaults, Leave_garbage_that_the_next_prune_removes_once_the_lease_has_lapsed) {
  at_every_operation(
      testing::all_faults(), [&](Repository& in) { back_up_to(in); },
      [&](Aftermath& after) {
        after.store->set_now(wall_clock_ns() + TimeNs{3} * 3600 * kNsPerSecond);
        run_prune(after.repository, {.max_unused_percent = 0});
        EXPECT_EQ(expect_sound(after.repository), "");
        EXPECT_TRUE(run_prune(after.repository, {.max_unused_percent = 0}).nothing_to_do);
      });
}

}  // namespace
}  // namespace igudar
