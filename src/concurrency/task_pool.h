#pragma once

#include <atomic>
#include <functional>
#include <stop_token>
#include <string>

#include "concurrency/bounded_queue.h"
#include "concurrency/task_scope.h"

namespace igudar {

// Threads that run what they are given, begun in the order in which it was given; at most `cost_limit` (bytes, as the
// caller weighs tasks) waits for a thread. The threads start with the first tasks.
//
// The destructor lets every task that was taken run, with a stop token that is requested, and waits for all.
// Thread safety: submit() may be called concurrently, by tasks only where a full queue cannot keep them waiting.
class TaskPool {
 public:
  // Must not throw.
  using Task = std::function<void(std::stop_token)>;

  // `name` shows in debuggers and is cut at 15 bytes.
  TaskPool(std::string name, unsigned threads, std::size_t cost_limit);
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  // Waits for room. False when `stop` was requested first: the task was not taken.
  bool submit(Task task, std::size_t cost, std::stop_token stop);

 private:
  const std::string name_;
  const unsigned threads_;
  BoundedQueue<Task> tasks_;
  std::atomic<unsigned> started_{0};
  std::stop_source stop_;
  TaskScope scope_;
};

}  // namespace igudar
