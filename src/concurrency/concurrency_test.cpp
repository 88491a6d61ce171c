#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include "concurrency/bounded_queue.h"
#include "concurrency/guarded.h"
#include "concurrency/lending_pool.h"
#include "concurrency/one_shot.h"
#include "concurrency/task_pool.h"
#include "concurrency/task_scope.h"

namespace igudar {

TEST(TaskScope, rethrows_the_first_error_and_stops_the_others) {
  TaskScope scope;
  BoundedQueue<int> never(1);
  scope.spawn("waits", [&](std::stop_token stop) { EXPECT_FALSE(never.pop(stop)); });
  scope.spawn("fails", [](std::stop_token) { throw std::runtime_error("first"); });
  EXPECT_THROW(scope.join(), std::runtime_error);
}

TEST(TaskScope, passes_on_the_outer_stop) {
  std::stop_source outer;
  TaskScope scope(outer.get_token());
  BoundedQueue<int> never(1);
  scope.spawn("waits", [&](std::stop_token stop) { EXPECT_FALSE(never.pop(stop)); });
  outer.request_stop();
  scope.join();
}

TEST(BoundedQueue, keeps_order_and_drains_after_close) {
  BoundedQueue<int> queue(100);
  EXPECT_TRUE(queue.push(1, 1, {}));
  EXPECT_TRUE(queue.push(2, 1, {}));
  queue.close();
  EXPECT_FALSE(queue.push(3, 1, {}));
  EXPECT_EQ(queue.pop({}), 1);
  EXPECT_EQ(queue.pop({}), 2);
  EXPECT_EQ(queue.pop({}), std::nullopt);
}

TEST(BoundedQueue, lets_one_oversized_item_pass) {
  BoundedQueue<int> queue(10);
  EXPECT_TRUE(queue.push(1, 1000, {}));
  EXPECT_EQ(queue.pop({}), 1);
}

TEST(ParallelFor, visits_every_index_once) {
  std::vector<std::atomic<int>> seen(1000);
  parallel_for(seen.size(), 4, {}, [&](std::size_t i) { seen[i]++; });
  for (const auto& count : seen) EXPECT_EQ(count, 1);
}

TEST(LendingPool, lends_no_more_than_its_limit_and_the_same_again) {
  LendingPool<int> pool(2);
  EXPECT_EQ(*pool.borrow({}), nullptr);
  EXPECT_EQ(*pool.borrow({}), nullptr);
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_FALSE(pool.borrow(stopped.get_token()));
  TaskScope scope;
  scope.spawn("waits", [&](std::stop_token stop) {
    auto lent = pool.borrow(stop);
    ASSERT_TRUE(lent);
    EXPECT_EQ(**lent, 7);
  });
  pool.give_back(std::make_unique<int>(7));
  scope.join();
}

TEST(LendingPool, takes_the_place_of_what_broke) {
  LendingPool<int> pool(1);
  EXPECT_EQ(*pool.borrow({}), nullptr);
  pool.give_back(nullptr);
  EXPECT_EQ(*pool.borrow({}), nullptr);
}

TEST(TaskPool, begins_tasks_in_order_on_several_threads) {
  std::vector<int> begun;
  OneShot<Done> second_began;
  {
    TaskPool pool("test", 2, 100);
    Guarded<std::vector<int>> order;
    EXPECT_TRUE(pool.submit(
        [&](std::stop_token) {
          order.with([](std::vector<int>& o) { o.push_back(1); });
          (void)second_began.wait({});
        },
        1, {}));
    EXPECT_TRUE(pool.submit(
        [&](std::stop_token) {
          order.with([](std::vector<int>& o) { o.push_back(2); });
          second_began.set({});
        },
        1, {}));
    OneShot<Done> third;
    EXPECT_TRUE(pool.submit([&](std::stop_token) { third.set({}); }, 1, {}));
    (void)third.wait({});
    begun = order.with([](std::vector<int>& o) { return o; });
  }
  std::sort(begun.begin(), begun.end());
  EXPECT_EQ(begun, (std::vector<int>{1, 2}));
}

TEST(TaskPool, makes_wait_who_gives_more_than_it_may_keep) {
  OneShot<Done> go_on;
  TaskPool pool("test", 1, 10);
  OneShot<Done> began;
  EXPECT_TRUE(pool.submit(
      [&](std::stop_token) {
        began.set({});
        (void)go_on.wait({});
      },
      1, {}));
  (void)began.wait({});
  EXPECT_TRUE(pool.submit([](std::stop_token) {}, 10, {}));
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_FALSE(pool.submit([](std::stop_token) { ADD_FAILURE() << "was taken"; }, 1, stopped.get_token()));
  go_on.set({});
}

TEST(TaskPool, runs_what_it_took_before_it_ends_and_asks_it_to_stop) {
  std::atomic<int> ran{0};
  std::atomic<int> stopped{0};
  {
    TaskPool pool("test", 1, 100);
    for (int i = 0; i < 20; ++i)
      EXPECT_TRUE(pool.submit(
          [&](std::stop_token stop) {
            ++ran;
            if (stop.stop_requested()) ++stopped;
          },
          1, {}));
  }
  EXPECT_EQ(ran, 20);
  EXPECT_LE(stopped, 20);
}

}  // namespace igudar
