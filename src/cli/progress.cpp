#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/translate.h"
#include "cli/terminal_text.h"
#include "cli/text_format.h"

namespace igudar {

namespace {

constexpr double kAveragedSeconds = 3;
constexpr std::uint64_t kSecondsBeforeEstimate = 2;
constexpr std::size_t kBarCells = 20;

std::string bar(double share) {
  const auto filled = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * kBarCells);
  std::string out;
  for (std::size_t i = 0; i < kBarCells; ++i) out += i < filled ? "█" : "░";
  return out;
}

std::string done_of_total(const std::string& done, const std::string& total) {
  return total.empty() ? done : trf("{} of {}", done, total);
}

}  // namespace

void RateEstimate::update(double total, std::chrono::nanoseconds now) {
  if (!started_) {
    started_ = true;
    total_ = total;
    at_ = now;
    return;
  }
  const double elapsed = std::chrono::duration<double>(now - at_).count();
  if (elapsed <= 0) return;
  const double keep = std::exp(-elapsed / kAveragedSeconds);
  const double average = rate_ * weight_ * keep + (total - total_) / elapsed * (1 - keep);
  weight_ = weight_ * keep + (1 - keep);
  rate_ = std::max(0.0, average / weight_);
  total_ = total;
  at_ = now;
}

void RateEstimate::restart() {
  *this = RateEstimate();
}

double share_done(const ProgressState& state) {
  if (state.bytes_total > 0)
    return std::min(1.0, static_cast<double>(state.bytes_done) / static_cast<double>(state.bytes_total));
  if (state.items_total > 0)
    return std::min(1.0, static_cast<double>(state.items_done) / static_cast<double>(state.items_total));
  return -1;
}

double seconds_left(const ProgressState& state) {
  if (state.seconds_elapsed < kSecondsBeforeEstimate) return -1;
  const bool by_bytes = state.bytes_total > 0;
  const double rate = by_bytes ? state.bytes_per_second : state.items_per_second;
  const std::uint64_t total = by_bytes ? state.bytes_total : state.items_total;
  const std::uint64_t done = by_bytes ? state.bytes_done : state.items_done;
  if (total == 0 || rate <= 0) return -1;
  return static_cast<double>(total - std::min(done, total)) / rate;
}

namespace {

// The first line; the bar is for terminals with room for it.
std::string status_line(const ProgressState& state, bool with_bar) {
  std::vector<std::string> parts = {fmt::format("[{}]", format_clock(state.seconds_elapsed))};
  if (!state.phase.empty()) parts[0] += " " + state.phase;
  if (const double share = share_done(state); share >= 0)
    parts.push_back(with_bar ? bar(share) + " " + format_percent(share) : format_percent(share));
  if (state.items_done > 0 || state.items_total > 0)
    parts.push_back(
        done_of_total(format_count(state.items_done), state.items_total == 0 ? "" : format_count(state.items_total)));
  if (state.bytes_done > 0 || state.bytes_total > 0)
    parts.push_back(
        done_of_total(format_size(state.bytes_done), state.bytes_total == 0 ? "" : format_size(state.bytes_total)));
  if (state.bytes_per_second >= 1) parts.push_back(format_rate(state.bytes_per_second));
  if (const double left = seconds_left(state); left >= 0)
    parts.push_back(trf("{} left", format_clock(static_cast<std::uint64_t>(std::llround(left)))));
  if (state.problems > 0) parts.push_back(format_counted("{} problem", "{} problems", state.problems));
  return fmt::format("{}", fmt::join(parts, "  "));
}

}  // namespace

std::vector<std::string> render_progress(const ProgressState& state, std::size_t columns) {
  const std::size_t width = columns > 1 ? columns - 1 : 1;
  std::string status = status_line(state, true);
  if (display_width(status) > width) status = status_line(state, false);
  std::vector<std::string> lines = {fit_width(status, width)};
  if (state.stopping) lines.push_back(fit_width(tr("Stopping… (Ctrl-C again ends at once)"), width));
  for (const std::string& name : state.current) lines.push_back(fit_width("  " + escape_name(name), width));
  return lines;
}

}  // namespace igudar
