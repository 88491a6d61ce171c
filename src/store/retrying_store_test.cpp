#include "store/retrying_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/expect_error.h"
#include "store/fault_store.h"
#include "store/memory_store.h"

namespace igudar {
namespace {

using std::chrono::milliseconds;
using testing::code_of;

const ObjectName kPack{ObjectKind::pack, "aa"};

class RetryingStoreTest : public ::testing::Test {
 protected:
  RetryingStoreTest() { memory_->create({}); }

  // A store with three retries over one that fails as planned; naps are noted, not taken.
  RetryingStore over(FaultPlan plan) {
    faults_ = std::make_shared<FaultStore>(memory_, std::move(plan));
    return RetryingStore(faults_,
                         {.retries = 3,
                          .first_delay = milliseconds(100),
                          .longest_delay = milliseconds(250),
                          .sleep = [this](milliseconds nap, const std::stop_token&) { naps_.push_back(nap); }});
  }
  void put(ObjectStore& store, std::string_view text, Durability durability = Durability::durable) {
    store.put(kPack, view_of(text), durability, {});
  }
  std::string stored() { return std::string(text_of(memory_->get(kPack, 100, {}))); }

  std::shared_ptr<MemoryStore> memory_ = std::make_shared<MemoryStore>();
  std::shared_ptr<FaultStore> faults_;
  std::vector<milliseconds> naps_;
};

TEST_F(RetryingStoreTest, Tries_again_until_it_works) {
  RetryingStore store = over({.at = 1, .count = 3, .kind = FaultKind::fail_retryable});
  put(store, "content");
  EXPECT_EQ(stored(), "content");
  EXPECT_EQ(faults_->operations(), 4U);
}

TEST_F(RetryingStoreTest, Gives_up_with_the_last_error) {
  RetryingStore store = over({.at = 1, .count = 4, .kind = FaultKind::fail_retryable});
  EXPECT_EQ(code_of([&] { put(store, "content"); }), ErrorCode::io);
  EXPECT_EQ(faults_->operations(), 4U);
}

TEST_F(RetryingStoreTest, Does_not_repeat_what_cannot_get_better) {
  RetryingStore store = over({.at = 1, .kind = FaultKind::fail});
  EXPECT_EQ(code_of([&] { put(store, "content"); }), ErrorCode::io);
  EXPECT_EQ(faults_->operations(), 1U);
}

TEST_F(RetryingStoreTest, Waits_longer_each_time_within_bounds) {
  RetryingStore store = over({.at = 1, .count = 3, .kind = FaultKind::fail_retryable});
  store.flush({});
  const milliseconds longest[] = {milliseconds(100), milliseconds(200), milliseconds(250)};
  ASSERT_EQ(naps_.size(), std::size(longest));
  for (std::size_t i = 0; i < naps_.size(); ++i) {
    EXPECT_LE(naps_[i], longest[i]);
    EXPECT_GE(naps_[i], longest[i] / 2);
  }
}

TEST_F(RetryingStoreTest, Recognises_its_own_object_when_the_reply_was_lost) {
  for (const Durability durability : {Durability::durable, Durability::deferred, Durability::volatile_}) {
    RetryingStore store = over({.at = 1, .kind = FaultKind::lose_reply});
    put(store, "content", durability);
    EXPECT_EQ(stored(), "content");
    memory_->remove(kPack, {});
  }
}

TEST_F(RetryingStoreTest, Does_not_take_a_different_object_for_its_own) {
  put(*memory_, "CONTENT");
  RetryingStore store = over({.at = 1, .kind = FaultKind::fail_retryable});
  EXPECT_EQ(code_of([&] { put(store, "content"); }), ErrorCode::already_exists);
  EXPECT_EQ(code_of([&] { put(store, "longer content"); }), ErrorCode::already_exists);
  EXPECT_EQ(stored(), "CONTENT");
}

TEST_F(RetryingStoreTest, Reports_an_equal_object_that_was_there_before_the_first_attempt) {
  put(*memory_, "content");
  RetryingStore store = over({});
  EXPECT_EQ(code_of([&] { put(store, "content"); }), ErrorCode::already_exists);
}

TEST_F(RetryingStoreTest, Repeats_every_read) {
  put(*memory_, "content");
  const std::function<void(ObjectStore&)> reads[] = {
      [](ObjectStore& store) { EXPECT_EQ(store.get(kPack, 100, {}).size(), 7U); },
      [](ObjectStore& store) {
        Bytes two(2);
        store.get_range(kPack, 1, two, {});
        EXPECT_EQ(text_of(two), "on");
      },
      [](ObjectStore& store) { EXPECT_TRUE(store.stat(kPack, {})); },
      [](ObjectStore& store) { EXPECT_EQ(store.list(ObjectKind::pack, {}).size(), 1U); },
      [](ObjectStore& store) { EXPECT_GT(store.now({}), 0); },
  };
  for (const auto& read : reads) {
    RetryingStore store = over({.at = 1, .kind = FaultKind::fail_retryable, .count_reads = true});
    read(store);
    EXPECT_EQ(faults_->operations(), 2U);
  }
}

TEST_F(RetryingStoreTest, Passes_writers_through) {
  RetryingStore store = over({.at = 2, .kind = FaultKind::fail_retryable});
  const auto writer = store.open_writer(kPack, {});
  writer->append(view_of("x"), {});
  EXPECT_EQ(code_of([&] { writer->finish(Durability::durable, {}); }), ErrorCode::io);
  EXPECT_EQ(faults_->operations(), 2U);
}

TEST_F(RetryingStoreTest, Stops_while_it_waits) {
  const auto faults = std::make_shared<FaultStore>(memory_, FaultPlan{.at = 1, .kind = FaultKind::fail_retryable});
  std::stop_source source;
  RetryingStore store(faults, {.sleep = [&](milliseconds, const std::stop_token&) { source.request_stop(); }});
  EXPECT_EQ(code_of([&] { store.flush(source.get_token()); }), ErrorCode::interrupted);
}

}  // namespace
}  // namespace igudar
