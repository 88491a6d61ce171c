#pragma once

#include <atomic>
#include <memory>
#include <stop_token>

#include "cli/console.h"
#include "ops/run_monitor.h"

namespace igudar {

// What the commands need to know of a run, whoever shows it: how many problems there were, and whether any was damage.
// Thread safety: that of RunMonitor; but finish() is called once, when the run is over.
class CommandMonitor : public RunMonitor {
 public:
  // Stops drawing, if there is a display. Called before the summary is written.
  virtual void finish() {}

  std::uint64_t problems() const { return problems_.load(std::memory_order_relaxed); }
  bool saw_damage() const { return damage_.load(std::memory_order_relaxed); }

 protected:
  void count_problem(const Error& error);

 private:
  std::atomic<std::uint64_t> problems_{0};
  std::atomic<bool> damage_{false};
};

enum class JsonStyle {
  lines,   // news as JSON lines: status, item, note, error
  object,  // one object at the end; what goes wrong before is said on standard error
};

struct MonitorOptions {
  bool draw_progress = true;  // on a terminal
  JsonStyle json_style = JsonStyle::object;
  unsigned current_files = 4;  // lines at most
};

// A display on a terminal; lines of text or of JSON elsewhere. `stop` lets the display say that the run is being
// stopped.
std::unique_ptr<CommandMonitor> make_monitor(Console& console, const MonitorOptions& options, std::stop_token stop);

}  // namespace igudar
