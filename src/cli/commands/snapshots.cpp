#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "cli/command_audit.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/monitors.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"
#include "cli/text_table.h"
#include "ops/list/list.h"

namespace igudar {

namespace {

// "latest [N]", or id prefixes.
struct Selection {
  std::optional<unsigned> latest;
  std::vector<std::string> ids;
};

Selection selection(const std::vector<std::string>& words) {
  if (words.empty() || words[0] != "latest") return {.latest = std::nullopt, .ids = words};
  if (words.size() == 1) return {.latest = 1, .ids = {}};
  const std::optional<std::uint64_t> count = parse_number(words[1], 1'000'000'000);
  if (words.size() > 2 || !count || *count == 0)
    throw Error(ErrorCode::usage, tr("after 'latest' comes one number"), tr("For example: igudar snapshots latest 3"));
  return {.latest = static_cast<unsigned>(*count), .ids = {}};
}

void keep_chosen(std::vector<SnapshotInfo>& snapshots, const std::vector<std::string>& ids) {
  if (ids.empty()) return;
  for (const std::string& id : ids)
    if (std::none_of(snapshots.begin(), snapshots.end(), [&](const SnapshotInfo& s) { return s.id.starts_with(id); }))
      throw Error(ErrorCode::not_found, trf("there is no snapshot '{}'", id), tr("'igudar snapshots' lists them."));
  std::erase_if(snapshots, [&](const SnapshotInfo& snapshot) {
    return std::none_of(ids.begin(), ids.end(), [&](const std::string& id) { return snapshot.id.starts_with(id); });
  });
}

Json json_of(const SnapshotInfo& snapshot) {
  Json paths = Json::array();
  for (const std::string& path : snapshot.paths) {
    Json object = Json::object();
    put_name(object, "path", path);
    paths.push_back(object);
  }
  return {{"id", snapshot.id},
          {"parent", snapshot.parent},
          {"time", json_time(snapshot.time)},
          {"storage_time", json_time(snapshot.storage_time)},
          {"host", json_text(snapshot.host)},
          {"user", json_text(snapshot.user)},
          {"paths", paths},
          {"tags", json_texts(snapshot.tags)},
          {"entries", snapshot.entries},
          {"files", snapshot.files},
          {"bytes", snapshot.bytes},
          {"stored_bytes", snapshot.stored_bytes},
          {"unreadable", snapshot.unreadable}};
}

TextTable table_of(const std::vector<SnapshotInfo>& snapshots) {
  TextTable table({{tr("ID")},
                   {tr("Time")},
                   {tr("Host")},
                   {tr("Tags")},
                   {tr("Files"), Align::right},
                   {tr("Size"), Align::right},
                   {tr("Added"), Align::right},
                   {tr("Paths")}});
  for (const SnapshotInfo& snapshot : snapshots) {
    std::string id = short_id(snapshot.id);
    if (snapshot.unreadable > 0) id += "*";
    table.add({id, format_local_time(snapshot.time), escape_name(snapshot.host), escape_names(snapshot.tags, ", "),
               format_count(snapshot.files), format_size(snapshot.bytes), format_size(snapshot.stored_bytes),
               escape_names(snapshot.paths, "\n")});
  }
  return table;
}

void print(Console& console, const std::vector<SnapshotInfo>& snapshots) {
  if (snapshots.empty()) return console.info(tr("There are no snapshots."));
  console.results(table_of(snapshots).lines());
  console.info("");
  console.info(format_counted("{} snapshot", "{} snapshots", snapshots.size()));
  if (std::any_of(snapshots.begin(), snapshots.end(), [](const SnapshotInfo& s) { return s.unreadable > 0; }))
    console.info(tr("* some files could not be read for it"));
}

}  // namespace

int run_snapshots(const CommandContext& context) {
  const Selection chosen = selection(context.arguments.positional());
  const SnapshotFilter filter = snapshot_filter(context.arguments);
  Repository& repository = open_repository(context);
  const std::unique_ptr<CommandMonitor> monitor = make_monitor(context.console, {.draw_progress = false}, context.stop);
  std::vector<SnapshotInfo> snapshots = list_snapshots(repository, filter, chosen.latest, *monitor, context.stop);
  std::map<std::string, TimeNs> stamps;
  if (context.console.json()) stamps = claimed_stamps(repository, *monitor, context.stop);
  monitor->finish();
  keep_chosen(snapshots, chosen.ids);
  context.audit.count("snapshots", snapshots.size());

  if (context.console.json()) {
    Json list = Json::array();
    for (const SnapshotInfo& snapshot : snapshots) {
      list.push_back(json_of(snapshot));
      const auto stamped = stamps.find(snapshot.id);
      if (stamped != stamps.end()) list.back()["timestamp"] = json_time(stamped->second);
    }
    context.console.json_line(Json{{"message_type", "snapshots"}, {"snapshots", list}}.dump(), true);
  } else {
    print(context.console, snapshots);
  }
  return monitor->saw_damage() ? exit_status(ErrorCode::damaged) : 0;
}

}  // namespace igudar
