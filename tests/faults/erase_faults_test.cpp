#include <gmock/gmock.h>

#include "fault_at_n.h"
#include "ops/erase/erase_testing.h"

namespace igudar {
namespace {

class EraseFaults : public testing::FaultAtN {
 protected:
  EraseFaults() {
    write_files(0, 3, 4'000);
    write("gone/one", testing::noise(3000, 50));
    write("gone/small", "a secret");
    write("small", "a neighbour");
    commit();
    write("gone/two", testing::noise(3000, 51));
    write("small", "another neighbour");
    commit();
    plan_ = testing::plan_erasure_of(repository, {"/gone"});
  }

  ErasureDone run(Repository& in) const { return testing::run_planned_erasure(in, plan_); }

  // Interrupted anywhere: nothing is lost, and the next run ends it, with each snapshot there once.
  void expect_that_the_next_run_finishes(Aftermath& after) const {
    expect_no_damage(after.repository);
    // One that could not be removed holds off the sweep until it lapses.
    for (const ObjectInfo& lease : after.store->list(ObjectKind::lease, {})) after.store->remove(lease.name, {});
    EXPECT_TRUE(run(after.repository).complete());
    expect_no_damage(after.repository);
    const SnapshotCatalogue catalogue = SnapshotCatalogue::load(after.repository, CatalogueSource::store, {});
    ASSERT_EQ(catalogue.snapshots().size(), 2U);
    EXPECT_EQ(content_of(after.repository, catalogue.snapshots()[0].id, "small"), "a neighbour");
    EXPECT_EQ(content_of(after.repository, catalogue.snapshots()[1].id, "small"), "another neighbour");
  }

  std::string content_of(Repository& in, const SnapshotId& id, const std::string& file) const {
    const std::filesystem::path folder = scratch / "trial" / "restored";
    std::filesystem::remove_all(folder);
    RestoreOptions options{.snapshot = to_hex(id.view()), .target = folder.string()};
    options.threads = 1;
    ProblemCounter problems;
    restore(in, options, problems, {});
    EXPECT_EQ(problems.problems, 0);
    EXPECT_FALSE(std::filesystem::exists(folder / "gone"));
    EXPECT_EQ(read_local_file(folder / "file1"), testing::noise(4'000, 1));
    return std::string(text_of(read_local_file(folder / file).value_or(Bytes{})));
  }

  using ProblemCounter = testing::ProblemCounter;
  std::string plan_;
};

TEST_F(EraseFaults, Lose_nothing_and_are_gone_on_with) {
  // A run is long: prune's own faults, and what is the same for each way to fail, are tested with prune.
  const std::vector<testing::Fault> faults = {{"crashes", {.kind = FaultKind::crash}},
                                              {"fails", {.kind = FaultKind::fail}},
                                              {"is done, but seems to have failed", {.kind = FaultKind::lose_reply}}};
  const int runs = at_every_operation(
      faults, [&](Repository& in) { run(in); }, [&](Aftermath& after) { expect_that_the_next_run_finishes(after); });
  EXPECT_GT(runs, 100);
}

}  // namespace
}  // namespace igudar
