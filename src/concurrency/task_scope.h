#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace igudar {

// Owns the threads of one operation. The first exception of any of them stops the others and is rethrown by join();
// a stop requested by `outer` (SIGINT) reaches them as well. The destructor stops and joins what is left.
//
//   TaskScope scope(stop);
//   scope.spawn("reader", [&](std::stop_token s) { … });
//   scope.join();
//
// Thread safety: spawn may be called from the owner and from its tasks; join from the owner only.
class TaskScope {
 public:
  using Task = std::function<void(std::stop_token)>;

  explicit TaskScope(std::stop_token outer = {});
  ~TaskScope();
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  // `name` shows in debuggers and is cut at 15 bytes.
  void spawn(const std::string& name, Task task);
  // Waits for all tasks, those spawned meanwhile included. Throws the first exception.
  void join();
  void request_stop() { source_.request_stop(); }
  std::stop_token token() const { return source_.get_token(); }

 private:
  void run(const Task& task);

  std::stop_source source_;
  std::stop_callback<std::function<void()>> forward_;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::exception_ptr first_error_;
};

// A number that tells the threads of this process apart.
std::uint64_t current_thread_number();

// The number of processors this process may use (its affinity mask), at least 1.
unsigned available_processors();

// Runs body(i) for each i in [0, count) on up to `threads` threads, each taking the next index; the first exception
// stops the rest and is rethrown.
void parallel_for(std::size_t count, unsigned threads, std::stop_token stop,
                  const std::function<void(std::size_t)>& body);

}  // namespace igudar
