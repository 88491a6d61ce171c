#pragma once

#include <mutex>
#include <utility>

namespace igudar {

// A value reachable only through its lock.
//
//   Guarded<State> state;
//   state.with([](State& s) { s.count++; });

template <typename T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  template <typename F>
  decltype(auto) with(F&& use) {
    std::lock_guard lock(mutex_);
    return std::forward<F>(use)(value_);
  }
  template <typename F>
  decltype(auto) with(F&& use) const {
    std::lock_guard lock(mutex_);
    return std::forward<F>(use)(value_);
  }

  // Skips `use` and returns false when another thread holds the lock: for news that may be lost, on paths that may not
  // wait.
  template <typename F>
  bool try_with(F&& use) {
    std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock()) return false;
    std::forward<F>(use)(value_);
    return true;
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace igudar
