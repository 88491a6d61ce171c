#pragma once

#include <chrono>
#include <stop_token>

#include "concurrency/task_scope.h"

namespace igudar {

// A stop token that is requested once a time has passed, the time that the machine slept included (CLOCK_BOOTTIME,
// looked at each second), or when `outer` is. Ends with its object. Thread safety: token() may be called from any
// thread.
class Deadline {
 public:
  Deadline(std::chrono::nanoseconds after, std::stop_token outer);

  std::stop_token token() const { return scope_.token(); }

 private:
  TaskScope scope_;
};

}  // namespace igudar
