#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace igudar {

// A value that one thread gives and another waits for, once.
// Thread safety: set() once by one thread; wait() by any.
template <typename T>
class OneShot {
 public:
  void set(T value) {
    std::lock_guard lock(mutex_);
    value_.emplace(std::move(value));
    given_.notify_all();
  }
  // Moves the value out. nullopt when `stop` is requested first.
  std::optional<T> wait(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    given_.wait(lock, stop, [&] { return value_.has_value(); });
    return std::exchange(value_, std::nullopt);
  }
  // The same without waiting: nullopt when it is not there yet.
  std::optional<T> take_if_given() {
    std::lock_guard lock(mutex_);
    return std::exchange(value_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any given_;
  std::optional<T> value_;
};

// What OneShot carries when only the fact matters.
struct Done {};

}  // namespace igudar
