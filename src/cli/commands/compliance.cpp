#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "cli/command_audit.h"
#include "cli/commands/command.h"
#include "cli/monitors.h"
#include "cli/report_document.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"
#include "ops/audit/verify_audit.h"
#include "ops/check/check.h"
#include "ops/compliance/control.h"
#include "ops/doctor/doctor.h"

namespace igudar {

namespace {

struct JudgedControl {
  const Control* control;
  Judgement judgement;
};

struct VerdictNames {
  const char* json;
  const char* text;
};

VerdictNames names_of(ControlVerdict verdict) {
  switch (verdict) {
    case ControlVerdict::pass:
      return {"pass", N_("pass")};
    case ControlVerdict::fail:
      return {"fail", N_("FAIL")};
    case ControlVerdict::not_applicable:
      break;
  }
  return {"not_applicable", N_("not applicable")};
}

std::vector<std::string> texts_of(const std::vector<Finding>& findings) {
  std::vector<std::string> texts;
  for (const Finding& finding : findings) texts.push_back(finding.object + ": " + finding.text);
  return texts;
}

IntegrityState integrity_of(Repository& repository, RunMonitor& monitor, const std::stop_token& stop) {
  CheckOptions options;
  options.signatures = true;
  const CheckSummary summary = check(repository, options, monitor, stop);
  IntegrityState state{
      .packs = summary.packs, .damage = texts_of(summary.damage), .signatures = summary.signatures.size()};
  for (const SnapshotSignature& each : summary.signatures)
    if (each.verdict != SignatureVerdict::valid && each.verdict != SignatureVerdict::unknown) ++state.bad_signatures;
  return state;
}

ComplianceSteps steps_of(const CommandContext& context, Repository& repository, RunMonitor& monitor) {
  ComplianceSteps steps;
  steps.alerts = context.arguments.value("alert-command").has_value();
  steps.broken_rules = [&] {
    std::vector<BrokenRule> broken;
    for (const DoctorFinding& finding : examine(repository, context.stop))
      if (finding.verdict == DoctorVerdict::broken) broken.push_back({finding.rule, finding.object, finding.text});
    return broken;
  };
  steps.verify_audit = [&] {
    const AuditVerification verified = verify_audit(repository, monitor, context.stop);
    AuditState state{.logs = verified.logs, .entries = verified.entries, .findings = {}};
    for (const AuditFinding& finding : verified.findings)
      state.findings.push_back(finding.object + ": " + finding.text);
    return state;
  };
  steps.check = [&] { return integrity_of(repository, monitor, context.stop); };
  return steps;
}

std::uint64_t count(const std::vector<JudgedControl>& judged, ControlVerdict verdict) {
  return static_cast<std::uint64_t>(std::count_if(
      judged.begin(), judged.end(), [&](const JudgedControl& each) { return each.judgement.verdict == verdict; }));
}

Report document_of(const ComplianceProfile& profile, const ComplianceEvidence& evidence,
                   const std::vector<JudgedControl>& judged) {
  Report report{.title = trf("Compliance: {}", profile.title), .introduction = {}, .sections = {}};
  report.introduction = {
      trf("Repository {}, domain {}, as of {}", evidence.location, evidence.domain, format_local_time(evidence.now)),
      trf("Controls that pass: {}, that fail: {}, that do not apply: {}", count(judged, ControlVerdict::pass),
          count(judged, ControlVerdict::fail), count(judged, ControlVerdict::not_applicable)),
      tr("This is what the repository shows of itself. It is no certificate, and no advice of a lawyer.")};
  for (const JudgedControl& each : judged) {
    ReportRow why{"", tr(names_of(each.judgement.verdict).text), {each.judgement.why}};
    ReportSection section{std::string(each.control->id) + "  " + tr(each.control->title), {std::move(why)}};
    if (!each.judgement.evidence.empty()) section.rows.push_back({"", tr("Evidence"), each.judgement.evidence});
    report.sections.push_back(std::move(section));
  }
  return report;
}

Json json_of(const ComplianceProfile& profile, const ComplianceEvidence& evidence,
             const std::vector<JudgedControl>& judged) {
  Json controls = Json::array();
  for (const JudgedControl& each : judged)
    controls.push_back({{"id", each.control->id},
                        {"title", tr(each.control->title)},
                        {"verdict", names_of(each.judgement.verdict).json},
                        {"why", json_text(each.judgement.why)},
                        {"evidence", json_texts(each.judgement.evidence)}});
  return {{"message_type", "compliance"},
          {"profile", profile.name},
          {"time", json_time(evidence.now)},
          {"location", json_text(evidence.location)},
          {"domain", json_text(evidence.domain)},
          {"passed", count(judged, ControlVerdict::pass)},
          {"failed", count(judged, ControlVerdict::fail)},
          {"not_applicable", count(judged, ControlVerdict::not_applicable)},
          {"controls", controls}};
}

}  // namespace

int run_compliance(const CommandContext& context) {
  const std::string& action = context.arguments.positional()[0];
  if (action != "check")
    throw Error(ErrorCode::usage,
                trf("'{}' is nothing that can be done here, or something after it is missing", action),
                trf("It can be one of: {}", "check"));
  const std::optional<std::string> name = context.arguments.value("profile");
  if (!name)
    throw Error(ErrorCode::usage, tr("it is not said whose controls"),
                trf("It can be one of: {}", "--profile gdpr, --profile pci-dss"));
  const ComplianceProfile& profile = *find_profile(*name);
  const ReportTarget target = report_target(context.arguments);
  Repository& repository = open_repository(context);
  const std::unique_ptr<CommandMonitor> monitor =
      make_monitor(context.console, {.draw_progress = !context.arguments.has("no-progress")}, context.stop);
  const ComplianceEvidence evidence =
      gather_evidence(repository, steps_of(context, repository, *monitor), context.stop);
  monitor->finish();
  std::vector<JudgedControl> judged;
  for (const Control& control : profile.controls) judged.push_back({&control, control.judge(evidence)});
  const std::uint64_t failed = count(judged, ControlVerdict::fail);
  context.audit.count("failed", failed);
  put_report(context, target, {document_of(profile, evidence, judged), json_of(profile, evidence, judged)});
  return failed > 0 ? exit_status(ErrorCode::rule_broken) : 0;
}

}  // namespace igudar
