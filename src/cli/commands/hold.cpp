#include <nlohmann/json.hpp>

#include "ops/legal_holds.h"

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/option_values.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"
#include "cli/text_table.h"

namespace igudar {

namespace {

std::string reason_of(const CommandContext& context) {
  return context.arguments.value("reason").value_or("");
}

void report(const CommandContext& context, const char* action, const Id32& id, const std::string& text) {
  if (context.console.json())
    context.console.json_line(Json{{"message_type", "hold"}, {"action", action}, {"id", to_hex(id.view())}}.dump(),
                              true);
  else
    context.console.info(text);
}

void set(const CommandContext& context) {
  const Arguments& arguments = context.arguments;
  NewHold hold{.all = arguments.has("all"),
               .patterns = arguments.values("path"),
               .reason = reason_of(context),
               .until = time_value(arguments, "until", true)};
  const Repository& repository = open_repository(context);
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::cache, context.stop);
  for (const std::string& id : arguments.values("snapshot")) hold.snapshots.push_back(catalogue.find(id).id);
  const Id32 id = set_hold(repository, hold, context.stop);
  report(context, "set", id, trf("Set the legal hold {}", short_id(to_hex(id.view()))));
}

void release(const CommandContext& context, const std::string& which) {
  const Repository& repository = open_repository(context);
  const Id32 id = release_hold(repository, which, reason_of(context), context.stop);
  report(context, "released", id, trf("Released the legal hold {}", short_id(to_hex(id.view()))));
}

// What a hold covers, in words.
std::string covered(const LegalHold& hold) {
  std::vector<std::string> parts;
  if (hold.all) parts.emplace_back(tr("everything"));
  if (!hold.readable) parts.emplace_back(tr("paths that this key cannot read"));
  for (const SnapshotId& id : hold.snapshots) parts.push_back(short_id(to_hex(id.view())));
  for (const std::string& pattern : hold.patterns) parts.push_back(escape_name(pattern));
  return joined(parts, "\n");
}

Json json_of(const LegalHold& hold) {
  Json snapshots = Json::array();
  for (const SnapshotId& id : hold.snapshots) snapshots.push_back(to_hex(id.view()));
  return {{"id", to_hex(hold.id.view())},
          {"time", json_time(hold.time)},
          {"all", hold.all},
          {"snapshots", snapshots},
          {"paths", json_texts(hold.patterns)},
          {"reason", json_text(hold.reason)},
          {"until", hold.until ? Json(json_time(*hold.until)) : Json()}};
}

void list(const CommandContext& context) {
  const Repository& repository = open_repository(context);
  const std::vector<LegalHold> holds = legal_holds(Registry::load(repository, context.stop), wall_clock_ns());
  if (context.console.json()) {
    Json all = Json::array();
    for (const LegalHold& hold : holds) all.push_back(json_of(hold));
    return context.console.json_line(Json{{"message_type", "holds"}, {"holds", all}}.dump(), true);
  }
  if (holds.empty()) return context.console.info(tr("There is no legal hold."));
  TextTable table({{tr("ID")}, {tr("Set")}, {tr("Until")}, {tr("Covers")}, {tr("Reason")}});
  for (const LegalHold& hold : holds)
    table.add({short_id(to_hex(hold.id.view())), format_local_time(hold.time),
               hold.until ? format_local_time(*hold.until) : tr("released"), covered(hold), escape_name(hold.reason)});
  context.console.results(table.lines());
}

}  // namespace

int run_hold(const CommandContext& context) {
  const std::vector<std::string>& words = context.arguments.positional();
  if (words[0] == "set" && words.size() == 1)
    set(context);
  else if (words[0] == "list" && words.size() == 1)
    list(context);
  else if (words[0] == "release" && words.size() == 2)
    release(context, words[1]);
  else
    throw Error(ErrorCode::usage, trf("'{}' is nothing that can be done with legal holds", words[0]),
                trf("It can be one of: {}", "set, list, release ID"));
  return 0;
}

}  // namespace igudar
