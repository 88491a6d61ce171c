#pragma once

#include <stop_token>

#include "base/unique_fd.h"
#include "concurrency/task_scope.h"

namespace igudar {

// Turns SIGINT, SIGTERM and SIGHUP into a stop request while it lives; the second of them ends the program at once with
// status 130. Signals that were ignored when the program began (nohup) stay ignored. One at a time, made in the main
// thread.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  UniqueFd wake_;  // an eventfd that the signal handler writes to
  TaskScope watching_;
};

}  // namespace igudar
