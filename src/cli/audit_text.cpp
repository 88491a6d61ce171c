#include "cli/audit_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/hex.h"
#include "base/translate.h"
#include "cli/csv.h"
#include "cli/terminal_text.h"

namespace igudar {

namespace {

const char* relation_name(AuditRelation relation) {
  switch (relation) {
    case AuditRelation::made:
      return "made";
    case AuditRelation::read:
      return "read";
    case AuditRelation::removed:
      return "removed";
  }
  return "unknown";
}

const char* person_name(AuditPerson person) {
  switch (person) {
    case AuditPerson::shown:
      return "shown";
    case AuditPerson::sealed:
      return "sealed";
    case AuditPerson::anonymised:
      return "anonymised";
    case AuditPerson::unnamed:
      break;
  }
  return "unnamed";
}

std::string status_text(const AuditFacts& facts) {
  return facts.status ? std::to_string(*facts.status) : "";
}

template <typename Items, typename Text>
std::string joined(const Items& items, Text&& text) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : " ") + text(item);
  return out;
}

std::string counts_text(const AuditFacts& facts) {
  return joined(facts.counts, [](const auto& count) { return count.first + "=" + std::to_string(count.second); });
}

std::string objects_text(const AuditFacts& facts) {
  return joined(facts.objects, [](const AuditObject& object) {
    return std::string(relation_name(object.relation)) + ":" + object.name;
  });
}

std::string failures_text(const AuditPersonal& personal) {
  return joined(personal.failures, [](const FailedOpening& failure) {
    return format_rfc3339(failure.time) + "/" + failure.means + "/" + failure.error + "/" + failure.user;
  });
}

// Where RFC 5424 wants printable ASCII without blanks: "-" is nothing.
std::string syslog_word(const std::string& text, std::size_t longest) {
  std::string word;
  for (const char c : text.substr(0, longest)) word += c > ' ' && c < 0x7f ? c : '?';
  return word.empty() ? "-" : word;
}

// RFC 5424 section 6.3.3; control characters are escaped before.
std::string syslog_value(const std::string& text) {
  std::string value;
  for (const char c : escape_message(text)) {
    if (c == '"' || c == '\\' || c == ']') value += '\\';
    value += c;
  }
  return value;
}

// Six digits of a second at most.
std::string syslog_time(TimeNs time) {
  std::string text = format_rfc3339(time);
  const std::size_t dot = text.find('.');
  if (dot != std::string::npos && text.size() > dot + 8) text = text.substr(0, dot + 7) + "Z";
  return text;
}

int syslog_severity(const AuditEvent& event) {
  constexpr int kAlert = 1;
  constexpr int kWarning = 4;
  constexpr int kNotice = 5;
  constexpr int kInformational = 6;
  if (!event.genuine || !event.readable) return kAlert;
  if (event.facts.type == AuditType::failed_openings || event.facts.status.value_or(0) != 0) return kWarning;
  return event.facts.type == AuditType::intent || event.facts.type == AuditType::outcome ? kInformational : kNotice;
}

}  // namespace

const char* audit_type_name(AuditType type) {
  switch (type) {
    case AuditType::intent:
      return "intent";
    case AuditType::outcome:
      return "outcome";
    case AuditType::failed_openings:
      return "failed_openings";
    case AuditType::anonymised:
      return "anonymised";
    case AuditType::fork:
      return "fork";
  }
  return "unknown";
}

std::string audit_person(const AuditEvent& event) {
  switch (event.person) {
    case AuditPerson::shown:
      return event.personal.user + "@" + event.personal.host;
    case AuditPerson::sealed:
      return tr("(sealed)");
    case AuditPerson::anonymised:
      return tr("(anonymised)");
    case AuditPerson::unnamed:
      break;
  }
  return {};
}

Json audit_json(const AuditEvent& event) {
  Json object = {{"time", json_time(event.facts.time)},
                 {"log", to_hex(event.place.log.view())},
                 {"number", event.place.number},
                 {"hash", to_hex(event.place.hash.view())},
                 {"signer", to_hex(event.signer.view())},
                 {"genuine", event.genuine},
                 {"readable", event.readable}};
  if (!event.readable) return object;
  const AuditFacts& facts = event.facts;
  object["type"] = audit_type_name(facts.type);
  object["operation"] = json_text(facts.operation);
  object["key"] = to_hex(facts.slot.view());
  if (facts.intent) object["intent"] = *facts.intent;
  if (facts.status) object["status"] = *facts.status;
  if (!facts.error.empty()) object["error"] = json_text(facts.error);
  object["counts"] = Json::object();
  for (const auto& [name, value] : facts.counts) object["counts"][json_text(name)] = value;
  object["objects"] = Json::array();
  for (const AuditObject& each : facts.objects)
    object["objects"].push_back({{"relation", relation_name(each.relation)}, {"object", json_text(each.name)}});
  if (!facts.heads.empty()) {
    object["checkpoint"] = Json::array();
    for (const AuditHead& head : facts.heads)
      object["checkpoint"].push_back(
          {{"log", to_hex(head.log.view())}, {"number", head.number}, {"hash", to_hex(head.hash.view())}});
  }
  if (!facts.subjects.empty()) {
    object["subjects"] = Json::array();
    for (const SubjectId& subject : facts.subjects) object["subjects"].push_back(to_hex(subject.view()));
  }
  if (facts.forked) object["forked"] = to_hex(facts.forked->view());
  object["person"] = person_name(event.person);
  if (event.person != AuditPerson::shown) return object;
  object["user"] = json_text(event.personal.user);
  object["uid"] = event.personal.uid;
  object["host"] = json_text(event.personal.host);
  object["arguments"] = json_texts(event.personal.arguments);
  if (!event.personal.failures.empty()) {
    object["failures"] = Json::array();
    for (const FailedOpening& failure : event.personal.failures)
      object["failures"].push_back({{"time", json_time(failure.time)},
                                    {"means", json_text(failure.means)},
                                    {"error", json_text(failure.error)},
                                    {"user", json_text(failure.user)}});
  }
  return object;
}

std::string audit_csv_title() {
  return "time,log,number,hash,genuine,type,operation,intent,status,error,person,user,uid,host,key,arguments,counts,"
         "objects,failures";
}

std::string audit_csv_line(const AuditEvent& event) {
  const AuditFacts& facts = event.facts;
  const bool shown = event.person == AuditPerson::shown;
  const std::string cells[] = {
      format_rfc3339(facts.time),
      to_hex(event.place.log.view()),
      std::to_string(event.place.number),
      to_hex(event.place.hash.view()),
      event.genuine ? "true" : "false",
      event.readable ? audit_type_name(facts.type) : "unreadable",
      facts.operation,
      facts.intent ? std::to_string(*facts.intent) : "",
      status_text(facts),
      facts.error,
      person_name(event.person),
      event.personal.user,
      shown ? std::to_string(event.personal.uid) : "",
      event.personal.host,
      to_hex(facts.slot.view()),
      joined(event.personal.arguments, [](const std::string& word) { return escape_name(word); }),
      counts_text(facts),
      objects_text(facts),
      failures_text(event.personal)};
  return csv_line(cells);
}

std::string audit_syslog_line(const AuditEvent& event) {
  constexpr int kFacility = 13;
  constexpr std::size_t kLongestHost = 255;
  const AuditFacts& facts = event.facts;
  const char* type = event.readable ? audit_type_name(facts.type) : "unreadable";
  std::string data = "[igudar@32473";
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) data += fmt::format(" {}=\"{}\"", name, syslog_value(value));
  };
  add("log", to_hex(event.place.log.view()));
  add("number", std::to_string(event.place.number));
  add("hash", to_hex(event.place.hash.view()));
  add("genuine", event.genuine ? "true" : "false");
  add("operation", facts.operation);
  add("intent", facts.intent ? std::to_string(*facts.intent) : "");
  add("status", status_text(facts));
  add("error", facts.error);
  add("person", person_name(event.person));
  add("user", event.personal.user);
  add("key", event.readable ? to_hex(facts.slot.view()) : "");
  add("arguments", joined(event.personal.arguments, [](const std::string& word) { return escape_name(word); }));
  add("counts", counts_text(facts));
  add("objects", objects_text(facts));
  add("failures", failures_text(event.personal));
  data += "]";
  const std::string status = facts.status ? " " + status_text(facts) : "";
  return fmt::format("<{}>1 {} {} igudar - {} {} {} {}{}", kFacility * 8 + syslog_severity(event),
                     syslog_time(facts.time), syslog_word(event.personal.host, kLongestHost), type, data,
                     escape_message(facts.operation), type, status);
}

}  // namespace igudar
