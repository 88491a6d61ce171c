#include <nlohmann/json.hpp>

#include "ops/repository_policy.h"

#include "base/error.h"
#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/commands/policy_actions.h"
#include "cli/json_fields.h"
#include "cli/repository_access.h"
#include "cli/suggestion.h"
#include "cli/text_format.h"
#include "cli/text_table.h"

namespace igudar {

namespace {

void require_known(const std::string& name) {
  if (find_policy_rule(name) != nullptr) return;
  std::vector<std::string> names;
  for (const PolicyRule& rule : policy_rules()) names.emplace_back(rule.name);
  throw Error(ErrorCode::usage, trf("'{}' is no rule of a policy", name),
              hint_for(name, names, trf("It can be one of: {}", joined(names))));
}

void show(const CommandContext& context, const std::optional<std::string>& domain) {
  const Repository& repository = open_domain_repository(context, domain);
  const RepositoryPolicy policy = RepositoryPolicy::load(repository, context.stop);
  if (context.console.json()) {
    Json rules = Json::object();
    for (const auto& [name, value] : policy.values()) rules[json_text(name)] = json_text(value);
    return context.console.json_line(Json{{"message_type", "policy"}, {"rules", rules}}.dump(), true);
  }
  TextTable table({{tr("Rule")}, {tr("Value")}, {tr("What it asks for")}});
  for (const PolicyRule& rule : policy_rules()) {
    const auto set = policy.values().find(rule.name);
    table.add({rule.name, set == policy.values().end() ? "-" : escape_name(set->second), tr(rule.meaning)});
  }
  for (const auto& [name, value] : policy.values())
    if (find_policy_rule(name) == nullptr)
      table.add({escape_name(name), escape_name(value), tr("(a rule of a newer igudar)")});
  context.console.results(table.lines());
}

void report(const CommandContext& context, const char* action, const std::string& name, const std::string& text) {
  if (context.console.json())
    context.console.json_line(
        Json{{"message_type", "policy_change"}, {"action", action}, {"rule", json_text(name)}}.dump(), true);
  else
    context.console.info(text);
}

void set(const CommandContext& context, const std::optional<std::string>& domain, const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos)
    throw Error(ErrorCode::usage, trf("'{}' says no value", setting), tr("Write NAME=VALUE."));
  const std::string name = setting.substr(0, equals);
  require_known(name);
  set_policy(open_domain_repository(context, domain), name, setting.substr(equals + 1), context.stop);
  report(context, "set", name, trf("Set {}", escape_name(setting)));
}

void unset(const CommandContext& context, const std::optional<std::string>& domain, const std::string& name) {
  require_known(name);
  unset_policy(open_domain_repository(context, domain), name, context.stop);
  report(context, "unset", name, trf("The rule '{}' is no longer set", name));
}

}  // namespace

bool is_policy_action(std::string_view word) {
  return word == "show" || word == "set" || word == "unset";
}

int run_policy_action(const CommandContext& context, std::span<const std::string> words,
                      const std::optional<std::string>& domain) {
  if (words[0] == "show" && words.size() == 1)
    show(context, domain);
  else if (words[0] == "set" && words.size() == 2)
    set(context, domain, words[1]);
  else if (words[0] == "unset" && words.size() == 2)
    unset(context, domain, words[1]);
  else
    throw Error(ErrorCode::usage, trf("'{}' is nothing that can be done with the policy", words[0]),
                trf("It can be one of: {}", "show, set NAME=VALUE, unset NAME"));
  return 0;
}

int run_policy(const CommandContext& context) {
  return run_policy_action(context, context.arguments.positional(), std::nullopt);
}

}  // namespace igudar
