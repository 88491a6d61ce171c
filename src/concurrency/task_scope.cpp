#include "concurrency/task_scope.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <utility>

namespace igudar {

TaskScope::TaskScope(std::stop_token outer) : forward_(std::move(outer), [this] { source_.request_stop(); }) {}

TaskScope::~TaskScope() {
  source_.request_stop();
  try {
    join();
  } catch (...) {
    // Whoever skips join() is already unwinding from another error.
  }
}

void TaskScope::spawn(const std::string& name, Task task) {
  // Signals are for the main thread: it turns them into a stop request.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::lock_guard lock(mutex_);
  threads_.emplace_back([this, task = std::move(task)] { run(task); });
  ::pthread_setname_np(threads_.back().native_handle(), name.substr(0, 15).c_str());
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void TaskScope::run(const Task& task) {
  try {
    task(source_.get_token());
  } catch (...) {
    {
      std::lock_guard lock(mutex_);
      if (!first_error_) first_error_ = std::current_exception();
    }
    source_.request_stop();
  }
}

void TaskScope::join() {
  for (;;) {
    std::vector<std::thread> batch;
    {
      std::lock_guard lock(mutex_);
      batch.swap(threads_);
    }
    if (batch.empty()) break;
    for (std::thread& thread : batch) thread.join();
  }
  if (first_error_) std::rethrow_exception(std::exchange(first_error_, nullptr));
}

void TaskScope::throw_if_failed() {
  std::exception_ptr failure;
  {
    std::lock_guard lock(mutex_);
    failure = first_error_;
  }
  if (failure) std::rethrow_exception(failure);
}

std::uint64_t current_thread_number() {
  return std::hash<std::thread::id>{}(std::this_thread::get_id());
}

unsigned available_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return std::max(1U, std::thread::hardware_concurrency());
  return std::max(1U, static_cast<unsigned>(CPU_COUNT(&set)));
}

void parallel_for(std::size_t count, unsigned threads, std::stop_token stop,
                  const std::function<void(std::size_t)>& body) {
  std::atomic<std::size_t> next{0};
  TaskScope scope(std::move(stop));
  const std::size_t workers = std::min<std::size_t>(threads, count);
  for (std::size_t t = 0; t < workers; ++t)
    scope.spawn("parallel", [&](std::stop_token s) {
      for (std::size_t i; (i = next.fetch_add(1)) < count && !s.stop_requested();) body(i);
    });
  scope.join();
}

}  // namespace igudar
