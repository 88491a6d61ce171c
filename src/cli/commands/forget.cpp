#include <nlohmann/json.hpp>

#include "ops/forget/forget.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "cli/command_audit.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/monitors.h"
#include "cli/option_values.h"
#include "cli/prune_report.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"
#include "cli/text_table.h"
#include "ops/prune/prune.h"

namespace igudar {

namespace {

RetentionPolicy retention_policy(const Arguments& arguments) {
  RetentionPolicy policy;
  policy.last = keep_count(arguments, "keep-last");
  policy.hourly = keep_count(arguments, "keep-hourly");
  policy.daily = keep_count(arguments, "keep-daily");
  policy.weekly = keep_count(arguments, "keep-weekly");
  policy.monthly = keep_count(arguments, "keep-monthly");
  policy.yearly = keep_count(arguments, "keep-yearly");
  if (const std::optional<std::string> span = arguments.value("keep-within")) {
    policy.within = parse_calendar_span(*span);
    if (!policy.within)
      throw Error(ErrorCode::usage, trf("'{}' is not a value of the option '{}'", *span, "--keep-within"),
                  tr("Spans are written in years, months, days and hours: 1y5m7d2h."));
  }
  for (const std::string& list : arguments.values("keep-tag")) policy.tags.push_back(split_list(list));
  return policy;
}

void group_by(const Arguments& arguments, ForgetOptions& options) {
  const std::string list = arguments.value_or_default("group-by");
  options.group_by_host = options.group_by_paths = options.group_by_tags = false;
  for (const std::string& what : split_list(list)) {
    if (what == "host")
      options.group_by_host = true;
    else if (what == "paths" || what == "path")
      options.group_by_paths = true;
    else if (what == "tags" || what == "tag")
      options.group_by_tags = true;
    else
      throw Error(ErrorCode::usage, trf("'{}' is not a value of the option '{}'", list, "--group-by"),
                  tr("It is a list of host, paths and tags."));
  }
}

ForgetOptions forget_options(const Arguments& arguments) {
  ForgetOptions options;
  options.snapshots = arguments.positional();
  options.filter = snapshot_filter(arguments);
  options.policy = retention_policy(arguments);
  group_by(arguments, options);
  options.dry_run = arguments.has("dry-run");
  if (!options.snapshots.empty() && !options.policy.empty())
    throw Error(ErrorCode::usage, tr("snapshots and --keep options cannot be given together"));
  return options;
}

// Why a snapshot is kept, in the user's language.
std::string reasons_text(const std::vector<std::string>& reasons) {
  static constexpr const char* kReasons[] = {N_("last"),   N_("hourly"), N_("daily"), N_("weekly"), N_("monthly"),
                                             N_("yearly"), N_("within"), N_("tag"),   N_("clock"),  N_("hold")};
  std::vector<std::string> texts;
  for (const std::string& reason : reasons) {
    const auto known =
        std::find_if(std::begin(kReasons), std::end(kReasons), [&](const char* one) { return reason == one; });
    texts.push_back(known == std::end(kReasons) ? reason : tr(*known));
  }
  return escape_names(texts, ", ");
}

void print_group(Console& console, const ForgetGroup& group) {
  std::vector<std::string> facts;
  if (!group.host.empty()) facts.push_back(escape_name(group.host));
  if (!group.paths.empty()) facts.push_back(escape_names(group.paths, ", "));
  if (!group.tags.empty()) facts.push_back("[" + escape_names(group.tags, ", ") + "]");
  if (!facts.empty()) console.info(fmt::format("{}", fmt::join(facts, "  ")));
  TextTable table({{""}, {tr("ID")}, {tr("Time")}, {tr("Host")}, {tr("Tags")}, {tr("Why")}, {tr("Paths")}});
  for (const ForgetDecision& decision : group.decisions)
    table.add({decision.keep ? tr("keep") : tr("forget"), short_id(decision.snapshot_id),
               format_local_time(decision.time), escape_name(decision.host), escape_names(decision.tags, ", "),
               reasons_text(decision.reasons), escape_names(decision.paths, "\n")});
  for (const std::string& line : table.lines()) console.info(line);
  console.info("");
}

void print(Console& console, const ForgetPlan& plan, bool dry_run) {
  for (const ForgetGroup& group : plan.groups) print_group(console, group);
  const std::string forgotten = format_counted("{} snapshot", "{} snapshots", plan.forgotten);
  console.info(dry_run ? trf("Would forget {} and keep {}", forgotten, format_count(plan.kept))
                       : trf("Forgot {} and kept {}", forgotten, format_count(plan.kept)));
}

std::set<std::string> forgotten_by(const ForgetPlan& plan) {
  std::set<std::string> ids;
  for (const ForgetGroup& group : plan.groups)
    for (const ForgetDecision& decision : group.decisions)
      if (!decision.keep) ids.insert(decision.snapshot_id);
  return ids;
}

Json json_of(const ForgetDecision& decision) {
  return {{"id", decision.snapshot_id},
          {"time", json_time(decision.time)},
          {"host", json_text(decision.host)},
          {"paths", json_texts(decision.paths)},
          {"tags", json_texts(decision.tags)},
          {"keep", decision.keep},
          {"reasons", json_texts(decision.reasons)}};
}

Json json_of(const ForgetPlan& plan, bool dry_run) {
  Json groups = Json::array();
  for (const ForgetGroup& group : plan.groups) {
    Json decisions = Json::array();
    for (const ForgetDecision& decision : group.decisions) decisions.push_back(json_of(decision));
    groups.push_back({{"host", json_text(group.host)},
                      {"paths", json_texts(group.paths)},
                      {"tags", json_texts(group.tags)},
                      {"snapshots", decisions}});
  }
  return {{"message_type", "forget"},
          {"dry_run", dry_run},
          {"kept", plan.kept},
          {"forgotten", plan.forgotten},
          {"groups", groups}};
}

}  // namespace

int run_forget(const CommandContext& context) {
  Console& console = context.console;
  const ForgetOptions options = forget_options(context.arguments);
  PruneOptions prune_options{.max_unused_percent = unused_percent(context.arguments), .dry_run = options.dry_run};
  Repository& repository = open_repository(context);
  const std::unique_ptr<CommandMonitor> monitor =
      make_monitor(console, {.draw_progress = !context.arguments.has("no-progress")}, context.stop);
  const ForgetPlan plan = forget(repository, options, *monitor, context.stop);
  if (!options.dry_run)
    for (const std::string& id : forgotten_by(plan)) context.audit.removed(ObjectKind::snapshot, id);
  context.audit.count("forgotten", options.dry_run ? 0 : plan.forgotten);
  Json object = json_of(plan, options.dry_run);
  if (!console.json()) print(console, plan, options.dry_run);
  if (context.arguments.has("prune")) {
    if (options.dry_run) prune_options.as_if_forgotten = forgotten_by(plan);
    const PruneSummary summary = prune(repository, prune_options, *monitor, context.stop);
    monitor->finish();
    note_prune(context, summary, options.dry_run);
    object["prune"] = Json::parse(prune_json(summary, options.dry_run));
    if (!console.json()) print_prune(console, summary, options.dry_run);
  }
  monitor->finish();
  if (console.json()) console.json_line(object.dump(), true);
  if (!console.json() && options.dry_run) console.info(tr("Nothing was changed (--dry-run)"));
  return 0;
}

}  // namespace igudar
