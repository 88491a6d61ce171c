#include "store/fault_store.h"

#include <gtest/gtest.h>

#include "store/expect_error.h"
#include "store/memory_store.h"

namespace igudar {
namespace {

using testing::code_of;
using testing::error_of;

const ObjectName kPack{ObjectKind::pack, "aa"};
const ObjectName kOther{ObjectKind::pack, "bb"};

class FaultStoreTest : public ::testing::Test {
 protected:
  FaultStoreTest() { memory_->create({}); }
  FaultStore with(FaultPlan plan) { return FaultStore(memory_, std::move(plan)); }

  std::shared_ptr<MemoryStore> memory_ = std::make_shared<MemoryStore>();
};

void put(ObjectStore& store, const ObjectName& name) {
  store.put(name, view_of("content"), Durability::durable, {});
}

TEST_F(FaultStoreTest, Counts_what_changes_the_storage) {
  FaultStore store = with({});
  put(store, kPack);
  const auto writer = store.open_writer(kOther, {});
  writer->append(view_of("x"), {});
  writer->append(view_of("y"), {});
  writer->finish(Durability::deferred, {});
  store.flush({});
  (void)store.get(kPack, 100, {});
  store.remove(kPack, {});
  EXPECT_EQ(store.operations(), 6U);
}

TEST_F(FaultStoreTest, Counts_reads_where_asked) {
  FaultStore store = with({.at = 2, .count_reads = true});
  (void)store.list(ObjectKind::pack, {});
  EXPECT_EQ(code_of([&] { (void)store.now({}); }), ErrorCode::io);
  EXPECT_EQ(store.operations(), 2U);
}

TEST_F(FaultStoreTest, Fails_at_the_operation_asked_for_and_goes_on) {
  FaultStore store = with({.at = 2, .code = ErrorCode::no_space});
  put(store, kPack);
  EXPECT_EQ(code_of([&] { put(store, kOther); }), ErrorCode::no_space);
  EXPECT_FALSE(memory_->stat(kOther, {}));
  put(store, kOther);
}

TEST_F(FaultStoreTest, Fails_as_often_as_asked) {
  FaultStore store = with({.at = 1, .count = 2, .kind = FaultKind::fail_retryable});
  EXPECT_TRUE(error_of([&] { put(store, kPack); }).retryable());
  EXPECT_TRUE(error_of([&] { put(store, kPack); }).retryable());
  put(store, kPack);
}

TEST_F(FaultStoreTest, Tears_without_a_trace) {
  FaultStore store = with({.at = 1, .count = 2, .kind = FaultKind::torn});
  EXPECT_EQ(code_of([&] { put(store, kPack); }), ErrorCode::io);
  EXPECT_EQ(code_of([&] { store.open_writer(kPack, {})->append(view_of("xy"), {}); }), ErrorCode::io);
  memory_->flush({});
  EXPECT_FALSE(memory_->stat(kPack, {}));
}

TEST_F(FaultStoreTest, Tears_visibly_where_a_storage_has_no_atomic_put) {
  FaultStore store = with({.at = 1, .count = 2, .kind = FaultKind::torn_visible});
  EXPECT_EQ(code_of([&] { put(store, kPack); }), ErrorCode::io);
  EXPECT_EQ(text_of(memory_->get(kPack, 100, {})), "con");
  EXPECT_EQ(code_of([&] { store.open_writer(kOther, {})->append(view_of("wxyz"), {}); }), ErrorCode::io);
  EXPECT_EQ(text_of(memory_->get(kOther, 100, {})), "wx");
}

TEST_F(FaultStoreTest, Tears_a_flush_as_the_plan_says) {
  FaultStore store = with({.at = 3, .kind = FaultKind::crash, .tear_flush = [&] { memory_->flush_some(1); }});
  store.put(kPack, view_of("1"), Durability::deferred, {});
  store.put(kOther, view_of("2"), Durability::deferred, {});
  EXPECT_THROW(store.flush({}), SimulatedCrash);
  const auto left = memory_->after_crash(VolatileFate::lost);
  EXPECT_TRUE(left->stat(kPack, {}));
  EXPECT_FALSE(left->stat(kOther, {}));
}

TEST_F(FaultStoreTest, Is_dead_for_good_after_a_crash) {
  FaultStore store = with({.at = 2, .kind = FaultKind::crash});
  put(store, kPack);
  const auto writer = store.open_writer(kOther, {});
  EXPECT_THROW(store.remove(kPack, {}), SimulatedCrash);
  EXPECT_TRUE(store.crashed());
  EXPECT_THROW(put(store, kOther), SimulatedCrash);
  EXPECT_THROW(writer->append(view_of("x"), {}), SimulatedCrash);
  EXPECT_THROW((void)store.get(kPack, 100, {}), SimulatedCrash);
  EXPECT_THROW((void)store.open_writer(kOther, {}), SimulatedCrash);
  EXPECT_TRUE(memory_->stat(kPack, {}));
}

TEST_F(FaultStoreTest, Can_crash_when_the_deed_is_done) {
  FaultStore store = with({.at = 1, .kind = FaultKind::crash_after});
  EXPECT_THROW(put(store, kPack), SimulatedCrash);
  EXPECT_TRUE(memory_->stat(kPack, {}));
}

TEST_F(FaultStoreTest, Loses_the_reply_to_a_deed_that_is_done) {
  FaultStore store = with({.at = 1, .kind = FaultKind::lose_reply});
  EXPECT_TRUE(error_of([&] { put(store, kPack); }).retryable());
  EXPECT_TRUE(memory_->stat(kPack, {}));
}

TEST_F(FaultStoreTest, Tears_reads) {
  memory_->put(kPack, view_of("content"), Durability::durable, {});
  FaultStore store = with({.at = 1, .kind = FaultKind::torn, .count_reads = true});
  EXPECT_EQ(code_of([&] { (void)store.get(kPack, 100, {}); }), ErrorCode::truncated);
}

}  // namespace
}  // namespace igudar
