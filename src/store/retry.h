#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <random>
#include <stop_token>

#include "concurrency/guarded.h"

namespace igudar {

struct RetryPolicy {
  unsigned retries = 5;  // after the first attempt
  std::chrono::milliseconds first_delay{200};
  std::chrono::milliseconds longest_delay{30'000};
  // No attempt begins later than this after the first one ended, waiting asked for by the other side included. Once
  // that was so, nothing is tried again until something succeeds: what ends a command waits for a dead storage only
  // once.
  std::chrono::milliseconds deadline{15 * 60'000};
  // Waits, and returns early when stopped. Replaceable, so that tests do not wait.
  std::function<void(std::chrono::milliseconds, const std::stop_token&)> sleep{};
};

// Tries what fails with a retryable Error again, waiting twice as long each time, less up to half at random, so that
// many clients do not come back at once, and at least as long as the other side asks for (Error::not_before).
// Thread-safe.
class Retry {
 public:
  explicit Retry(RetryPolicy policy);

  // Calls `attempt` with 0, 1, 2 … until it ends without a retryable Error. The last error is passed on; interrupted
  // when stopped while waiting.
  void run(const std::stop_token& stop, const std::function<void(unsigned number)>& attempt) const;

  const RetryPolicy& policy() const { return policy_; }

 private:
  std::chrono::milliseconds delay_before(unsigned number) const;

  RetryPolicy policy_;
  mutable Guarded<std::minstd_rand> random_;
  mutable std::atomic<bool> gave_up_{false};
};

}  // namespace igudar
