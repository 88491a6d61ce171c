#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

// What a progress display shows, apart from the terminal it is shown on. Pure; not thread-safe.

namespace igudar {

// The speed of the last seconds: an exponential moving average, so that it follows changes without jumping.
class RateEstimate {
 public:
  // Takes in that `total` units were done by the time `now` (steady clock).
  void update(double total, std::chrono::nanoseconds now);
  double per_second() const { return rate_; }
  void restart();

 private:
  bool started_ = false;
  double total_ = 0;
  double rate_ = 0;
  double weight_ = 0;  // how much of the average is filled: corrects its start
  std::chrono::nanoseconds at_{0};
};

struct ProgressState {
  std::string phase;
  std::uint64_t items_done = 0;
  std::uint64_t bytes_done = 0;
  std::uint64_t items_total = 0;  // 0: unknown
  std::uint64_t bytes_total = 0;  // 0: unknown
  std::uint64_t problems = 0;
  double bytes_per_second = 0;
  double items_per_second = 0;
  std::uint64_t seconds_elapsed = 0;
  bool stopping = false;
  std::vector<std::string> current;  // names, raw
};

// 0 to 1 by bytes, or by items where bytes are unknown; negative when nothing is known.
double share_done(const ProgressState& state);
// Seconds to go; negative when that cannot be told yet.
double seconds_left(const ProgressState& state);
// The display's lines, each less than `columns` wide.
std::vector<std::string> render_progress(const ProgressState& state, std::size_t columns);

}  // namespace igudar
