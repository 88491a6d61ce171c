#include "store/retry.h"

#include <gmock/gmock.h>

#include <vector>

#include "store/expect_error.h"

namespace igudar {
namespace {

using std::chrono::milliseconds;
using testing::code_of;
using ::testing::ElementsAre;
using ::testing::SizeIs;

Error busy(milliseconds not_before = {}) {
  return Error(ErrorCode::io, "busy").as_retryable(not_before);
}

struct Waits {
  RetryPolicy policy{.retries = 4,
                     .first_delay = milliseconds(100),
                     .longest_delay = milliseconds(250),
                     .sleep = [this](milliseconds delay, const std::stop_token&) { delays.push_back(delay); }};
  std::vector<milliseconds> delays;
  unsigned attempts = 0;

  // Fails `failures` times with `error`, then succeeds.
  void run(const Retry& retry, unsigned failures, const Error& error = busy()) {
    attempts = 0;
    retry.run({}, [&](unsigned number) {
      EXPECT_EQ(number, attempts);
      if (attempts++ < failures) throw Error(error);
    });
  }
};

TEST(Retry, Waits_longer_each_time_but_never_more_than_the_longest) {
  Waits waits;
  waits.run(Retry(waits.policy), 4);
  ASSERT_THAT(waits.delays, SizeIs(4));
  const milliseconds most[] = {milliseconds(100), milliseconds(200), milliseconds(250), milliseconds(250)};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_LE(waits.delays[i], most[i]);
    EXPECT_GE(waits.delays[i], most[i] / 2);
  }
}

TEST(Retry, Waits_as_long_as_it_is_asked_to) {
  Waits waits;
  waits.run(Retry(waits.policy), 1, busy(milliseconds(7000)));
  EXPECT_THAT(waits.delays, ElementsAre(milliseconds(7000)));
}

TEST(Retry, Begins_no_attempt_after_the_deadline) {
  Waits waits;
  waits.policy.deadline = milliseconds(60'000);
  const Retry retry(waits.policy);
  EXPECT_EQ(code_of([&] { waits.run(retry, 1, busy(milliseconds(61'000))); }), ErrorCode::io);
  EXPECT_EQ(waits.attempts, 1U);
}

TEST(Retry, Waits_only_once_for_a_storage_that_is_dead) {
  Waits waits;
  waits.policy.deadline = milliseconds(60'000);
  const Retry retry(waits.policy);
  EXPECT_EQ(code_of([&] { waits.run(retry, 1, busy(milliseconds(61'000))); }), ErrorCode::io);
  EXPECT_EQ(code_of([&] { waits.run(retry, 1); }), ErrorCode::io);
  EXPECT_EQ(waits.attempts, 1U);
  waits.run(retry, 0);  // it lives again
  waits.run(retry, 2);
  EXPECT_EQ(waits.attempts, 3U);
}

TEST(Retry, Does_not_repeat_what_will_not_change) {
  Waits waits;
  EXPECT_EQ(code_of([&] { waits.run(Retry(waits.policy), 1, Error(ErrorCode::permission, "denied")); }),
            ErrorCode::permission);
  EXPECT_EQ(waits.attempts, 1U);
}

}  // namespace
}  // namespace igudar
