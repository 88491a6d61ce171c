#include <gmock/gmock.h>

#include "fault_at_n.h"
#include "ops/rekey/rekey.h"
#include "repo/key_rotation.h"

namespace igudar {
namespace {

// What `key rotate --rewrap` and `--reencrypt` do once the keys are changed.
class RekeyFaults : public testing::FaultAtN, public ::testing::WithParamInterface<Rekeying> {
 protected:
  RekeyFaults() {
    write_files(0, 3, 4'000);
    first_ = testing::tree_of(source());
    back_up_source();
    write("file1", testing::noise(3'000, 50));
    second_ = testing::tree_of(source());
    back_up_source();
    rotate_keys(repository, {.older = GetParam()}, {});
  }

  static void run(Repository& in) {
    RunMonitor silent;
    const RekeyingSummary done = rekey(in, GetParam(), silent, {});
    PruneOptions options{.no_tolerance = done.packs};
    if (GetParam() == Rekeying::secrets) options.copied = done.packs;
    run_prune(in, options);
  }

  // Interrupted anywhere: nothing is lost, and the next run ends it, with each snapshot there once.
  void expect_that_the_next_run_finishes(Aftermath& after) const {
    expect_no_damage(after.repository);
    // A lease that could not be removed holds off the sweep until it lapses.
    for (const ObjectInfo& lease : after.store->list(ObjectKind::lease, {})) after.store->remove(lease.name, {});
    run(after.repository);
    EXPECT_FALSE(is_rekeying_due(after.repository, GetParam(), {}));
    expect_no_damage(after.repository);
    const SnapshotCatalogue catalogue = SnapshotCatalogue::load(after.repository, CatalogueSource::store, {});
    ASSERT_EQ(catalogue.snapshots().size(), 2U);
    expect_tree(after.repository, catalogue.snapshots()[0].id, first_);
    expect_tree(after.repository, catalogue.snapshots()[1].id, second_);
  }

  void expect_tree(Repository& in, const SnapshotId& id, const testing::Tree& expected) const {
    const std::filesystem::path folder = scratch / "trial" / "restored";
    std::filesystem::remove_all(folder);
    testing::ProblemList problems;
    RestoreOptions options{.snapshot = to_hex(id.view()), .target = folder.string()};
    options.threads = 1;
    restore(in, options, problems, {});
    EXPECT_TRUE(problems.problems().empty());
    EXPECT_EQ(testing::differences(expected, testing::tree_of(folder)), "");
  }

 private:
  testing::Tree first_, second_;
};

TEST_P(RekeyFaults, Lose_nothing_and_are_gone_on_with) {
  // Prune's own faults are tested with prune.
  const std::vector<testing::Fault> faults = {{"crashes", {.kind = FaultKind::crash}},
                                              {"fails", {.kind = FaultKind::fail}},
                                              {"is done, but seems to have failed", {.kind = FaultKind::lose_reply}}};
  const int runs = at_every_operation(faults, run, [&](Aftermath& after) { expect_that_the_next_run_finishes(after); });
  EXPECT_GT(runs, 100);
}

INSTANTIATE_TEST_SUITE_P(Depths, RekeyFaults, ::testing::Values(Rekeying::secrets, Rekeying::content),
                         [](const auto& each) { return each.param == Rekeying::secrets ? "secrets" : "content"; });

}  // namespace
}  // namespace igudar
