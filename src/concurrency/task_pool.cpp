#include "concurrency/task_pool.h"

#include <utility>

namespace igudar {

TaskPool::TaskPool(std::string name, unsigned threads, std::size_t cost_limit)
    : name_(std::move(name)), threads_(threads), tasks_(cost_limit) {}

TaskPool::~TaskPool() {
  stop_.request_stop();
  tasks_.close();
  scope_.join();
}

bool TaskPool::submit(Task task, std::size_t cost, std::stop_token stop) {
  if (started_ < threads_ && started_.fetch_add(1) < threads_)
    scope_.spawn(name_, [this](const std::stop_token&) {
      while (const auto next = tasks_.pop({})) (*next)(stop_.get_token());
    });
  return tasks_.push(std::move(task), cost, std::move(stop));
}

}  // namespace igudar
