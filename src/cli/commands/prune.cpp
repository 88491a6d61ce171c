#include "ops/prune/prune.h"

#include "cli/commands/command.h"
#include "cli/monitors.h"
#include "cli/option_values.h"
#include "cli/prune_report.h"
#include "cli/repository_access.h"

namespace igudar {

int run_prune(const CommandContext& context) {
  const PruneOptions options{.max_unused_percent = unused_percent(context.arguments),
                             .dry_run = context.arguments.has("dry-run")};
  Repository& repository = open_repository(context);
  const std::unique_ptr<CommandMonitor> monitor =
      make_monitor(context.console, {.draw_progress = !context.arguments.has("no-progress")}, context.stop);
  const PruneSummary summary = prune(repository, options, *monitor, context.stop);
  monitor->finish();
  note_prune(context, summary, options.dry_run);
  if (context.console.json())
    context.console.json_line(prune_json(summary, options.dry_run), true);
  else
    print_prune(context.console, summary, options.dry_run);
  return 0;
}

}  // namespace igudar
