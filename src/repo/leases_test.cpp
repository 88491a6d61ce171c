#include "repo/leases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>

#include "base/hex.h"
#include "concurrency/bounded_queue.h"
#include "crypto/keyed_hash.h"
#include "repo/local_identity.h"
#include "repo/repo_testing.h"
#include "store/fault_store.h"

namespace igudar {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::RepositoryFixture;
using ::testing::SizeIs;

constexpr std::chrono::seconds kTtl{400};

// A lease's timing in the test's hands: time stands still, and renewals happen when renew() says so.
class Timing {
 public:
  LeaseTiming timing() {
    return {kTtl, [this] { return std::chrono::nanoseconds(now_.load()); },
            [this](std::chrono::nanoseconds, const std::stop_token& stop) {
              waiting_.push(0, 0, {});
              (void)go_.pop(stop);
            }};
  }
  void advance(std::chrono::nanoseconds by) { now_ += by.count(); }
  // Has the lease renewed once, and returns when that is over.
  void renew() {
    if (!started_) (void)waiting_.pop({});
    started_ = true;
    go_.push(0, 0, {});
    (void)waiting_.pop({});
  }

 private:
  std::atomic<std::int64_t> now_{1'000'000'000};
  BoundedQueue<int> waiting_{1};
  BoundedQueue<int> go_{1};
  bool started_ = false;
};

Lease lease_of_this_process(const Repository& repository) {
  Lease lease;
  lease.seconds = 400;
  lease.machine =
      hmac_sha256(repository.keys().index_keys().oldest(), view_of(std::string("machine") + '\0' + machine_identity()));
  lease.boot_id = boot_id();
  lease.pid_namespace = pid_namespace();
  lease.pid = static_cast<std::uint64_t>(::getpid());
  lease.process_start = *process_start(lease.pid);
  return lease;
}

void put_lease(const Repository& repository, const std::string& id, const Lease& lease) {
  repository.store().put({ObjectKind::lease, id}, encode_lease(repository.keys().index_keys(), id, lease),
                         Durability::volatile_, {});
}

LeaseLiveness liveness_of(const Repository& repository, const Lease& lease) {
  put_lease(repository, "x.0", lease);
  const LeaseLiveness liveness = list_leases(repository, {}).at(0).liveness;
  repository.store().remove({ObjectKind::lease, "x.0"}, {});
  return liveness;
}

}  // namespace

TEST(LeaseHolder, publishes_the_newest_generation_and_removes_it_at_the_end) {
  const RepositoryFixture fixture;
  ASSERT_TRUE(create_condemnation(fixture.repository, {7, {PackName{}}, {}, 0}, {}));
  LeaseHolder holder(fixture.repository, SessionId{}, LeaseRole::writer);
  EXPECT_TRUE(holder.lapsed());
  const GcState gc = holder.begin({});
  EXPECT_EQ(gc.generation, 7U);
  EXPECT_THAT(gc.condemned, SizeIs(1));
  EXPECT_FALSE(holder.lapsed());

  const std::vector<ListedLease> leases = list_leases(fixture.repository, {});
  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_EQ(leases[0].name.id, std::string(32, '0') + ".0");
  EXPECT_EQ(leases[0].lease->generation, 7U);
  EXPECT_EQ(leases[0].liveness, LeaseLiveness::live);
  holder.release({});
  EXPECT_THAT(fixture.list(ObjectKind::lease), IsEmpty());
  EXPECT_TRUE(holder.lapsed());
}

TEST(LeaseHolder, leaves_the_lease_before_when_it_renews) {
  const RepositoryFixture fixture;
  Timing time;
  LeaseHolder holder(fixture.repository, SessionId{}, LeaseRole::writer, time.timing());
  (void)holder.begin({});
  const std::string session(32, '0');
  time.renew();
  EXPECT_THAT(fixture.list(ObjectKind::lease), ElementsAre(session + ".0", session + ".1"));
  time.renew();
  EXPECT_THAT(fixture.list(ObjectKind::lease), ElementsAre(session + ".1", session + ".2"));
  holder.release({});
  EXPECT_THAT(fixture.list(ObjectKind::lease), IsEmpty());
}

TEST(LeaseHolder, lives_as_long_as_it_is_renewed_in_time) {
  const RepositoryFixture fixture;
  Timing time;
  LeaseHolder holder(fixture.repository, SessionId{}, LeaseRole::writer, time.timing());
  (void)holder.begin({});
  for (int i = 0; i < 10; ++i) {
    time.advance(kTtl / 4);
    time.renew();
    EXPECT_FALSE(holder.lapsed());
  }
  time.advance(kTtl / 4 * 3);
  EXPECT_FALSE(holder.lapsed());
  time.advance(std::chrono::nanoseconds(1));
  EXPECT_TRUE(holder.lapsed());
  EXPECT_THROW(holder.require_alive(), Error);
}

TEST(LeaseHolder, stays_lapsed_once_it_was_overdue_until_it_begins_anew) {
  const RepositoryFixture fixture;
  Timing time;
  LeaseHolder holder(fixture.repository, SessionId{}, LeaseRole::writer, time.timing());
  (void)holder.begin({});
  time.advance(kTtl * 2);
  time.renew();
  time.renew();
  EXPECT_TRUE(holder.lapsed());
  ASSERT_TRUE(create_condemnation(fixture.repository, {1, {}, {}, 0}, {}));
  EXPECT_EQ(holder.begin({}).generation, 1U);
  EXPECT_FALSE(holder.lapsed());
  const std::vector<ListedLease> leases = list_leases(fixture.repository, {});
  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_EQ(leases[0].lease->generation, 1U);
}

TEST(LeaseHolder, notes_renewals_that_fail_and_tries_again) {
  const RepositoryFixture fixture;
  // Operation 1 is the first put, 2 and 3 are the renewals that fail.
  auto faulty = std::make_unique<FaultStore>(fixture.memory, FaultPlan{.at = 2, .count = 2, .tear_flush = {}});
  const Repository repository =
      open_repository(std::move(faulty), RepositoryFixture::credential("secret"), fixture.folders(), {});
  Timing time;
  LeaseHolder holder(repository, SessionId{}, LeaseRole::writer, time.timing());
  (void)holder.begin({});
  time.advance(kTtl / 4);
  time.renew();
  time.renew();
  EXPECT_THAT(holder.failures(), SizeIs(2));
  EXPECT_FALSE(holder.lapsed());
  time.renew();
  time.advance(kTtl / 4 * 3);
  EXPECT_FALSE(holder.lapsed());
  holder.release({});
  EXPECT_THAT(fixture.list(ObjectKind::lease), IsEmpty());
}

TEST(Leases, lapse_by_the_clock_of_the_storage) {
  const RepositoryFixture fixture;
  const TimeNs start = 1'800'000'000 * kNsPerSecond;
  fixture.memory->set_now(start);
  put_lease(fixture.repository, "x.0", lease_of_this_process(fixture.repository));
  fixture.memory->set_now(start + 500 * kNsPerSecond);
  EXPECT_EQ(list_leases(fixture.repository, {}).at(0).liveness, LeaseLiveness::live);
  fixture.memory->set_now(start + 501 * kNsPerSecond);
  EXPECT_EQ(list_leases(fixture.repository, {}).at(0).liveness, LeaseLiveness::lapsed);
}

TEST(Leases, of_a_process_that_is_gone_are_known_on_its_machine) {
  const RepositoryFixture fixture;
  const Lease own = lease_of_this_process(fixture.repository);
  EXPECT_EQ(liveness_of(fixture.repository, own), LeaseLiveness::live);
  Lease other = own;
  other.process_start += 1;  // the pid was used again
  EXPECT_EQ(liveness_of(fixture.repository, other), LeaseLiveness::holder_dead);
  other = own;
  other.pid = 0x3fffffff;
  EXPECT_EQ(liveness_of(fixture.repository, other), LeaseLiveness::holder_dead);
  other.pid_namespace += 1;
  EXPECT_EQ(liveness_of(fixture.repository, other), LeaseLiveness::live);
  other = own;
  other.boot_id = "before";
  EXPECT_EQ(liveness_of(fixture.repository, other), LeaseLiveness::holder_dead);
  other.machine.bytes[0] ^= 1;
  EXPECT_EQ(liveness_of(fixture.repository, other), LeaseLiveness::live);
}

TEST(Leases, that_are_damaged_count_as_live_until_the_default_time_has_passed) {
  RepositoryFixture fixture;
  const TimeNs start = 1'800'000'000 * kNsPerSecond;
  fixture.memory->set_now(start);
  put_lease(fixture.repository, "x.0", lease_of_this_process(fixture.repository));
  fixture.flip_a_bit({ObjectKind::lease, "x.0"});
  std::vector<ListedLease> leases = list_leases(fixture.repository, {});
  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_FALSE(leases[0].lease);
  EXPECT_TRUE(leases[0].unreadable);
  EXPECT_EQ(leases[0].liveness, LeaseLiveness::live);
  fixture.memory->set_now(start + 3600 * kNsPerSecond);
  EXPECT_EQ(list_leases(fixture.repository, {}).at(0).liveness, LeaseLiveness::lapsed);
}

TEST(Leases, of_a_newer_program_count_as_live_for_as_long_as_any_may) {
  constexpr TimeNs kDay = TimeNs{24} * 3600 * kNsPerSecond;
  RepositoryFixture fixture;
  const TimeNs start = 1'800'000'000 * kNsPerSecond;
  fixture.memory->set_now(start);
  const ObjectName name{ObjectKind::lease, "x.0"};
  put_lease(fixture.repository, name.id, lease_of_this_process(fixture.repository));
  Bytes newer = fixture.get(name);
  newer[5] = 2;
  fixture.replace(name, newer);
  fixture.memory->set_now(start + 7 * kDay);
  const std::vector<ListedLease> leases = list_leases(fixture.repository, {});
  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_EQ(leases[0].unreadable->code(), ErrorCode::unsupported);
  EXPECT_EQ(leases[0].liveness, LeaseLiveness::live);
  fixture.memory->set_now(start + 9 * kDay);
  EXPECT_EQ(list_leases(fixture.repository, {}).at(0).liveness, LeaseLiveness::lapsed);
}

TEST(Leases, cannot_be_moved_to_another_name) {
  RepositoryFixture fixture;
  put_lease(fixture.repository, "x.0", lease_of_this_process(fixture.repository));
  fixture.memory->put({ObjectKind::lease, "x.1"}, fixture.get({ObjectKind::lease, "x.0"}), Durability::volatile_, {});
  EXPECT_TRUE(list_leases(fixture.repository, {}).at(1).unreadable);
}

}  // namespace igudar
