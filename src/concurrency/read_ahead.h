#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <utility>

#include "concurrency/task_scope.h"

namespace igudar {

// Runs jobs on threads of its own ahead of the one consumer that will need their results in order, the soonest needed
// first. Results that wait for the consumer are bounded by `cost_limit`; past it only the consumer itself runs jobs,
// so it always gets on, whatever the limit.
//
//   Job must derive from ReadAhead<Job, Before>::State and have `std::size_t run()`, which does the work and returns
//   the cost of keeping its result. Before orders std::shared_ptr<Job> by when the consumer needs them; it must tell
//   any two apart.
//
// Thread safety: add() may be called by run() and by the consumer; finish() and release() by the consumer only.
// Errors: what run() throws ends the threads and comes out of finish().
template <typename Job, typename Before>
class ReadAhead {
 public:
  // The part of a job that belongs to its schedule.
  class State {
    friend class ReadAhead;
    enum class Progress { pending, running, done } progress_ = Progress::pending;
  };

  ReadAhead(std::size_t cost_limit, unsigned threads, std::stop_token stop)
      : cost_limit_(cost_limit), scope_(std::move(stop)) {
    for (unsigned t = 0; t < threads; ++t) scope_.spawn("read ahead", [this](std::stop_token s) { work(s); });
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  template <typename Jobs>
  void add(const Jobs& jobs) {
    std::lock_guard lock(mutex_);
    for (const std::shared_ptr<Job>& job : jobs) pending_.insert(job);
    if (idle_ > 0) work_.notify_all();
  }

  // Returns once the job is done: runs it here when no thread has begun it, and other jobs while one is at it.
  // False when stopped.
  bool finish(const std::shared_ptr<Job>& job) {
    const std::stop_token stop = scope_.token();
    std::unique_lock lock(mutex_);
    while (job->State::progress_ != Progress::done) {
      if (stop.stop_requested()) {
        lock.unlock();
        scope_.join();
        return false;
      }
      if (job->State::progress_ == Progress::pending) {
        pending_.erase(job);
        run(job, lock);
      } else if (!pending_.empty() && cost_ < cost_limit_) {
        run(take_first(), lock);
      } else {
        awaited_ = true;
        done_.wait(lock, stop, [&] { return job->State::progress_ == Progress::done; });
        awaited_ = false;
      }
    }
    return true;
  }

  // The consumer no longer keeps `cost` of what jobs returned.
  void release(std::size_t cost) {
    std::lock_guard lock(mutex_);
    cost_ -= cost;
    if (idle_ > 0) work_.notify_all();
  }

 private:
  using Progress = typename State::Progress;

  void work(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    for (;;) {
      ++idle_;
      work_.wait(lock, stop, [&] { return !pending_.empty() && cost_ < cost_limit_; });
      --idle_;
      if (stop.stop_requested()) return;
      run(take_first(), lock);
    }
  }

  std::shared_ptr<Job> take_first() {
    std::shared_ptr<Job> job = *pending_.begin();
    pending_.erase(pending_.begin());
    return job;
  }

  void run(const std::shared_ptr<Job>& job, std::unique_lock<std::mutex>& lock) {
    job->State::progress_ = Progress::running;
    lock.unlock();
    const std::size_t cost = job->run();
    lock.lock();
    cost_ += cost;
    job->State::progress_ = Progress::done;
    if (awaited_) done_.notify_all();
  }

  const std::size_t cost_limit_;
  std::mutex mutex_;
  std::condition_variable_any work_;
  std::condition_variable_any done_;
  std::set<std::shared_ptr<Job>, Before> pending_;
  std::size_t cost_ = 0;
  unsigned idle_ = 0;
  bool awaited_ = false;
  TaskScope scope_;  // last: its threads end before what they use
};

}  // namespace igudar
