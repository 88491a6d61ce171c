#include <nlohmann/json.hpp>

#include "ops/check/check.h"

#include "base/error.h"
#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/monitors.h"
#include "cli/option_values.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"

namespace igudar {

namespace {

ReadDataSelection read_data(const Arguments& arguments) {
  const std::optional<std::string> subset = arguments.value("read-data-subset");
  if (arguments.has("read-data")) {
    if (subset) throw Error(ErrorCode::usage, tr("--read-data and --read-data-subset cannot be given together"));
    return {.kind = ReadDataSelection::Kind::all};
  }
  if (!subset) return {};
  if (const std::optional<ReadDataSelection> part = parse_read_data_subset(*subset)) return *part;
  throw Error(ErrorCode::usage, trf("'{}' is not a value of the option '{}'", *subset, "--read-data-subset"),
              tr("Write a share (5%), a part of so many (1/7), or a size (2G)."));
}

Json json_of(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings)
    list.push_back({{"object", json_text(finding.object)}, {"message", json_text(finding.text)}});
  return list;
}

Json json_of(const CheckSummary& summary) {
  return {{"message_type", "check"},
          {"damaged", !summary.damage.empty()},
          {"damage", json_of(summary.damage)},
          {"remarks", json_of(summary.remarks)},
          {"affected_snapshots", json_texts(summary.affected_snapshots)},
          {"snapshots", summary.snapshots},
          {"packs", summary.packs},
          {"chunks", summary.chunks},
          {"packs_read", summary.packs_read},
          {"bytes_read", summary.bytes_read},
          {"seconds", summary.seconds}};
}

void print_findings(Console& console, const CheckSummary& summary) {
  for (const Finding& remark : summary.remarks)
    console.info(trf("remark: {}: {}", escape_message(remark.object), escape_message(remark.text)));
  for (const Finding& damage : summary.damage)
    console.result(trf("damage: {}: {}", escape_message(damage.object), escape_message(damage.text)));
  if (summary.affected_snapshots.empty()) return;
  std::string ids;
  for (const std::string& id : summary.affected_snapshots) ids += (ids.empty() ? "" : ", ") + short_id(id);
  console.result(trf("These snapshots do not restore whole: {}", ids));
}

void print(Console& console, const CheckSummary& summary) {
  print_findings(console, summary);
  const std::string snapshots = format_counted("{} snapshot", "{} snapshots", summary.snapshots);
  const std::string packs = format_counted("{} pack", "{} packs", summary.packs);
  const std::string chunks = format_counted("{} chunk", "{} chunks", summary.chunks);
  console.info(trf("Checked {}, {} and {} in {}", snapshots, packs, chunks, format_duration(summary.seconds)));
  if (summary.packs_read > 0) {
    const double seconds = summary.seconds > 0 ? summary.seconds : 1e-9;
    console.info(trf("Read and verified {} in {} ({})", format_size(summary.bytes_read),
                     format_counted("{} pack", "{} packs", summary.packs_read),
                     format_rate(static_cast<double>(summary.bytes_read) / seconds)));
  }
  if (summary.damage.empty())
    console.info(tr("No damage was found"));
  else
    console.warning(format_counted("the repository is damaged in {} place", "the repository is damaged in {} places",
                                   summary.damage.size()));
}

}  // namespace

int run_check(const CommandContext& context) {
  const CheckOptions options{.read_data = read_data(context.arguments), .threads = thread_count(context.arguments)};
  Repository repository = open_repository(context);
  const std::unique_ptr<CommandMonitor> monitor =
      make_monitor(context.console, {.draw_progress = !context.arguments.has("no-progress")}, context.stop);
  const CheckSummary summary = check(repository, options, *monitor, context.stop);
  monitor->finish();
  if (context.console.json())
    context.console.json_line(json_of(summary).dump(), true);
  else
    print(context.console, summary);
  return summary.damage.empty() ? 0 : exit_status(ErrorCode::damaged);
}

}  // namespace igudar
