#include <nlohmann/json.hpp>

#include "repo/key_slots.h"

#include "base/error.h"
#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/password.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"
#include "cli/text_table.h"

namespace igudar {

namespace {

// The names are those of --capability, so that what `key list` shows can be typed.
const char* capability_name(Capability capability) {
  switch (capability) {
    case Capability::full:
      return "full";
    case Capability::write:
      return "write";
    case Capability::maintain:
      return "maintain";
  }
  return "unknown";
}

Capability capability_value(const Arguments& arguments) {
  const std::string name = arguments.value_or_default("capability");
  if (name == "write") return Capability::write;
  return name == "maintain" ? Capability::maintain : Capability::full;
}

void list(const CommandContext& context, const Repository& repository) {
  const std::vector<SlotInfo> slots = list_slots(repository, context.stop);
  if (context.console.json()) {
    Json keys = Json::array();
    for (const SlotInfo& slot : slots)
      keys.push_back({{"id", slot.id},
                      {"current", slot.current},
                      {"readable", slot.readable},
                      {"capability", slot.readable ? capability_name(slot.capability) : ""},
                      {"created", slot.readable ? json_time(slot.created) : ""},
                      {"user", json_text(slot.user)},
                      {"host", json_text(slot.host)},
                      {"recipient", json_text(slot.recipient)}});
    return context.console.json_line(Json{{"message_type", "keys"}, {"keys", keys}}.dump(), true);
  }
  TextTable table({{""}, {tr("ID")}, {tr("May do")}, {tr("User")}, {tr("Host")}, {tr("Created")}, {tr("Opened by")}});
  for (const SlotInfo& slot : slots)
    table.add({slot.current ? "*" : "", short_id(slot.id), slot.readable ? capability_name(slot.capability) : "?",
               escape_name(slot.user), escape_name(slot.host), slot.readable ? format_local_time(slot.created) : "",
               escape_message(slot.recipient)});
  context.console.results(table.lines());
  context.console.info("");
  context.console.info(tr("* the one that was used now"));
}

void report(const CommandContext& context, const char* action, const std::string& id, const std::string& text) {
  if (context.console.json())
    context.console.json_line(Json{{"message_type", "key"}, {"action", action}, {"id", id}}.dump(), true);
  else
    context.console.info(text);
}

void add(const CommandContext& context, const Repository& repository) {
  const SecretBytes password =
      new_password(context.arguments.value("new-password-file").value_or(""), context.console, context.stop);
  const std::string id =
      add_slot(repository, password, capability_value(context.arguments), kdf_params(context.arguments), context.stop);
  report(context, "added", id, trf("Added the password {}", short_id(id)));
}

void remove(const CommandContext& context, const Repository& repository) {
  const std::string id = remove_slot(repository, context.arguments.positional()[1], context.stop);
  report(context, "removed", id, trf("Removed the password {}", short_id(id)));
}

// That of the slot in use, which may be asked for by a rule, unless the option names one.
PasswordKdfParams kdf_of_changed(const CommandContext& context, const Repository& repository) {
  if (!context.arguments.given("kdf"))
    for (const StoredSlot& stored : load_slots(repository.store(), context.stop))
      if (stored.id == repository.keys().slot() && stored.slot && stored.slot->kdf.kdf == PasswordKdf::pbkdf2_sha256)
        return stored.slot->kdf;
  return kdf_params(context.arguments);
}

void change(const CommandContext& context, const Repository& repository) {
  const SecretBytes password =
      new_password(context.arguments.value("new-password-file").value_or(""), context.console, context.stop);
  const std::string id = change_password(repository, password, kdf_of_changed(context, repository), context.stop);
  report(context, "changed", id, trf("Changed the password; it is now {}", short_id(id)));
}

struct Action {
  const char* name;
  std::size_t arguments;
  void (*run)(const CommandContext&, const Repository&);
};
constexpr Action kActions[] = {{"list", 0, list}, {"add", 0, add}, {"remove", 1, remove}, {"passwd", 0, change}};

const Action& action_of(const std::vector<std::string>& words) {
  for (const Action& action : kActions) {
    if (words[0] != action.name) continue;
    if (words.size() == action.arguments + 1) return action;
    throw Error(
        ErrorCode::usage,
        action.arguments == 0 ? tr("this needs nothing after it") : tr("the id of the password to remove is missing"),
        tr("'igudar key list' shows the ids."));
  }
  throw Error(ErrorCode::usage, trf("'{}' is nothing that can be done with keys", words[0]),
              trf("It can be one of: {}", "list, add, remove, passwd"));
}

}  // namespace

int run_key(const CommandContext& context) {
  const Action& action = action_of(context.arguments.positional());
  const Repository repository = open_repository(context);
  action.run(context, repository);
  return 0;
}

}  // namespace igudar
