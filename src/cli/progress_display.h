#pragma once

#include <atomic>
#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "cli/progress.h"
#include "cli/text_monitor.h"
#include "concurrency/guarded.h"
#include "concurrency/task_scope.h"

namespace igudar {

// A progress display on the terminal, drawn ten times a second by a thread of its own.
//
// Thread safety: as RunMonitor. advance() is two relaxed additions, current() never waits for anybody.
class ProgressDisplay final : public TextMonitor {
 public:
  ProgressDisplay(Console& console, unsigned current_files, std::stop_token stop);
  ~ProgressDisplay() override;

  void phase(std::string_view name) override;
  bool wants_totals() const override { return true; }
  void totals(std::uint64_t items, std::uint64_t bytes) override;
  void advance(std::uint64_t items, std::uint64_t bytes) override;
  void current(std::string_view path) override;
  void finish() override;

 private:
  // What each thread of the operation works on.
  struct Work {
    std::uint64_t thread = 0;
    std::string name;
    std::chrono::nanoseconds since{0};
  };
  struct Phase {
    std::string name;
    std::uint64_t number = 0;
  };

  void draw_until_finished();
  ProgressState collect();
  std::vector<std::string> current_names();

  const unsigned current_files_;
  const std::stop_token stop_;
  const std::chrono::nanoseconds started_;
  std::atomic<std::uint64_t> items_done_{0};
  std::atomic<std::uint64_t> bytes_done_{0};
  std::atomic<std::uint64_t> items_total_{0};
  std::atomic<std::uint64_t> bytes_total_{0};
  Guarded<Phase> phase_;
  Guarded<std::vector<Work>> work_;
  RateEstimate byte_rate_;  // these three: drawing thread only
  RateEstimate item_rate_;
  std::uint64_t phase_drawn_ = 0;
  UniqueFd finished_;  // an eventfd that ends the drawing thread
  TaskScope drawing_;
};

}  // namespace igudar
