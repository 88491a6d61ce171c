#include "concurrency/deadline.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/clock.h"

namespace igudar {

Deadline::Deadline(std::chrono::nanoseconds after, std::stop_token outer) : scope_(std::move(outer)) {
  scope_.spawn("deadline", [this, end = boot_clock() + after](std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested() && boot_clock() < end) {
      const std::chrono::nanoseconds left = end - boot_clock();
      stopped.wait_for(lock, stop, std::min<std::chrono::nanoseconds>(left, std::chrono::seconds(1)),
                       [] { return false; });
    }
    scope_.request_stop();
  });
}

}  // namespace igudar
