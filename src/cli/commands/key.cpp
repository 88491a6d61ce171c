#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/translate.h"
#include "cli/command_audit.h"
#include "cli/commands/command.h"
#include "cli/commands/key_recovery.h"
#include "cli/commands/key_rotation.h"
#include "cli/credentials.h"
#include "cli/json_fields.h"
#include "cli/password.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"
#include "cli/text_table.h"
#include "format/identity.h"
#include "keys/key_file.h"
#include "keys/password_key.h"
#include "repo/key_rotation.h"
#include "repo/key_slots.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

namespace {

Capability capability_value(const Arguments& arguments) {
  const std::string name = arguments.value_or_default("capability");
  if (name == "write") return Capability::write;
  return name == "maintain" ? Capability::maintain : Capability::full;
}

// Who opens it, and of a recovery key whether it is known to.
std::string opened_by(const SlotInfo& slot) {
  const std::string recipient = escape_message(slot.recipient);
  if (!slot.is_recovery_key) return recipient;
  return slot.tested ? trf("{}, tested {}", recipient, format_local_time(*slot.tested))
                     : trf("{}, never tested here", recipient);
}

// When what counts was last signed by each key.
std::map<Id32, TimeNs> last_uses(const Repository& repository, const std::stop_token& stop) {
  std::map<Id32, TimeNs> uses;
  const SnapshotCatalogue catalogue =
      SnapshotCatalogue::load(repository, CatalogueSource::cache, stop, Descriptions::closed);
  const auto note = [&](const Id32& signer, TimeNs when) { uses[signer] = std::max(uses[signer], when); };
  for (const CataloguedSnapshot& each : catalogue.snapshots()) note(each.snapshot.signer, each.stored_at);
  for (const CataloguedTombstone& each : catalogue.tombstones()) note(each.tombstone.signer, each.stored_at);
  return uses;
}

void list(const CommandContext& context, const Repository& repository) {
  const std::vector<SlotInfo> slots = list_slots(repository, context.stop);
  const std::map<Id32, TimeNs> uses = last_uses(repository, context.stop);
  const auto last_use = [&](const SlotInfo& slot) {
    const auto use = uses.find(slot.signer);
    return use == uses.end() ? std::optional<TimeNs>() : use->second;
  };
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
                      {"last_used", last_use(slot) ? Json(json_time(*last_use(slot))) : Json()},
                      {"recipient", json_text(slot.recipient)},
                      {"recovery_key", slot.is_recovery_key},
                      {"tested", slot.tested ? Json(json_time(*slot.tested)) : Json()}});
    return context.console.json_line(Json{{"message_type", "keys"}, {"keys", keys}}.dump(), true);
  }
  TextTable table({{""},
                   {tr("ID")},
                   {tr("May do")},
                   {tr("User")},
                   {tr("Host")},
                   {tr("Created")},
                   {tr("Last stored")},
                   {tr("Opened by")}});
  for (const SlotInfo& slot : slots)
    table.add({slot.current ? "*" : "", short_id(slot.id), slot.readable ? capability_name(slot.capability) : "?",
               escape_name(slot.user), escape_name(slot.host), slot.readable ? format_local_time(slot.created) : "",
               last_use(slot) ? format_local_time(*last_use(slot)) : "", opened_by(slot)});
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
  const std::unique_ptr<Recipient> recipient = new_recipient(context.arguments, context.console, context.stop);
  const std::string id = add_slot(repository, *recipient, capability_value(context.arguments), context.stop);
  context.audit.made(ObjectKind::key, id);
  report(
      context, "added", id,
      trf(context.arguments.given("recipient") ? N_("Added the key {}") : N_("Added the password {}"), short_id(id)));
}

void remove(const CommandContext& context, const Repository& repository) {
  const std::string id = remove_slot(repository, context.arguments.positional()[1], context.stop);
  context.audit.removed(ObjectKind::key, id);
  report(context, "removed", id, trf("Removed the key {}", short_id(id)));
}

void revoke(const CommandContext& context, const Repository& repository) {
  const std::string id = revoke_slot(repository, context.arguments.positional()[1], context.stop);
  report(
      context, "revoked", id,
      trf("Revoked the key {}: it opens nothing any more, and what it signs from now on does not count", short_id(id)));
}

void change(const CommandContext& context, const Repository& repository) {
  const std::optional<SlotRecipient> current = current_recipient(repository, context.stop);
  if (current && current->kind != RecipientKind::password)
    throw Error(ErrorCode::usage, tr("the key slot in use is not opened by a password"),
                tr("'igudar key add' adds a password; open the repository with it and remove this key, if you want."));
  // The way the password is made into a key stays, which may be asked for by a rule, unless the option names one.
  const bool keeps_kdf = current && current->kdf.kdf != PasswordKdf::argon2id && !context.arguments.given("kdf");
  const PasswordKdfParams kdf = keeps_kdf ? current->kdf : kdf_params(context.arguments);
  SecretBytes password =
      new_password(context.arguments.value("new-password-file").value_or(""), context.console, context.stop);
  const std::string id = replace_slot(repository, PasswordRecipient(std::move(password), kdf), context.stop);
  context.audit.made(ObjectKind::key, id);
  report(context, "changed", id, trf("Changed the password; it is now {}", short_id(id)));
}

void generate_identity(const CommandContext& context) {
  const std::string path = context.arguments.positional()[1];
  const BoxKeyPair keys = generate_box_key_pair(BoxKind::x25519);
  if (context.arguments.has("passphrase") || context.arguments.value("passphrase-file")) {
    const SecretBytes passphrase = new_passphrase(context.arguments, context.console, context.stop);
    write_secret_file(path, encode_identity(keys, passphrase.view(), {}).view());
  } else {
    write_secret_file(path, encode_identity(keys).view());
  }
  const std::string recipient = encode_recipient(keys.public_key);
  if (context.console.json()) {
    Json object = {{"message_type", "identity"}, {"recipient", recipient}};
    put_name(object, "path", path);
    return context.console.json_line(object.dump(), true);
  }
  context.console.result(recipient);
  context.console.info("");
  context.console.info(
      trf("Made the identity {}. Keep a copy of it in another place: without it, what was locked to the "
          "recipient above stays locked.",
          context.console.shown_name(path)));
}

struct Action {
  const char* name;
  const char* missing;  // what to say when its argument is not there; nullptr: it takes none
  void (*run)(const CommandContext&, const Repository&);  // nullptr: it opens none, or sees to that itself
};
constexpr Action kActions[] = {{"list", nullptr, list},
                               {"add", nullptr, add},
                               {"remove", N_("the id of the key to remove is missing"), remove},
                               {"revoke", N_("the id of the key to revoke is missing"), revoke},
                               {"rotate", nullptr, run_key_rotation},
                               {"passwd", nullptr, change},
                               {"generate-identity", N_("the file to write is missing"), nullptr},
                               {"recovery", N_("what to do with recovery keys is missing: create or test"), nullptr}};

const Action& action_of(const std::vector<std::string>& words) {
  for (const Action& action : kActions) {
    if (words[0] != action.name) continue;
    if (words.size() == (action.missing == nullptr ? 1U : 2U)) return action;
    throw Error(ErrorCode::usage, action.missing == nullptr ? tr("this needs nothing after it") : tr(action.missing),
                tr("'igudar key list' shows the ids."));
  }
  throw Error(ErrorCode::usage, trf("'{}' is nothing that can be done with keys", words[0]),
              trf("It can be one of: {}", "list, add, remove, revoke, rotate, passwd, generate-identity, recovery"));
}

}  // namespace

int run_key(const CommandContext& context) {
  const Action& action = action_of(context.arguments.positional());
  if (action.name == std::string_view("recovery")) {
    run_key_recovery(context, capability_value(context.arguments));
    return 0;
  }
  if (action.run == nullptr) {
    generate_identity(context);
    return 0;
  }
  const Repository& repository = open_repository(context);
  action.run(context, repository);
  return 0;
}

}  // namespace igudar
