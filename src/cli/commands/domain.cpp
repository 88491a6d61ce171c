#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/commands/policy_actions.h"
#include "cli/json_fields.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"
#include "cli/text_table.h"
#include "repo/domain_access.h"

namespace igudar {

namespace {

void list(const CommandContext& context, const Repository& repository) {
  const std::vector<DomainInfo> domains = list_domains(repository, context.stop);
  if (context.console.json()) {
    Json list = Json::array();
    for (const DomainInfo& domain : domains)
      list.push_back({{"id", to_hex(domain.id.view())},
                      {"name", domain.name.empty() ? Json() : Json(json_text(domain.name))},
                      {"capability", domain.name.empty() ? Json() : Json(capability_name(domain.capability))},
                      {"epoch", domain.epoch},
                      {"cipher", cipher_suite_name(domain.suite)},
                      {"created", json_time(domain.created)},
                      {"rotated", json_time(domain.rotated)}});
    return context.console.json_line(Json{{"message_type", "domains"}, {"domains", list}}.dump(), true);
  }
  TextTable table({{""},
                   {tr("ID")},
                   {tr("Domain")},
                   {tr("May do")},
                   {tr("Cipher")},
                   {tr("Created")},
                   {tr("Keys since")},
                   {tr("Epoch"), Align::right}});
  for (const DomainInfo& domain : domains)
    table.add({domain.id == repository.keys().domain() ? "*" : "", short_id(to_hex(domain.id.view())),
               domain.name.empty() ? "?" : escape_name(domain.name),
               domain.name.empty() ? tr("nothing") : capability_name(domain.capability),
               std::string(cipher_suite_name(domain.suite)), format_local_time(domain.created),
               format_local_time(domain.rotated), std::to_string(domain.epoch)});
  context.console.results(table.lines());
  context.console.info("");
  context.console.info(tr("* the one that was opened now"));
}

void create(const CommandContext& context, const Repository& repository) {
  const std::string& name = context.arguments.positional()[1];
  const CipherSuite suite = find_cipher_suite(context.arguments.value_or_default("cipher")).value();
  const std::string id = to_hex(create_domain(repository, name, suite, context.stop).view());
  if (context.console.json()) {
    Json object = {{"message_type", "domain"}, {"action", "created"}, {"id", id}};
    put_name(object, "name", name);
    return context.console.json_line(object.dump(), true);
  }
  context.console.info(trf("Made the domain {}; use it with --domain {}", escape_name(name), escape_name(name)));
}

// "policy [NAME] [show | set NAME=VALUE | unset NAME]": what the command 'policy' does, of that domain.
int policy(const CommandContext& context, std::span<const std::string> words) {
  static const std::string kShow = "show";
  std::optional<std::string> name;
  words = words.subspan(1);
  if (!words.empty() && !is_policy_action(words[0])) {
    name = words[0];
    words = words.subspan(1);
  }
  return run_policy_action(context, words.empty() ? std::span(&kShow, 1) : words, name);
}

}  // namespace

int run_domain(const CommandContext& context) {
  const std::vector<std::string>& words = context.arguments.positional();
  if (words[0] == "policy") return policy(context, words);
  const bool creating = words[0] == "create";
  if (!creating && words[0] != "list")
    throw Error(ErrorCode::usage, trf("'{}' is nothing that can be done with domains", words[0]),
                trf("It can be one of: {}", "list, create NAME, policy [NAME] show|set|unset"));
  if (words.size() != (creating ? 2U : 1U))
    throw Error(ErrorCode::usage,
                creating ? tr("the name of the new domain is missing") : tr("this needs nothing after it"));
  const Repository& repository = open_repository(context);
  (creating ? create : list)(context, repository);
  return 0;
}

}  // namespace igudar
