#include "cli/command_audit.h"

#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/host_name.h"
#include "base/translate.h"
#include "cli/option_table.h"
#include "cli/repository_access.h"
#include "repo/audit_store.h"
#include "repo/failed_openings.h"
#include "repo/local_identity.h"

namespace igudar {

namespace {

constexpr std::size_t kArgumentBytes = 16U << 10;  // of an entry, at most

// "key add", "backup": a word of the table, nothing that the user made up.
std::string operation_name(const Arguments& arguments) {
  for (const CommandSpec& command : command_table()) {
    if (command.id != arguments.command()) continue;
    std::string name = command.name;
    if (command.choices == nullptr || arguments.positional().empty()) return name;
    for (const std::string_view choice : split_choices(command.choices))
      if (choice == arguments.positional()[0]) name += " " + std::string(choice);
    if ((name == "key recovery" || name == "consent source") && arguments.positional().size() > 1)
      name += " " + arguments.positional()[1];
    return name;
  }
  return {};
}

// Whether what the command changes is in the storage: a log that cannot be there is worth a warning.
bool writes(CommandId command) {
  constexpr CommandSet kWriting = {CommandId::init,  CommandId::backup,   CommandId::forget, CommandId::prune,
                                   CommandId::erase, CommandId::hold,     CommandId::policy, CommandId::domain,
                                   CommandId::key,   CommandId::timestamp};
  return kWriting.contains(command);
}

bool makes_checkpoints(const Arguments& arguments, Capability capability) {
  if (capability == Capability::write) return false;
  constexpr CommandSet kChecking = {CommandId::check, CommandId::prune, CommandId::forget};
  return kChecking.contains(arguments.command()) ||
         (arguments.command() == CommandId::audit && arguments.positional()[0] == "verify");
}

// What the command was given, but for global options, which say how the repository is opened, and what may hold a
// secret: a token's URI. Whom `audit anonymise` is about is not to be kept either.
std::vector<std::string> recorded_arguments(const Arguments& arguments) {
  std::vector<std::string> words;
  const std::vector<std::string>& positional = arguments.positional();
  const bool anonymises = arguments.command() == CommandId::audit;
  if (!anonymises) words = positional;
  for (const OptionSpec* option : options_of(arguments.command())) {
    if (!arguments.given(option->name)) continue;
    const std::string name = std::string("--") + option->name;
    const bool has_value = option->kind != ValueKind::flag;
    if (!has_value || std::string_view(option->name) == "recipient")
      words.push_back(name);
    else
      for (const std::string& value : arguments.values(option->name)) words.push_back(name + "=" + value);
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    bytes += words[i].size();
    if (bytes <= kArgumentBytes) continue;
    const std::size_t left_out = words.size() - i;
    words.resize(i);
    words.push_back("… +" + std::to_string(left_out));
    break;
  }
  return words;
}

}  // namespace

Repository& CommandAudit::begin(Repository repository) {
  Logged& logged = logged_.emplace_back(std::move(repository));
  operation_ = operation_name(arguments_);
  note_failed_openings();
  announce(logged);
  return logged.repository;
}

Repository& CommandAudit::begin_in_copy(Repository copy) {
  Logged& logged = logged_.emplace_back(std::move(copy));
  announce(logged);
  return logged.repository;
}

void CommandAudit::announce(Logged& logged) const {
  AuditFacts facts;
  facts.type = AuditType::intent;
  facts.operation = operation_;
  logged.intent = logged.log.append(std::move(facts), personal(true));
}

AuditReference CommandAudit::intent() const {
  const AuditHead& intent = logged_.front().intent;
  return {intent.log, intent.number, intent.hash};
}

void CommandAudit::touched(AuditRelation relation, ObjectKind kind, const std::string& id) {
  constexpr std::size_t kMostObjects = 1000;
  if (facts_.objects.size() < kMostObjects) facts_.objects.push_back({relation, ObjectName{kind, id}.to_string()});
}

AuditPersonal CommandAudit::personal(bool with_arguments) const {
  return {user_name(),
          static_cast<std::uint32_t>(::geteuid()),
          host_name(),
          with_arguments ? recorded_arguments(arguments_) : std::vector<std::string>(),
          {}};
}

void CommandAudit::note_failed_openings() {
  FailedOpenings failures(local_folders(arguments_).state, logged_.front().repository.config().repository);
  const FailedOpenings::List list = failures.read();
  if (list.total == 0) return;
  AuditFacts facts;
  facts.type = AuditType::failed_openings;
  facts.operation = operation_;
  facts.counts["failures"] = list.total;
  AuditPersonal who = personal(false);
  who.failures = list.newest;
  log().append(std::move(facts), who);
  failures.forget(list);
}

// Names the newest entries of all logs, and remembers them here.
void CommandAudit::make_checkpoint() {
  const Repository& repository = logged_.front().repository;
  try {
    facts_.heads = audit_heads(repository, {});
    std::vector<AuditHead> known = known_audit_heads(repository);
    for (const AuditHead& head : facts_.heads) {
      const auto same = std::find_if(known.begin(), known.end(), [&](const AuditHead& k) { return k.log == head.log; });
      if (same == known.end())
        known.push_back(head);
      else if (head.number > same->number)
        *same = head;
    }
    std::sort(known.begin(), known.end());
    remember_audit_heads(repository, known);
  } catch (const Error& error) {
    console_.warning(trf("the audit log got no checkpoint: {}", error.what()));
  }
}

void CommandAudit::warn() const {
  if (!writes(arguments_.command())) return;
  for (const Logged& logged : logged_)
    for (const std::string& remark : logged.log.remarks()) console_.warning(remark);
}

void CommandAudit::end(int status, std::string_view error) noexcept {
  if (logged_.empty()) return;
  try {
    if (makes_checkpoints(arguments_, logged_.front().repository.keys().capability())) make_checkpoint();
    facts_.type = AuditType::outcome;
    facts_.operation = operation_;
    facts_.status = static_cast<std::uint32_t>(status);
    facts_.error = error;
    for (Logged& logged : logged_) {
      facts_.intent = logged.intent.number;
      logged.log.append(facts_, unnamed_ ? std::nullopt : std::optional<AuditPersonal>(personal(false)));
      facts_.heads.clear();  // they are those of the first
    }
    if (status == 0) warn();
  } catch (...) {  // without memory even for this: the intent stays unfinished
  }
  logged_.clear();
}

}  // namespace igudar
