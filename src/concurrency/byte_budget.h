#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stop_token>

namespace igudar {

// Bounds the memory that a pipeline holds: take() waits until the bytes fit, give_back() frees them. A request larger
// than the whole budget is granted when nothing else is out.
//
// Thread safety: all methods may be called concurrently. Fairness is not promised.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  // False when `stop` was requested while waiting: nothing was taken.
  bool take(std::size_t bytes, std::stop_token stop);
  void give_back(std::size_t bytes);

 private:
  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable_any freed_;
  std::size_t used_ = 0;
};

}  // namespace igudar
