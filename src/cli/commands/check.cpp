#include <nlohmann/json.hpp>

#include "ops/check/check.h"

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "cli/command_audit.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/monitors.h"
#include "cli/option_values.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"
#include "cli/text_table.h"

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

struct VerdictNames {
  const char* json;
  const char* text;
};

VerdictNames names_of(SignatureVerdict verdict) {
  switch (verdict) {
    case SignatureVerdict::valid:
      return {"valid", N_("valid")};
    case SignatureVerdict::unknown:
      return {"unknown", N_("by a key that was removed")};
    case SignatureVerdict::forged:
      return {"forged", N_("FORGED: by nobody who may")};
    case SignatureVerdict::replayed:
      return {"replayed", N_("REPLAYED: forgotten, and brought back")};
    case SignatureVerdict::rolled_back:
      break;
  }
  return {"rolled_back", N_("GONE: the storage shows an older state")};
}

VerdictNames names_of(StampVerdict verdict) {
  switch (verdict) {
    case StampVerdict::valid:
      return {"valid", N_("valid")};
    case StampVerdict::untrusted:
      return {"untrusted", N_("not trusted")};
    case StampVerdict::expired:
      return {"expired", N_("by a certificate out of its time")};
    case StampVerdict::forged:
      return {"forged", N_("FORGED: it proves nothing")};
    case StampVerdict::contradiction:
      break;
  }
  return {"contradiction", N_("CONTRADICTION: made later, it says")};
}

Json json_of(const std::vector<SnapshotStamp>& stamps) {
  Json list = Json::array();
  for (const SnapshotStamp& stamp : stamps) {
    list.push_back({{"verdict", names_of(stamp.verdict).json},
                    {"time", json_time(stamp.time)},
                    {"authority", json_text(stamp.authority)},
                    {"url", json_text(stamp.url)},
                    {"serial", stamp.serial},
                    {"policy", stamp.policy},
                    {"object", stamp.object}});
    if (!stamp.reason.empty()) list.back()["reason"] = json_text(stamp.reason);
  }
  return list;
}

Json json_of(const std::vector<SnapshotSignature>& signatures) {
  Json list = Json::array();
  for (const SnapshotSignature& each : signatures) {
    Json object = {{"snapshot", each.snapshot}, {"verdict", names_of(each.verdict).json}};
    if (!each.signer.empty()) {
      object["time"] = json_time(each.time);
      object["signer"] = each.signer;
    }
    if (!each.slot.empty()) {
      object["key"] = each.slot;
      object["user"] = json_text(each.user);
      object["host"] = json_text(each.host);
    }
    if (!each.stamps.empty()) object["timestamps"] = json_of(each.stamps);
    list.push_back(std::move(object));
  }
  return list;
}

Json json_of(const CheckSummary& summary, bool with_signatures) {
  Json object = {{"message_type", "check"},
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
  if (with_signatures) object["signatures"] = json_of(summary.signatures);
  return object;
}

// A line for each stamp.
std::string text_of_stamps(const std::vector<SnapshotStamp>& stamps) {
  std::string text;
  for (const SnapshotStamp& stamp : stamps)
    text += (text.empty() ? "" : "\n") + format_local_time(stamp.time) + " " + tr(names_of(stamp.verdict).text);
  return text;
}

void print_signatures(Console& console, const std::vector<SnapshotSignature>& signatures) {
  const bool any_stamp = std::any_of(signatures.begin(), signatures.end(),
                                     [](const SnapshotSignature& each) { return !each.stamps.empty(); });
  std::vector<TextTable::Column> columns = {
      {tr("Snapshot")}, {tr("Time")}, {tr("Key")}, {tr("Made by")}, {tr("Signature")}};
  if (any_stamp) columns.push_back({tr("Time-stamp")});
  TextTable table(std::move(columns));
  for (const SnapshotSignature& each : signatures) {
    std::vector<std::string> cells = {short_id(each.snapshot), each.signer.empty() ? "" : format_local_time(each.time),
                                      short_id(each.slot),
                                      each.slot.empty() ? "" : escape_name(each.user) + "@" + escape_name(each.host),
                                      tr(names_of(each.verdict).text)};
    if (any_stamp) cells.push_back(text_of_stamps(each.stamps));
    table.add(std::move(cells));
  }
  for (const std::string& line : table.lines()) console.result(line);
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
  if (!summary.signatures.empty()) print_signatures(console, summary.signatures);
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
  if (context.arguments.given("timestamp-ca") && !context.arguments.has("signatures"))
    throw Error(ErrorCode::usage, tr("--timestamp-ca says nothing without --signatures"));
  const CheckOptions options{.read_data = read_data(context.arguments),
                             .signatures = context.arguments.has("signatures"),
                             .time_stamp_ca = context.arguments.value("timestamp-ca").value_or(""),
                             .threads = thread_count(context.arguments)};
  Repository& repository = open_repository(context);
  const std::unique_ptr<CommandMonitor> monitor =
      make_monitor(context.console, {.draw_progress = !context.arguments.has("no-progress")}, context.stop);
  const CheckSummary summary = check(repository, options, *monitor, context.stop);
  monitor->finish();
  context.audit.count("damage", summary.damage.size());
  context.audit.count("packs_read", summary.packs_read);
  if (context.console.json())
    context.console.json_line(json_of(summary, options.signatures).dump(), true);
  else
    print(context.console, summary);
  return summary.damage.empty() ? 0 : exit_status(ErrorCode::damaged);
}

}  // namespace igudar
