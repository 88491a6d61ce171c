#include "ops/compliance/judgements.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "ops/repository_policy.h"

namespace igudar {

namespace {

constexpr int kErasureDays = 30;  // GDPR article 12(3): one month
constexpr std::size_t kMostShown = 5;

// Adds the first few of a list; whether there are any.
bool add_some(std::vector<std::string>& facts, const std::vector<std::string>& all) {
  const std::size_t shown = std::min(all.size(), kMostShown);
  facts.insert(facts.end(), all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown));
  if (all.size() > shown)
    facts.push_back(trf_plural("and {} more", "and {} more", all.size() - shown, all.size() - shown));
  return !all.empty();
}

std::vector<std::string> breaches_of(const ComplianceEvidence& evidence, const char* rule) {
  std::vector<std::string> found;
  for (const BrokenRule& each : evidence.broken_rules)
    if (each.rule == rule) found.push_back(each.object.empty() ? each.text : each.object + ": " + each.text);
  return found;
}

std::string rule_text(const ComplianceEvidence& evidence, const char* rule) {
  return trf("rule: {}", std::string(rule) + "=" + evidence.rules.at(rule));
}

// A rule of the policy that has to be set, and kept.
Judgement judge_rule(const ComplianceEvidence& evidence, const char* rule, const char* unset, const char* broken,
                     const char* kept, std::vector<std::string> facts) {
  if (!evidence.rules.contains(rule)) return fails(tr(unset), std::move(facts));
  facts.insert(facts.begin(), rule_text(evidence, rule));
  if (add_some(facts, breaches_of(evidence, rule))) return fails(tr(broken), std::move(facts));
  return passes(tr(kept), std::move(facts));
}

}  // namespace

Judgement passes(std::string why, std::vector<std::string> evidence) {
  return {ControlVerdict::pass, std::move(why), std::move(evidence)};
}

Judgement fails(std::string why, std::vector<std::string> evidence) {
  return {ControlVerdict::fail, std::move(why), std::move(evidence)};
}

Judgement does_not_apply(std::string why, std::vector<std::string> evidence) {
  return {ControlVerdict::not_applicable, std::move(why), std::move(evidence)};
}

Judgement judge_retention(const ComplianceEvidence& evidence) {
  if (evidence.snapshots == 0) return does_not_apply(tr("There is no snapshot yet."));
  return judge_rule(
      evidence, kMaxRetentionRule,
      N_("No rule says after how long a snapshot is to be gone: igudar policy set max-retention=DAYS"),
      N_("Snapshots are older than the rule allows, and no legal hold covers them: igudar forget --prune"),
      N_("No snapshot is older than the rule allows, but for those that a legal hold covers."),
      {trf("oldest snapshot: {}", format_local_time(*evidence.oldest)), last_time_text(evidence, "forget"),
       last_time_text(evidence, "prune")});
}

Judgement judge_encryption(const ComplianceEvidence& evidence) {
  std::vector<std::string> facts;
  for (const DomainInfo& domain : evidence.domains)
    facts.push_back(
        trf("{}: {}, keys of {}", domain.name, cipher_suite_name(domain.suite), format_local_time(domain.rotated)));
  if (add_some(facts, breaches_of(evidence, kMaxKeyAgeRule)))
    return fails(tr("All is encrypted, but keys are older than the rule 'max-key-age' allows."), facts);
  return passes(tr("Contents, names and metadata are encrypted before they leave the machine; there is no other mode."),
                facts);
}

Judgement judge_key_age(const ComplianceEvidence& evidence) {
  std::vector<std::string> facts;
  for (const DomainInfo& domain : evidence.domains)
    facts.push_back(trf("{}: keys of {} (epoch {})", domain.name, format_local_time(domain.rotated), domain.epoch));
  return judge_rule(evidence, kMaxKeyAgeRule,
                    N_("No rule says when keys are to be replaced: igudar policy set max-key-age=DAYS"),
                    N_("Keys are older than the rule allows: igudar key rotate, igudar key passwd"),
                    N_("No key is older than the rule allows."), std::move(facts));
}

Judgement judge_least_privilege(const ComplianceEvidence& evidence) {
  std::map<Capability, std::uint64_t> counts;
  for (const SlotInfo& slot : evidence.slots) ++counts[slot.capability];
  std::vector<std::string> facts;
  for (const auto& [capability, count] : counts)
    facts.push_back(trf_plural("{}: {} key", "{}: {} keys", count, capability_name(capability), count));
  if (counts.size() > (counts.contains(Capability::full) ? 1U : 0U))
    return passes(tr("There are keys that may do less than everything. Whether each holder needs what theirs may do, a "
                     "person has to judge."),
                  facts);
  return fails(tr("Every key may read, change and erase everything: give machines 'igudar key add --capability write'"),
               facts);
}

Judgement judge_audit_log(const ComplianceEvidence& evidence) {
  std::vector<std::string> facts{trf("verified now: entries {}, logs {}", evidence.audit.entries, evidence.audit.logs)};
  if (add_some(facts, evidence.audit.findings))
    return fails(tr("The audit log is not sound: igudar audit verify"), facts);
  if (evidence.audit.entries == 0) return fails(tr("The audit log has no entry."), facts);
  return passes(tr("Every operation is logged; the entries are signed and chained, and none is missing or changed."),
                facts);
}

Judgement judge_integrity(const ComplianceEvidence& evidence) {
  const IntegrityState& state = evidence.integrity;
  std::vector<std::string> facts{
      trf("verified now: snapshots {}, packs {}, signatures {}", evidence.snapshots, state.packs, state.signatures)};
  if (add_some(facts, state.damage)) return fails(tr("The repository is damaged: igudar check"), facts);
  if (state.bad_signatures > 0) {
    facts.push_back(trf("forged, replayed or rolled back: {}", state.bad_signatures));
    return fails(tr("Snapshots are not validly signed: igudar check --signatures"), facts);
  }
  return passes(tr("What every snapshot needs is there, and each is signed by a key that had the right to it."), facts);
}

Judgement judge_detection(const ComplianceEvidence& evidence) {
  std::vector<std::string> facts{trf("failed openings in the last 90 days: {}", evidence.failed_openings),
                                 last_time_text(evidence, "audit verify")};
  if (evidence.alerts)
    return passes(tr("A command is run on this machine when openings fail. Whether somebody acts on it within the time "
                     "allowed, a person has to judge."),
                  facts);
  return fails(tr("Nobody is told when openings fail: set --alert-command or IGUDAR_ALERT_COMMAND on this machine"),
               facts);
}

Judgement judge_erasures(const ComplianceEvidence& evidence) {
  if (evidence.erasures.empty()) return does_not_apply(tr("No erasure was asked for."));
  std::vector<std::string> late;
  std::uint64_t complete = 0;
  for (const ErasureFact& each : evidence.erasures) {
    if (each.complete)
      ++complete;
    else if (each.done)
      late.push_back(trf("{}: carried out on {}, and not complete", each.plan, format_local_time(*each.done)));
    else if (evidence.now - each.planned > kErasureDays * kNsPerDay)
      late.push_back(trf("{}: planned on {}, and not carried out", each.plan, format_local_time(each.planned)));
  }
  std::vector<std::string> facts{trf("planned: {}, complete: {}", evidence.erasures.size(), complete)};
  if (add_some(facts, late)) return fails(tr("Erasures are not complete after a month: igudar erase run PLAN"), facts);
  return passes(tr("What was to be erased is erased and tested, or planned less than a month ago."), facts);
}

std::optional<TimeNs> last_time(const ComplianceEvidence& evidence, const std::string& operation) {
  const auto found = evidence.last.find(operation);
  return found == evidence.last.end() ? std::nullopt : std::optional(found->second);
}

std::string last_time_text(const ComplianceEvidence& evidence, const std::string& operation) {
  const std::optional<TimeNs> time = last_time(evidence, operation);
  return trf("last '{}': {}", operation, time ? format_local_time(*time) : std::string(tr("never")));
}

bool happened_within(const ComplianceEvidence& evidence, const std::optional<TimeNs>& time, int days) {
  return time && evidence.now - *time <= days * kNsPerDay;
}

}  // namespace igudar
