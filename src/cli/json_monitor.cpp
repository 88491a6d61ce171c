#include "cli/json_monitor.h"

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "cli/json_fields.h"
#include "cli/progress.h"

namespace igudar {

namespace {
constexpr std::chrono::nanoseconds kStatusEvery = std::chrono::seconds(1);
}

JsonMonitor::JsonMonitor(Console& console)
    : console_(console), started_(steady_clock()), next_status_((started_ + kStatusEvery).count()) {}

void JsonMonitor::phase(std::string_view name) {
  items_done_.store(0, std::memory_order_relaxed);
  bytes_done_.store(0, std::memory_order_relaxed);
  items_total_.store(0, std::memory_order_relaxed);
  bytes_total_.store(0, std::memory_order_relaxed);
  work_.with([&](Work& work) { work.phase = name; });
}

void JsonMonitor::totals(std::uint64_t items, std::uint64_t bytes) {
  items_total_.store(items, std::memory_order_relaxed);
  bytes_total_.store(bytes, std::memory_order_relaxed);
}

void JsonMonitor::advance(std::uint64_t items, std::uint64_t bytes) {
  items_done_.fetch_add(items, std::memory_order_relaxed);
  bytes_done_.fetch_add(bytes, std::memory_order_relaxed);
  const std::chrono::nanoseconds now = steady_clock();
  std::int64_t due = next_status_.load(std::memory_order_relaxed);
  // Of the threads that come here at once, one writes.
  if (now.count() >= due && next_status_.compare_exchange_strong(due, (now + kStatusEvery).count())) write_status(now);
}

void JsonMonitor::current(std::string_view path) {
  work_.try_with([&](Work& work) { work.current.assign(path); });
}

void JsonMonitor::write_status(std::chrono::nanoseconds now) {
  ProgressState state;
  state.items_done = items_done_.load(std::memory_order_relaxed);
  state.bytes_done = bytes_done_.load(std::memory_order_relaxed);
  state.items_total = items_total_.load(std::memory_order_relaxed);
  state.bytes_total = bytes_total_.load(std::memory_order_relaxed);
  const Work work = work_.with([](const Work& current_work) { return current_work; });

  Json object = {{"message_type", "status"},
                 {"phase", json_text(work.phase)},
                 {"seconds_elapsed", std::chrono::duration<double>(now - started_).count()},
                 {"items_done", state.items_done},
                 {"bytes_done", state.bytes_done}};
  if (state.items_total > 0) object["total_items"] = state.items_total;
  if (state.bytes_total > 0) object["total_bytes"] = state.bytes_total;
  if (const double share = share_done(state); share >= 0) object["percent_done"] = share;
  if (!work.current.empty()) put_name(object, "current", work.current);
  object["problems"] = problems();
  console_.json_line(object.dump(), true);
}

void JsonMonitor::item(std::string_view path, std::string_view what, std::uint64_t bytes) {
  if (console_.verbosity() == 0 || (what == "unchanged" && console_.verbosity() < 2)) return;
  Json object = {{"message_type", "item"}, {"action", json_text(what)}};
  put_name(object, "path", path);
  object["bytes"] = bytes;
  console_.json_line(object.dump(), false);
}

void JsonMonitor::note(const std::string& text) {
  if (console_.quiet()) return;
  console_.json_line(Json{{"message_type", "note"}, {"message", json_text(text)}}.dump(), true);
}

void JsonMonitor::problem(std::string_view what, const Error& error) {
  count_problem(error);
  Json object = {{"message_type", "error"}, {"code", code_name(error.code())}};
  put_name(object, "item", what);
  object["message"] = json_text(error.what());
  console_.json_line(object.dump(), true);
}

}  // namespace igudar
