#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/descriptor_io.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "base/unique_fd.h"
#include "cli/audit_text.h"
#include "cli/command_audit.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/monitors.h"
#include "cli/option_values.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"
#include "cli/text_table.h"
#include "ops/audit/anonymise.h"
#include "ops/audit/verify_audit.h"
#include "ops/audit_history.h"

namespace igudar {

namespace {

AuditPeriod period(const Arguments& arguments) {
  return {time_value(arguments, "since", false), time_value(arguments, "until", true)};
}

void warn_of_damage(Console& console, const AuditHistory& history) {
  for (const DamagedObject& damaged : history.damaged)
    console.warning(trf("{} cannot be read: {}", damaged.name.to_string(), escape_message(damaged.error.what())));
  const auto forged = static_cast<std::uint64_t>(std::count_if(history.events.begin(), history.events.end(),
                                                               [](const AuditEvent& event) { return !event.genuine; }));
  if (forged > 0)
    console.warning(format_counted("{} entry is not validly signed: see 'igudar audit verify'",
                                   "{} entries are not validly signed: see 'igudar audit verify'", forged));
}

int status_of(const AuditHistory& history) {
  const bool sound =
      history.damaged.empty() && std::all_of(history.events.begin(), history.events.end(),
                                             [](const AuditEvent& event) { return event.genuine && event.readable; });
  return sound ? 0 : exit_status(ErrorCode::damaged);
}

std::string outcome_text(const AuditOperation& operation) {
  const AuditFacts& facts = operation.event->facts;
  if (!operation.event->genuine) return tr("FORGED or changed");
  if (!operation.event->readable) return tr("cannot be read");
  switch (facts.type) {
    case AuditType::intent: {
      if (operation.outcome == nullptr) return tr("unfinished");
      const AuditFacts& outcome = operation.outcome->facts;
      const std::uint32_t status = outcome.status.value_or(0);
      if (!operation.outcome->genuine) return tr("FORGED or changed");
      if (status == 0) return tr("done");
      return outcome.error.empty() ? trf("status {}", status)
                                   : trf("status {} ({})", status, escape_name(outcome.error));
    }
    case AuditType::outcome:
      return tr("an outcome without its intent");
    case AuditType::failed_openings: {
      const auto count = facts.counts.find("failures");
      return format_counted("{} failed opening", "{} failed openings", count == facts.counts.end() ? 0 : count->second);
    }
    case AuditType::anonymised:
      return format_counted("{} subject anonymised", "{} subjects anonymised", facts.subjects.size());
    case AuditType::fork:
      return tr("a new log: another machine went on with the old one");
  }
  return tr("of a newer igudar");
}

std::string details_text(const AuditOperation& operation) {
  std::string text;
  const auto add = [&](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
  for (const std::string& word : operation.event->personal.arguments) add(escape_name(word));
  if (operation.outcome == nullptr) return text;
  for (const AuditObject& object : operation.outcome->facts.objects) {
    constexpr std::size_t kIdDigits = 8;
    const std::size_t slash = object.name.find('/');
    add(escape_name(slash == std::string::npos ? object.name : object.name.substr(0, slash + 1 + kIdDigits)));
  }
  return text;
}

TextTable table_of(const std::vector<AuditOperation>& operations) {
  TextTable table({{tr("Time")}, {tr("Who")}, {tr("Key")}, {tr("Operation")}, {tr("Outcome")}, {tr("Details")}});
  for (const AuditOperation& each : operations) {
    const AuditEvent& event = *each.event;
    table.add({event.readable ? format_local_time(event.facts.time) : "?", escape_name(audit_person(event)),
               event.readable ? short_id(to_hex(event.facts.slot.view())) : "", escape_name(event.facts.operation),
               outcome_text(each), details_text(each)});
  }
  return table;
}

int show(const CommandContext& context, const Repository& repository) {
  Console& console = context.console;
  const AuditHistory history = read_audit_history(repository, period(context.arguments), context.stop);
  const std::vector<AuditOperation> operations = operations_of(history.events);
  if (console.json()) {
    Json list = Json::array();
    for (const AuditOperation& each : operations) {
      Json object = audit_json(*each.event);
      if (each.outcome != nullptr) object["outcome"] = audit_json(*each.outcome);
      list.push_back(std::move(object));
    }
    console.json_line(Json{{"message_type", "audit"}, {"operations", list}}.dump(), true);
  } else {
    console.results(table_of(operations).lines());
    warn_of_damage(console, history);
  }
  return status_of(history);
}

struct FaultName {
  const char* json;
  const char* text;
};

FaultName name_of(AuditFault fault) {
  switch (fault) {
    case AuditFault::missing:
      return {"missing", N_("missing")};
    case AuditFault::truncated:
      return {"truncated", N_("truncated")};
    case AuditFault::lost:
      return {"lost", N_("lost")};
    case AuditFault::changed:
      return {"changed", N_("changed")};
    case AuditFault::moved:
      return {"moved", N_("moved")};
    case AuditFault::forged:
      return {"forged", N_("forged")};
    case AuditFault::subject:
      return {"subject", N_("subject")};
    case AuditFault::reference:
      break;
  }
  return {"reference", N_("reference")};
}

Json json_of(const AuditVerification& verification) {
  Json findings = Json::array();
  for (const AuditFinding& finding : verification.findings)
    findings.push_back({{"fault", name_of(finding.fault).json},
                        {"object", json_text(finding.object)},
                        {"message", json_text(finding.text)}});
  return {{"message_type", "audit_verification"},
          {"sound", verification.findings.empty()},
          {"findings", findings},
          {"logs", verification.logs},
          {"entries", verification.entries},
          {"unknown_signers", verification.unknown_signers},
          {"unfinished", verification.unfinished},
          {"anonymised", verification.anonymised},
          {"put_again", verification.put_again}};
}

void print(Console& console, const AuditVerification& verification) {
  for (const AuditFinding& finding : verification.findings)
    console.result(trf("{}: {}: {}", tr(name_of(finding.fault).text), finding.object, escape_message(finding.text)));
  console.info(trf("Verified {} in {}", format_counted("{} entry", "{} entries", verification.entries),
                   format_counted("{} log", "{} logs", verification.logs)));
  if (verification.unknown_signers > 0)
    console.info(format_counted("{} entry is signed by a key that was removed since",
                                "{} entries are signed by keys that were removed since", verification.unknown_signers));
  if (verification.findings.empty())
    console.info(tr("The audit log is sound."));
  else
    console.warning(format_counted("the audit log is not sound: {} finding", "the audit log is not sound: {} findings",
                                   verification.findings.size()));
}

int verify(const CommandContext& context, const Repository& repository) {
  const std::unique_ptr<CommandMonitor> monitor =
      make_monitor(context.console, {.draw_progress = !context.arguments.has("no-progress")}, context.stop);
  const AuditVerification verification = verify_audit(repository, *monitor, context.stop);
  monitor->finish();
  context.audit.count("findings", verification.findings.size());
  if (verification.put_again > 0) context.audit.count("put_again", verification.put_again);
  if (context.console.json())
    context.console.json_line(json_of(verification).dump(), true);
  else
    print(context.console, verification);
  return verification.findings.empty() ? 0 : exit_status(ErrorCode::damaged);
}

std::string export_text(const std::vector<AuditEvent>& events, const std::string& format) {
  std::string text;
  if (format == "csv") {
    text = audit_csv_title() + "\r\n";
    for (const AuditEvent& event : events) text += audit_csv_line(event) + "\r\n";
  } else {
    for (const AuditEvent& event : events)
      text += (format == "syslog" ? audit_syslog_line(event) : audit_json(event).dump()) + "\n";
  }
  return text;
}

// A new file of the user's own.
void write_new_file(const std::string& path, const std::string& text) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) throw_errno(errno, trf("cannot write {}", path));
  int error = write_fully(file.get(), view_of(text));
  if (error == 0 && ::fsync(file.get()) != 0) error = errno;
  if (error == 0) return;
  ::unlink(path.c_str());
  throw_errno(error, trf("cannot write {}", path));
}

int export_entries(const CommandContext& context, const Repository& repository) {
  Console& console = context.console;
  const AuditHistory history = read_audit_history(repository, period(context.arguments), context.stop);
  std::string text = export_text(history.events, context.arguments.value_or_default("format"));
  if (const std::optional<std::string> path = context.arguments.value("output")) {
    write_new_file(*path, text);
    console.info(trf("Wrote {} to {}", format_counted("{} entry", "{} entries", history.events.size()),
                     console.shown_name(*path)));
  } else if (!text.empty()) {
    text.pop_back();  // result() ends the line
    console.result(text);
  }
  context.audit.count("entries", history.events.size());
  warn_of_damage(console, history);
  return status_of(history);
}

int anonymise_people(const CommandContext& context, const Repository& repository) {
  const std::vector<std::string>& words = context.arguments.positional();
  AnonymiseOptions options;
  if (words.size() > 1) options.name = words[1];
  options.before = time_value(context.arguments, "before", false);
  if (options.name.empty() && !options.before)
    throw Error(ErrorCode::usage, tr("nobody was named"),
                tr("Say who: igudar audit anonymise USER@HOST, or --before TIME."));
  context.audit.leave_person_out();
  const std::vector<SubjectId> subjects = anonymise(repository, context.audit.log(), options, context.stop);
  context.audit.count("subjects", subjects.size());
  if (context.console.json()) {
    Json ids = Json::array();
    for (const SubjectId& subject : subjects) ids.push_back(to_hex(subject.view()));
    context.console.json_line(Json{{"message_type", "anonymised"}, {"subjects", ids}}.dump(), true);
  } else {
    context.console.info(format_counted("Anonymised {} subject; the audit log verifies as before",
                                        "Anonymised {} subjects; the audit log verifies as before", subjects.size()));
  }
  return 0;
}

struct Action {
  const char* name;
  std::size_t words;  // at most, itself included
  int (*run)(const CommandContext&, const Repository&);
};
constexpr Action kActions[] = {
    {"show", 1, show}, {"verify", 1, verify}, {"export", 1, export_entries}, {"anonymise", 2, anonymise_people}};

const Action& action_of(const std::vector<std::string>& words) {
  for (const Action& action : kActions) {
    if (words[0] != action.name) continue;
    if (words.size() <= action.words) return action;
    throw Error(ErrorCode::usage, tr("this needs nothing after it"));
  }
  throw Error(ErrorCode::usage, trf("'{}' is nothing that can be done with the audit log", words[0]),
              trf("It can be one of: {}", "show, verify, export, anonymise"));
}

}  // namespace

int run_audit(const CommandContext& context) {
  const Action& action = action_of(context.arguments.positional());
  return action.run(context, open_repository(context));
}

}  // namespace igudar
