#include "cli/monitors.h"

#include "base/translate.h"
#include "cli/json_monitor.h"
#include "cli/progress_display.h"
#include "cli/text_monitor.h"
#include "repo/damaged_object.h"

namespace igudar {

void CommandMonitor::count_problem(const Error& error) {
  problems_.fetch_add(1, std::memory_order_relaxed);
  if (is_damage(error)) damage_.store(true, std::memory_order_relaxed);
}

std::unique_ptr<CommandMonitor> make_monitor(Console& console, const MonitorOptions& options, std::stop_token stop) {
  if (console.json() && options.json_style == JsonStyle::lines) return std::make_unique<JsonMonitor>(console);
  if (!console.json() && !console.quiet() && options.draw_progress && console.has_overlay())
    return std::make_unique<ProgressDisplay>(console, options.current_files, std::move(stop));
  return std::make_unique<TextMonitor>(console);
}

}  // namespace igudar
