#include "store/retries.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "concurrency/interruptible_wait.h"
#include "store/checks.h"

namespace igudar {

Retries::Retries(RetryPolicy policy)
    : policy_(std::move(policy)), random_(std::minstd_rand(std::random_device{}())) {
  if (!policy_.sleep)
    policy_.sleep = [](std::chrono::milliseconds delay, const std::stop_token& stop) {
      (void)wait_unless_stopped(delay, stop);
    };
}

void Retries::wait_before(unsigned retry_number, const std::stop_token& stop) const {
  auto delay = policy_.first_delay;
  for (unsigned i = 1; i < retry_number && delay < policy_.longest_delay; ++i) delay *= 2;
  delay = std::min(delay, policy_.longest_delay);
  std::uniform_int_distribution<std::chrono::milliseconds::rep> less(0, delay.count() / 2);
  delay -= std::chrono::milliseconds(random_.with([&](std::minstd_rand& random) { return less(random); }));
  policy_.sleep(delay, stop);
  throw_if_stopped(stop);
}

void Retries::run(const std::stop_token& stop, const std::function<void()>& attempt) const {
  for (unsigned failures = 0;;) {
    try {
      return attempt();
    } catch (const Error& error) {
      if (!error.retryable() || failures == policy_.retries) throw;
    }
    wait_before(++failures, stop);
  }
}

}  // namespace igudar
