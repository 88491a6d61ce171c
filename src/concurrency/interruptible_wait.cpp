#include "concurrency/interruptible_wait.h"

#include <condition_variable>
#include <mutex>

namespace igudar {

bool wait_unless_stopped(std::chrono::nanoseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace igudar
