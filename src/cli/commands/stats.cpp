#include <nlohmann/json.hpp>

#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/monitors.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"
#include "cli/text_table.h"
#include "ops/list/list.h"

namespace igudar {

namespace {

Json json_of(const RepositoryStats& stats) {
  return {{"message_type", "stats"},
          {"repository_id", stats.repository_id},
          {"authority", stats.authority},
          {"snapshots", stats.snapshots},
          {"files", stats.files},
          {"restore_bytes", stats.restore_bytes},
          {"chunks", stats.chunks},
          {"plain_bytes", stats.plain_bytes},
          {"packs", stats.packs},
          {"pack_bytes", stats.pack_bytes},
          {"index_bytes", stats.index_bytes},
          {"total_bytes", stats.total_bytes},
          {"unused_bytes", stats.unused_bytes}};
}

TextTable table_of(const RepositoryStats& stats) {
  TextTable table({{""}, {"", Align::right}, {""}});
  table.add({tr("Authority"), stats.authority, tr("by which you know the repository")});
  table.add({tr("Snapshots"), format_count(stats.snapshots), ""});
  table.add({tr("Restored, all of them"), format_size(stats.restore_bytes),
             format_counted("in {} file", "in {} files", stats.files)});
  table.add({tr("Different content"), format_size(stats.plain_bytes),
             format_counted("in {} chunk", "in {} chunks", stats.chunks)});
  table.add({tr("Stored"), format_size(stats.total_bytes), format_counted("in {} pack", "in {} packs", stats.packs)});
  table.add({tr("of it, index"), format_size(stats.index_bytes), ""});
  table.add({tr("of it, unused"), format_size(stats.unused_bytes),
             stats.unused_bytes > 0 ? tr("'igudar prune' frees it") : ""});
  if (stats.total_bytes > 0)
    table.add({tr("Saved"),
               format_factor(static_cast<double>(stats.restore_bytes) / static_cast<double>(stats.total_bytes)),
               tr("what all snapshots hold, for each byte stored")});
  return table;
}

}  // namespace

int run_stats(const CommandContext& context) {
  Repository& repository = open_repository(context);
  const std::unique_ptr<CommandMonitor> monitor =
      make_monitor(context.console, {.draw_progress = !context.arguments.has("no-progress")}, context.stop);
  const RepositoryStats stats = repository_stats(repository, *monitor, context.stop);
  monitor->finish();
  if (context.console.json())
    context.console.json_line(json_of(stats).dump(), true);
  else
    context.console.results(table_of(stats).lines());
  return 0;
}

}  // namespace igudar
