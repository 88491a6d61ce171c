#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace igudar {

// A queue between threads, bounded by the sum of its items' costs (bytes, as the caller weighs them) and never
// refusing an item when empty, so that one item larger than the bound still passes.
//
// Thread safety: all methods may be called concurrently.
// Stopping: push and pop give up (false, nullopt) once `stop` is requested.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t cost_limit) : cost_limit_(cost_limit) {}

  // Waits for room. False when stopped or closed: the item was not taken.
  bool push(T item, std::size_t cost, std::stop_token stop) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, stop, [&] { return closed_ || items_.empty() || cost_ + cost <= cost_limit_; });
    if (closed_ || stop.stop_requested()) return false;
    cost_ += cost;
    items_.emplace_back(std::move(item), cost);
    filled_.notify_one();
    return true;
  }

  // Waits for an item. nullopt when stopped, or when closed and drained.
  std::optional<T> pop(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, stop, [&] { return closed_ || !items_.empty(); });
    if (items_.empty() || stop.stop_requested()) return std::nullopt;
    std::pair<T, std::size_t> front = std::move(items_.front());
    items_.pop_front();
    cost_ -= front.second;
    room_.notify_all();
    return std::move(front.first);
  }

  // No more items will come; those inside may still be popped.
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    filled_.notify_all();
    room_.notify_all();
  }

 private:
  const std::size_t cost_limit_;
  std::mutex mutex_;
  std::condition_variable_any filled_;
  std::condition_variable_any room_;
  std::deque<std::pair<T, std::size_t>> items_;
  std::size_t cost_ = 0;
  bool closed_ = false;
};

}  // namespace igudar
