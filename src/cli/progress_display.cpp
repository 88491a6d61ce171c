#include "cli/progress_display.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/clock.h"
#include "base/translate.h"

namespace igudar {

namespace {
constexpr int kRedrawMilliseconds = 100;
constexpr std::chrono::seconds kForgetNameAfter{10};
}  // namespace

ProgressDisplay::ProgressDisplay(Console& console, unsigned current_files, std::stop_token stop)
    : TextMonitor(console),
      current_files_(current_files),
      stop_(std::move(stop)),
      started_(steady_clock()),
      finished_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!finished_.valid()) throw_errno(errno, tr("cannot start the progress display"));
  drawing_.spawn("progress", [this](std::stop_token) { draw_until_finished(); });
}

ProgressDisplay::~ProgressDisplay() {
  finish();
}

void ProgressDisplay::phase(std::string_view name) {
  items_total_.store(0, std::memory_order_relaxed);
  bytes_total_.store(0, std::memory_order_relaxed);
  items_done_.store(0, std::memory_order_relaxed);
  bytes_done_.store(0, std::memory_order_relaxed);
  work_.with([](std::vector<Work>& work) { work.clear(); });
  phase_.with([&](Phase& phase) {
    phase.name = name;
    ++phase.number;
  });
}

void ProgressDisplay::totals(std::uint64_t items, std::uint64_t bytes) {
  items_total_.store(items, std::memory_order_relaxed);
  bytes_total_.store(bytes, std::memory_order_relaxed);
}

void ProgressDisplay::advance(std::uint64_t items, std::uint64_t bytes) {
  items_done_.fetch_add(items, std::memory_order_relaxed);
  bytes_done_.fetch_add(bytes, std::memory_order_relaxed);
}

void ProgressDisplay::current(std::string_view path) {
  work_.try_with([&](std::vector<Work>& work) {
    const std::uint64_t self = current_thread_number();
    auto mine = std::find_if(work.begin(), work.end(), [&](const Work& one) { return one.thread == self; });
    if (mine == work.end()) mine = work.insert(work.end(), Work{self, {}, {}});
    mine->name.assign(path);
    mine->since = steady_clock();
  });
}

void ProgressDisplay::finish() {
  (void)::eventfd_write(finished_.get(), 1);
  drawing_.join();
}

void ProgressDisplay::draw_until_finished() {
  pollfd wake{finished_.get(), POLLIN, 0};
  while (::poll(&wake, 1, kRedrawMilliseconds) <= 0)
    console().show_overlay(render_progress(collect(), console().columns()));
  console().hide_overlay();
}

ProgressState ProgressDisplay::collect() {
  const std::chrono::nanoseconds now = steady_clock();
  ProgressState state;
  const std::uint64_t phase_number = phase_.with([&](Phase& phase) {
    state.phase = phase.name;
    return phase.number;
  });
  state.items_done = items_done_.load(std::memory_order_relaxed);
  state.bytes_done = bytes_done_.load(std::memory_order_relaxed);
  state.items_total = items_total_.load(std::memory_order_relaxed);
  state.bytes_total = bytes_total_.load(std::memory_order_relaxed);
  if (std::exchange(phase_drawn_, phase_number) != phase_number) {
    byte_rate_.restart();
    item_rate_.restart();
  }
  byte_rate_.update(static_cast<double>(state.bytes_done), now);
  item_rate_.update(static_cast<double>(state.items_done), now);
  state.bytes_per_second = byte_rate_.per_second();
  state.items_per_second = item_rate_.per_second();
  state.problems = problems();
  state.seconds_elapsed =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now - started_).count());
  state.stopping = stop_.stop_requested();
  state.current = current_names();
  return state;
}

std::vector<std::string> ProgressDisplay::current_names() {
  const std::chrono::nanoseconds oldest = steady_clock() - kForgetNameAfter;
  std::vector<std::string> names;
  work_.with([&](std::vector<Work>& work) {
    std::erase_if(work, [&](const Work& one) { return one.since < oldest; });
    for (const Work& one : work)
      if (names.size() < current_files_) names.push_back(one.name);
  });
  return names;
}

}  // namespace igudar
