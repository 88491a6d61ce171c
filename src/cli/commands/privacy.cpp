#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/privacy_text.h"
#include "cli/repository_access.h"
#include "cli/store_access.h"
#include "cli/suggestion.h"
#include "cli/text_format.h"
#include "ops/processing_record.h"

namespace igudar {

namespace {

using Words = std::vector<std::string>;

// Without its keys: the clear config tells of which repository it is.
NamedCopy looked_at(const CommandContext& context, const std::string& location, const Repository& repository) {
  try {
    const Config config =
        decode_config(open_storage(context, location)->get({ObjectKind::config, ""}, kLargestConfig, context.stop));
    const bool same = config.repository == repository.config().repository;
    return {location, same ? "" : tr("it is another repository")};
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    return {location, error.what()};
  }
}

void report(const CommandContext& context, const Words&) {
  const ReportTarget target = report_target(context.arguments);
  const Repository& repository = open_repository(context);
  const PrivacyReport report = privacy_report(repository, !context.arguments.value("domain"), context.stop);
  for (const DamagedObject& damaged : report.damaged)
    context.console.warning(
        trf("{} cannot be read, and is missing from the report: {}", damaged.name.to_string(), damaged.error.what()));
  std::vector<NamedCopy> copies;
  for (const std::string& location : context.arguments.values("also"))
    copies.push_back(looked_at(context, location, repository));
  put_report(context, target,
             {privacy_document(report, copies), privacy_json(report, copies), privacy_csv(report, copies)});
}

void require_known(const std::string& name) {
  if (find_processing_field(name) != nullptr) return;
  Words names;
  for (const ProcessingField& field : processing_fields()) names.emplace_back(field.name);
  throw Error(ErrorCode::usage, trf("'{}' is nothing that a record of processing has", name),
              hint_for(name, names, trf("It can be one of: {}", joined(names))));
}

void confirm(const CommandContext& context, const char* action, const std::string& name, const std::string& text) {
  if (context.console.json())
    context.console.json_line(
        Json{{"message_type", "privacy_change"}, {"action", action}, {"name", json_text(name)}}.dump(), true);
  else
    context.console.info(text);
}

void set(const CommandContext& context, const Words& words) {
  const std::size_t equals = words[1].find('=');
  if (equals == std::string::npos)
    throw Error(ErrorCode::usage, trf("'{}' says no value", words[1]), tr("Write NAME=VALUE."));
  const std::string name = words[1].substr(0, equals);
  require_known(name);
  set_processing(open_repository(context), name, words[1].substr(equals + 1), context.stop);
  confirm(context, "set", name, trf("Set {}", escape_name(words[1])));
}

void unset(const CommandContext& context, const Words& words) {
  require_known(words[1]);
  unset_processing(open_repository(context), words[1], context.stop);
  confirm(context, "unset", words[1], trf("'{}' is no longer set", words[1]));
}

struct Action {
  const char* name;
  std::size_t words;
  void (*run)(const CommandContext&, const Words&);
};
constexpr Action kActions[] = {{"report", 1, report}, {"set", 2, set}, {"unset", 2, unset}};

}  // namespace

int run_privacy(const CommandContext& context) {
  const Words& words = context.arguments.positional();
  for (const Action& action : kActions)
    if (words[0] == action.name && words.size() == action.words) {
      action.run(context, words);
      return 0;
    }
  throw Error(ErrorCode::usage,
              trf("'{}' is nothing that can be done here, or something after it is missing", words[0]),
              trf("It can be one of: {}", "report, set NAME=TEXT, unset NAME"));
}

}  // namespace igudar
