#include "ops/doctor/doctor.h"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/repository_access.h"
#include "cli/text_table.h"

namespace igudar {

namespace {

struct VerdictNames {
  const char* json;
  const char* text;
};

VerdictNames names_of(DoctorVerdict verdict) {
  switch (verdict) {
    case DoctorVerdict::kept:
      return {"kept", N_("kept")};
    case DoctorVerdict::not_set:
      return {"not_set", N_("not set")};
    case DoctorVerdict::advice:
      return {"advice", N_("advice")};
    case DoctorVerdict::broken:
      break;
  }
  return {"broken", N_("BROKEN")};
}

}  // namespace

int run_doctor(const CommandContext& context) {
  const Repository& repository = open_repository(context);
  const std::vector<DoctorFinding> findings = examine(repository, context.stop);
  const bool broken = std::any_of(findings.begin(), findings.end(), [](const DoctorFinding& finding) {
    return finding.verdict == DoctorVerdict::broken;
  });
  if (context.console.json()) {
    Json list = Json::array();
    for (const DoctorFinding& each : findings)
      list.push_back({{"rule", each.rule},
                      {"verdict", names_of(each.verdict).json},
                      {"object", json_text(each.object)},
                      {"message", json_text(each.text)}});
    context.console.json_line(Json{{"message_type", "doctor"}, {"kept", !broken}, {"findings", list}}.dump(), true);
  } else {
    TextTable table({{tr("Rule")}, {tr("Verdict")}, {tr("What")}});
    for (const DoctorFinding& each : findings)
      table.add({each.rule, tr(names_of(each.verdict).text),
                 each.object.empty() ? each.text : escape_name(each.object) + ": " + escape_message(each.text)});
    context.console.results(table.lines());
  }
  return broken ? exit_status(ErrorCode::rule_broken) : 0;
}

}  // namespace igudar
