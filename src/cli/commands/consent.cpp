#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/consent_text.h"
#include "cli/option_values.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"
#include "cli/text_table.h"

namespace igudar {

namespace {

using Words = std::vector<std::string>;

std::vector<std::string> categories(const Arguments& arguments) {
  std::vector<std::string> found;
  for (const std::string& list : arguments.values("category"))
    for (std::string& category : split_list(list)) found.push_back(std::move(category));
  return found;
}

void report(const CommandContext& context, const char* action, const Id32& id, const std::string& text) {
  if (context.console.json())
    context.console.json_line(Json{{"message_type", "consent"}, {"action", action}, {"id", to_hex(id.view())}}.dump(),
                              true);
  else
    context.console.info(text);
}

std::string shown(const Id32& id) {
  return short_id(to_hex(id.view()));
}

void record(const CommandContext& context, const Words&) {
  const Arguments& arguments = context.arguments;
  const std::optional<std::string> basis = arguments.value("basis");
  if (!basis)
    throw Error(ErrorCode::usage, tr("the legal basis is missing"),
                tr("Give it with --basis, such as: --basis consent, or --basis contract"));
  const NewConsent consent{.categories = categories(arguments),
                           .basis = find_legal_basis(*basis).value(),
                           .given = time_value(arguments, "given", false),
                           .until = time_value(arguments, "until", true),
                           .subject = arguments.value("subject").value_or(""),
                           .purpose = arguments.value("purpose").value_or(""),
                           .document = arguments.value("document").value_or("")};
  const Id32 id = record_consent(open_repository(context), consent, context.stop);
  report(context, "recorded", id, trf("Recorded the consent {}", shown(id)));
}

void withdraw(const CommandContext& context, const Words& words) {
  const Repository& repository = open_repository(context);
  const Id32 id = withdraw_consent(repository, words[1], context.arguments.value("reason").value_or(""), context.stop);
  report(context, "withdrawn", id,
         trf("Withdrew the consent {}. What is stored already stays: 'igudar erase plan' erases it", shown(id)));
}

void list(const CommandContext& context, const Words&) {
  const Repository& repository = open_repository(context);
  const std::vector<Consent> all = consents(Registry::load(repository, context.stop));
  const TimeNs now = repository.store().now(context.stop);
  if (context.console.json()) {
    Json list = Json::array();
    for (const Consent& consent : all) list.push_back(consent_json(consent, now));
    return context.console.json_line(Json{{"message_type", "consents"}, {"consents", list}}.dump(), true);
  }
  if (all.empty()) return context.console.info(tr("No consent is recorded."));
  TextTable table({{tr("ID")}, {tr("Categories")}, {tr("Subject")}, {tr("Purpose")}, {tr("Basis")}, {tr("State")}});
  for (const Consent& consent : all) {
    const ConsentDetails details = consent.details.value_or(ConsentDetails{.subject = "?", .purpose = "?"});
    table.add({shown(consent.id), escape_name(joined(consent.body.categories)), escape_name(details.subject),
               escape_name(details.purpose), legal_basis_name(consent.body.basis), consent_state_text(consent, now)});
  }
  context.console.results(table.lines());
}

void add_source(const CommandContext& context, const Words& words) {
  const NewPersonalSource source{words[2], context.arguments.value("host").value_or(""), categories(context.arguments)};
  const Id32 id = add_personal_source(open_repository(context), source, context.stop);
  report(context, "source_added", id,
         trf("Tagged {}: no backup of it is made without a consent", context.console.shown_name(words[2])));
}

void remove_source(const CommandContext& context, const Words& words) {
  const Id32 id = remove_personal_source(open_repository(context), words[2], context.stop);
  report(context, "source_removed", id, trf("The source {} is no longer tagged", shown(id)));
}

void list_sources(const CommandContext& context, const Words&) {
  const Repository& repository = open_repository(context);
  const std::vector<PersonalSource> sources = personal_sources(Registry::load(repository, context.stop));
  if (context.console.json()) {
    Json list = Json::array();
    for (const PersonalSource& source : sources) list.push_back(personal_source_json(source));
    return context.console.json_line(Json{{"message_type", "personal_sources"}, {"sources", list}}.dump(), true);
  }
  if (sources.empty()) return context.console.info(tr("No source is tagged."));
  TextTable table({{tr("ID")}, {tr("Path")}, {tr("Host")}, {tr("Categories")}});
  for (const PersonalSource& source : sources) {
    const PersonalSourceDetails details = source.details.value_or(PersonalSourceDetails{"?", "?", ""});
    table.add({shown(source.id), escape_name(details.path),
               details.host.empty() ? tr("any") : escape_name(details.host),
               escape_name(joined(source.body.categories))});
  }
  context.console.results(table.lines());
}

struct Action {
  const char* name;
  const char* second;  // the word after it; nullptr: none
  std::size_t words;
  void (*run)(const CommandContext&, const Words&);
};
constexpr Action kActions[] = {{"record", nullptr, 1, record},      {"list", nullptr, 1, list},
                               {"withdraw", nullptr, 2, withdraw},  {"source", "add", 3, add_source},
                               {"source", "list", 2, list_sources}, {"source", "remove", 3, remove_source}};

}  // namespace

int run_consent(const CommandContext& context) {
  const Words& words = context.arguments.positional();
  for (const Action& action : kActions) {
    const bool fits = words[0] == action.name && words.size() == action.words &&
                      (action.second == nullptr || words[1] == action.second);
    if (!fits) continue;
    action.run(context, words);
    return 0;
  }
  throw Error(ErrorCode::usage,
              trf("'{}' is nothing that can be done here, or something after it is missing", words[0]),
              trf("It can be one of: {}", "record, list, withdraw ID, source add PATH, source list, source remove ID"));
}

}  // namespace igudar
