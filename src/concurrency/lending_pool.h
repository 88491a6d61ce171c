#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace igudar {

// Lends objects that are dear to make, such as connections, to one borrower each, at most `limit` at a time; whoever
// finds none free waits.
//
// Thread safety: all methods may be called concurrently.
template <typename T>
class LendingPool {
 public:
  explicit LendingPool(std::size_t limit) : limit_(limit) {}

  // A free object, the one given back last; a null pointer where the borrower shall make one. nullopt when stopped.
  std::optional<std::unique_ptr<T>> borrow(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, stop, [&] { return lent_ < limit_; });
    if (stop.stop_requested()) return std::nullopt;
    ++lent_;
    if (free_.empty()) return std::unique_ptr<T>();
    std::unique_ptr<T> object = std::move(free_.back());
    free_.pop_back();
    return object;
  }

  // Ends what borrow() began, whatever it gave; with a null pointer when the object is of no more use.
  void give_back(std::unique_ptr<T> object) {
    std::lock_guard lock(mutex_);
    --lent_;
    if (object) free_.push_back(std::move(object));
    returned_.notify_one();
  }

 private:
  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable_any returned_;
  std::vector<std::unique_ptr<T>> free_;
  std::size_t lent_ = 0;
};

}  // namespace igudar
