#include "ops/forget/forget.h"

#include <gmock/gmock.h>

#include "repo/key_slots.h"
#include "repo/local_state.h"
#include "repo/snapshot_catalogue.h"
#include "store/expect_error.h"
#include "testing/repository_fixture.h"

namespace igudar {
namespace {

using testing::code_of;

class ForgetTest : public ::testing::Test, public testing::SourceFixture {
 protected:
  static constexpr TimeNs kDay = TimeNs{24} * 3600 * kNsPerSecond;

  std::string back_up_at(TimeNs time, const std::string& host = "here", std::vector<std::string> tags = {}) {
    BackupOptions options;
    options.time = time;
    options.host = host;
    options.tags = std::move(tags);
    return back_up_source(options);
  }
  static ForgetPlan run(Repository& in, const ForgetOptions& options) {
    RunMonitor silent;
    return forget(in, options, silent, {});
  }
  SnapshotCatalogue catalogue() const { return SnapshotCatalogue::load(repository, CatalogueSource::store, {}); }
  static ForgetOptions keep_last(int count) {
    ForgetOptions options;
    options.policy.last = count;
    return options;
  }

  const TimeNs now_ = wall_clock_ns();
};

TEST_F(ForgetTest, Leaves_a_tombstone_so_that_no_record_is_missing) {
  write("a", "1");
  const std::string first = back_up_at(now_ - 2);
  const std::string second = back_up_at(now_ - 1);
  const std::string third = back_up_at(now_);
  const ForgetPlan plan = run(repository, keep_last(1));
  EXPECT_EQ(plan.kept, 1U);
  EXPECT_EQ(plan.forgotten, 2U);
  EXPECT_EQ(list(ObjectKind::snapshot), std::vector<std::string>{third});
  EXPECT_EQ(list(ObjectKind::tombstone).size(), 1U);
  EXPECT_TRUE(catalogue().missing().empty());
}

TEST_F(ForgetTest, Shows_in_a_dry_run_what_it_would_do) {
  write("a", "1");
  const std::string first = back_up_at(now_ - 1);
  back_up_at(now_);
  ForgetOptions options = keep_last(1);
  options.dry_run = true;
  const ForgetPlan plan = run(repository, options);
  ASSERT_EQ(plan.groups.size(), 1U);
  EXPECT_FALSE(plan.groups[0].decisions.at(1).keep);
  EXPECT_EQ(plan.groups[0].decisions.at(1).snapshot_id, first);
  EXPECT_EQ(list(ObjectKind::snapshot).size(), 2U);
}

TEST_F(ForgetTest, Judges_hosts_apart) {
  write("a", "1");
  back_up_at(now_ - 1, "one");
  back_up_at(now_, "two");
  EXPECT_EQ(run(repository, keep_last(1)).forgotten, 0U);
  ForgetOptions together = keep_last(1);
  together.group_by_host = false;
  EXPECT_EQ(run(repository, together).forgotten, 1U);
}

TEST_F(ForgetTest, Does_not_let_a_snapshot_of_a_wrong_clock_push_out_or_be_pushed_out) {
  write("a", "1");
  back_up_at(now_ - 1);
  const std::string backdated = back_up_at(now_ - 400 * kDay);
  const ForgetPlan plan = run(repository, keep_last(1));
  EXPECT_EQ(plan.forgotten, 0U);
  ASSERT_EQ(plan.groups.size(), 2U);
  for (const ForgetGroup& group : plan.groups) {
    const ForgetDecision& decision = group.decisions[0];
    EXPECT_EQ(std::count(decision.reasons.begin(), decision.reasons.end(), "clock"),
              decision.snapshot_id == backdated ? 1 : 0);
  }
}

TEST_F(ForgetTest, Refuses_to_forget_without_being_told_what) {
  EXPECT_EQ(code_of([&] { run(repository, {}); }), ErrorCode::usage);
}

TEST_F(ForgetTest, Refuses_a_policy_that_keeps_nothing_of_a_group) {
  write("a", "1");
  back_up_at(now_);
  ForgetOptions options;
  options.policy.tags = {{"nobody"}};
  EXPECT_EQ(code_of([&] { run(repository, options); }), ErrorCode::usage);
  EXPECT_EQ(list(ObjectKind::snapshot).size(), 1U);
}

TEST_F(ForgetTest, Forgets_the_snapshots_that_are_named) {
  write("a", "1");
  const std::string first = back_up_at(now_ - 1);
  const std::string second = back_up_at(now_);
  ForgetOptions options;
  options.snapshots = {first.substr(0, 10), first};
  EXPECT_EQ(run(repository, options).forgotten, 1U);
  EXPECT_EQ(list(ObjectKind::snapshot), std::vector<std::string>{second});
  EXPECT_EQ(code_of([&] { run(repository, options); }), ErrorCode::not_found);
}

TEST_F(ForgetTest, Notices_later_that_the_storage_took_it_back) {
  write("a", "1");
  back_up_at(now_ - 1);
  back_up_at(now_);
  const auto before = testing::objects_of(*memory);
  run(repository, keep_last(1));
  EXPECT_THAT(LocalState(repository).lost_heads(catalogue()), ::testing::IsEmpty());
  for (const auto& [name, content] : testing::objects_of(*memory))
    if (!before.contains(name)) memory->remove(name, {});
  for (const auto& [name, content] : before)
    if (!memory->stat(name, {})) memory->put(name, content, Durability::durable, {});
  EXPECT_EQ(LocalState(repository).lost_heads(catalogue()).size(), 1U);
}

TEST_F(ForgetTest, Gives_up_a_lost_snapshot_that_only_this_machine_remembers) {
  write("a", "1");
  back_up_at(now_ - 1);
  const std::string lost = back_up_at(now_);
  memory->remove({ObjectKind::snapshot, lost}, {});
  ASSERT_EQ(LocalState(repository).lost_heads(catalogue()).size(), 1U);
  ForgetOptions options;
  options.snapshots = {lost.substr(0, 10)};
  EXPECT_EQ(run(repository, options).kept, 1U);
  EXPECT_THAT(LocalState(repository).lost_heads(catalogue()), ::testing::IsEmpty());
}

TEST_F(ForgetTest, Works_without_the_key_to_names_but_not_by_names) {
  write("a", "1");
  back_up_at(now_ - 2, "one");
  back_up_at(now_ - 1, "one", {"keep"});
  back_up_at(now_, "one");
  add_slot(repository, recipient("keeper"), Capability::maintain, {});
  Repository keeper = open("keeper");
  ForgetOptions options = keep_last(1);
  options.filter.hosts = {"one"};
  EXPECT_EQ(code_of([&] { run(keeper, options); }), ErrorCode::permission);
  options.filter = {};
  options.policy.tags = {{"keep"}};
  EXPECT_EQ(run(keeper, options).forgotten, 1U);
}

TEST_F(ForgetTest, Is_refused_to_slots_that_may_only_write) {
  write("a", "1");
  back_up_at(now_ - 1);
  back_up_at(now_);
  add_slot(repository, recipient("writer"), Capability::write, {});
  Repository writer = open("writer");
  EXPECT_EQ(code_of([&] { run(writer, keep_last(1)); }), ErrorCode::permission);
}

}  // namespace
}  // namespace igudar
