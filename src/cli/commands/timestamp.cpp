#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/monitors.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"
#include "cli/text_table.h"
#include "cli/time_stamps.h"

namespace igudar {

namespace {

void print(Console& console, const std::vector<NewTimeStamp>& stamps) {
  if (stamps.empty()) return console.info(tr("Every snapshot has a time-stamp."));
  TextTable table({{tr("Snapshot")}, {tr("Time-stamp")}, {tr("Authority")}});
  for (const NewTimeStamp& stamp : stamps)
    table.add({short_id(stamp.snapshot), format_local_time(stamp.time), escape_name(stamp.authority)});
  console.results(table.lines());
}

}  // namespace

int run_timestamp(const CommandContext& context) {
  std::optional<TimeStampAuthority> authority = time_stamp_authority(context.arguments);
  if (!authority)
    throw Error(ErrorCode::usage, tr("no time-stamp authority was named"),
                tr("Use --timestamp, or set IGUDAR_TIMESTAMP_URL: igudar timestamp --timestamp http://…"));
  Repository& repository = open_repository(context);
  const std::unique_ptr<CommandMonitor> monitor =
      make_monitor(context.console, {.draw_progress = !context.arguments.has("no-progress")}, context.stop);
  const std::vector<NewTimeStamp> stamps =
      stamp_snapshots(repository, *authority, context.arguments.positional(), *monitor, context.stop);
  monitor->finish();
  if (context.console.json()) {
    Json list = Json::array();
    for (const NewTimeStamp& stamp : stamps) list.push_back(json_of(stamp));
    context.console.json_line(Json{{"message_type", "timestamps"}, {"timestamps", list}}.dump(), true);
  } else {
    print(context.console, stamps);
  }
  return monitor->saw_damage() ? exit_status(ErrorCode::damaged) : 0;
}

}  // namespace igudar
