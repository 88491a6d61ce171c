#include <gmock/gmock.h>

#include "base/hex.h"
#include "crypto/random.h"
#include "ops/check/check.h"
#include "ops/erase/erase_testing.h"
#include "ops/legal_holds.h"
#include "ops/prune/prune_testing.h"
#include "ops/restore/restore.h"
#include "repo/leases.h"
#include "store/expect_error.h"

namespace igudar {
namespace {

using testing::code_of;
using ::testing::HasSubstr;

class EraseTest : public ::testing::Test, public testing::PruneFixture {
 protected:
  std::string plan(const std::vector<std::string>& patterns) { return testing::plan_erasure_of(repository, patterns); }
  static ErasureDone run(Repository& in, const std::string& id) { return testing::run_planned_erasure(in, id); }
  std::map<std::string, std::string> restored(const std::string& id) {
    const std::filesystem::path target = scratch / "target";
    std::filesystem::remove_all(target);
    RunMonitor silent;
    RestoreOptions options{.snapshot = id, .target = target.string()};
    restore(repository, options, silent, {});
    std::map<std::string, std::string> files;
    for (const auto& each : std::filesystem::recursive_directory_iterator(target))
      if (each.is_regular_file())
        files[each.path().lexically_relative(target).string()] =
            std::string(text_of(read_local_file(each.path()).value()));
    return files;
  }
  std::vector<std::string> snapshot_ids() const {
    std::vector<std::string> ids;
    const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::store, {});
    for (const CataloguedSnapshot& each : catalogue.snapshots()) ids.push_back(to_hex(each.id.view()));
    return ids;
  }
};

// Whatever lies beside what is erased, in the same frames, files with holes and files of many extents among it.
TEST_F(EraseTest, Leaves_every_other_file_as_it_was) {
  write_sample_tree();
  write_sparse("sparse", 40, 5);
  write_sparse("many-extents", 1500, 6);
  write("gone/large", testing::noise(2U << 20, 7));
  write("gone/small", "a secret");
  write_sparse("gone/extents", 1500, 8);
  std::filesystem::create_hard_link(source() / "gone/small", source() / "folder1/linked");
  back_up_source();
  write("folder2/file3.txt", "changed");
  back_up_source();
  std::vector<std::map<std::string, std::string>> before;
  for (const std::string& id : snapshot_ids()) {
    before.push_back(restored(id));
    ASSERT_EQ(std::erase_if(before.back(), [](const auto& file) { return file.first.starts_with("gone/"); }), 3U);
  }

  const ErasureDone done = run(repository, plan({"/gone"}));

  EXPECT_TRUE(done.complete());
  EXPECT_EQ(done.copies.at(0).snapshots_rewritten, 2U);
  const std::vector<std::string> after = snapshot_ids();
  ASSERT_EQ(after.size(), 2U);
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(restored(after[i]), before[i]);
}

TEST_F(EraseTest, Rewrites_no_snapshot_that_has_nothing_to_do_with_it) {
  write("kept", testing::noise(1U << 20, 1));
  const std::string first = back_up_source();
  write("gone", testing::noise(1U << 20, 2));
  back_up_source();
  run(repository, plan({"/gone"}));
  EXPECT_THAT(snapshot_ids(), ::testing::Contains(first));
}

// Its pages and content are still there beside what is needed.
TEST_F(EraseTest, Finds_what_only_forgotten_snapshots_had) {
  for (int i = 0; i < 800; ++i)  // so many that there are several pages, of which the second snapshot shares some
    write("kept/" + std::string(150, 'x') + std::to_string(i), "content " + std::to_string(i));
  write("z/gone", "a secret");
  const std::string first = back_up_source();
  std::filesystem::remove(source() / "z/gone");
  back_up_source();
  forget_snapshot(repository, first);
  run_prune(repository, {});
  const ErasureDone done = run(repository, plan({"gone"}));
  EXPECT_TRUE(done.complete());
  EXPECT_GE(done.copies.at(0).chunks_erased, 2U) << "the page and the content";
  RunMonitor silent;
  EXPECT_EQ(code_of([&] { plan_erasure(repository, {.patterns = {"gone"}}, silent, {}); }), ErrorCode::not_found);
}

TEST_F(EraseTest, Says_until_when_a_running_backup_holds_it_off) {
  write("kept", "content");
  write("gone", "a secret");
  back_up_source();
  const std::string id = plan({"gone"});
  {
    LeaseHolder lease(repository, random_id<16>(), LeaseRole::writer);
    lease.begin({});
    const ErasureDone done = run(repository, id);
    EXPECT_FALSE(done.complete());
    ASSERT_TRUE(done.copies.at(0).residual_until);
    EXPECT_GT(*done.copies.at(0).residual_until, wall_clock_ns());
    lease.release({});
  }
  const ErasureDone done = run(repository, id);
  EXPECT_TRUE(done.complete());
  EXPECT_FALSE(done.copies.at(0).residual_until);
}

TEST_F(EraseTest, Keeps_held_snapshots_held_when_they_are_stored_anew) {
  write("kept", "content");
  const std::string first = back_up_source();
  write("gone", "a secret");
  const std::string second = back_up_source();
  RunMonitor silent;
  // The first one shares frames with nothing of it, but what if it is rewritten: so it is made to.
  set_hold(repository, {.snapshots = {SnapshotId::from(*from_hex(first))}, .reason = "case"}, {});
  const ErasureDone done =
      run(repository, to_hex(plan_erasure(repository, {.snapshots = {second}}, silent, {}).plan.id.view()));
  EXPECT_TRUE(done.complete());
  const std::vector<std::string> left = snapshot_ids();
  ASSERT_EQ(left.size(), 1U);
  forget_snapshot(repository, left[0]);
  EXPECT_EQ(snapshot_ids(), left);
}

TEST_F(EraseTest, Leaves_held_entries_alone) {
  write("case/letter", "evidence");
  back_up_source();
  set_hold(repository, {.patterns = {"/case"}, .reason = "the case"}, {});
  const std::string id = plan({"letter"});
  try {
    run(repository, id);
    ADD_FAILURE() << "it was erased";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::held);
    EXPECT_THAT(error.what(), HasSubstr("the case"));
  }
  EXPECT_EQ(restored("latest").size(), 1U);
}

}  // namespace
}  // namespace igudar
