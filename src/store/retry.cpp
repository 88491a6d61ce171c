#include "store/retry.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "concurrency/interruptible_wait.h"
#include "store/checks.h"

namespace igudar {

Retry::Retry(RetryPolicy policy) : policy_(std::move(policy)), random_(std::minstd_rand(std::random_device{}())) {
  if (!policy_.sleep)
    policy_.sleep = [](std::chrono::milliseconds duration, const std::stop_token& stop) {
      (void)wait_unless_stopped(duration, stop);
    };
}

std::chrono::milliseconds Retry::delay_before(unsigned number) const {
  auto delay = policy_.first_delay;
  for (unsigned i = 1; i < number && delay < policy_.longest_delay; ++i) delay *= 2;
  delay = std::min(delay, policy_.longest_delay);
  std::uniform_int_distribution<std::chrono::milliseconds::rep> less(0, delay.count() / 2);
  return delay - std::chrono::milliseconds(random_.with([&](std::minstd_rand& random) { return less(random); }));
}

void Retry::run(const std::stop_token& stop, const std::function<void(unsigned)>& attempt) const {
  std::chrono::nanoseconds first_end{0};
  for (unsigned number = 0;;) {
    std::chrono::milliseconds delay{0};
    try {
      attempt(number);
      gave_up_ = false;
      return;
    } catch (const Error& error) {
      const auto now = steady_clock();
      if (number == 0) first_end = now;
      if (!error.retryable() || number == policy_.retries || gave_up_) throw;
      delay = std::max(delay_before(++number), error.not_before());
      if (now - first_end + delay > policy_.deadline) {
        gave_up_ = true;
        throw;
      }
    }
    policy_.sleep(delay, stop);
    throw_if_stopped(stop);
  }
}

}  // namespace igudar
