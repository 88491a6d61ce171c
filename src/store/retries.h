#pragma once

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
  // Waits, and returns early when stopped. Replaceable, so that tests do not wait.
  std::function<void(std::chrono::milliseconds, const std::stop_token&)> sleep{};
};

// Tries what failed with a retryable Error again, waiting twice as long each time, less up to half at random, so that
// many clients do not come back at once. The last error is passed on. Thread safety: run() may be called concurrently.
class Retries {
 public:
  explicit Retries(RetryPolicy policy = {});

  void run(const std::stop_token& stop, const std::function<void()>& attempt) const;
  const RetryPolicy& policy() const { return policy_; }

 private:
  void wait_before(unsigned retry_number, const std::stop_token& stop) const;

  RetryPolicy policy_;
  mutable Guarded<std::minstd_rand> random_;
};

}  // namespace igudar
