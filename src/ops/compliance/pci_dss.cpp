#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "ops/compliance/judgements.h"
#include "ops/compliance/profiles.h"
#include "ops/repository_policy.h"

namespace igudar {

namespace {

using Evidence = ComplianceEvidence;

constexpr int kYear = 365;
constexpr int kReviewDays = 1;   // 10.4.1
constexpr int kCompareDays = 7;  // 11.5.2: at least once weekly

// What makes guessing a password from a stolen copy of the repository dear (OWASP's advice of 2023).
constexpr std::uint32_t kLeastArgonKib = 19 * 1024;
constexpr std::uint32_t kLeastScryptKib = 128 * 1024;
constexpr std::uint32_t kLeastRounds = 600'000;

bool is_dear(const PasswordKdfParams& kdf) {
  switch (kdf.kdf) {
    case PasswordKdf::argon2id:
      return kdf.memory_kib >= kLeastArgonKib && kdf.passes >= 2;
    case PasswordKdf::scrypt:
      return kdf.memory_kib >= kLeastScryptKib;
    case PasswordKdf::pbkdf2_sha256:
      return kdf.passes >= kLeastRounds;
  }
  return false;
}

Judgement judge_authentication(const Evidence& evidence) {
  std::vector<std::string> facts;
  std::vector<std::string> cheap;
  for (const PasswordCost& password : evidence.passwords) {
    const PasswordKdfParams& kdf = password.kdf;
    const std::string cost =
        kdf.kdf == PasswordKdf::pbkdf2_sha256
            ? trf("keys/{}: {}, {} rounds", password.slot.substr(0, 8), password_kdf_name(kdf.kdf), kdf.passes)
            : trf("keys/{}: {}, {} MiB", password.slot.substr(0, 8), password_kdf_name(kdf.kdf), kdf.memory_kib / 1024);
    (is_dear(kdf) ? facts : cheap).push_back(cost);
  }
  if (!cheap.empty())
    return fails(tr("Passwords are cheap to guess from a copy of the repository: igudar key passwd"), cheap);
  return passes(
      tr("Passwords are never stored; keys are derived from them at a cost, and other keys have nothing to guess."),
      facts);
}

Judgement judge_attempts(const Evidence& evidence) {
  return does_not_apply(
      tr("Who holds a copy of the repository guesses where nothing counts: the cost of each guess and the "
         "length of passwords protect it. Failures on a machine are counted and logged."),
      {trf("failed openings in the last 90 days: {}", evidence.failed_openings)});
}

Judgement judge_password_length(const Evidence&) {
  return does_not_apply(tr("No length of a password is kept anywhere: a person has to see to it."));
}

Judgement judge_split_knowledge(const Evidence& evidence) {
  std::vector<std::string> facts;
  for (const SlotInfo& slot : evidence.slots)
    if (slot.is_recovery_key) facts.push_back(trf("keys/{}: {}", slot.id.substr(0, 8), slot.recipient));
  const auto rule = evidence.rules.find(kEraseConfirmationRule);
  facts.push_back(rule != evidence.rules.end() && rule->second == "yes" ? tr("an erasure needs a second key holder")
                                                                        : tr("an erasure needs one key holder"));
  return does_not_apply(
      tr("Keys are in clear only on the paper of a recovery key. The repository does not say into how many "
         "shares one was divided: a person has to see that it takes several people ('key recovery create "
         "--shares 5 --threshold 3')."),
      facts);
}

Judgement judge_retirement(const Evidence& evidence) {
  std::vector<std::string> facts;
  for (const DomainInfo& domain : evidence.domains)
    facts.push_back(trf("{}: keys of {} (epoch {})", domain.name, format_local_time(domain.rotated), domain.epoch));
  facts.push_back(last_time_text(evidence, "key revoke"));
  facts.push_back(last_time_text(evidence, "key rotate"));
  return does_not_apply(tr("Whether a key leaked or its holder left, a person has to say; then: igudar key revoke ID"),
                        facts);
}

Judgement judge_media(const Evidence& evidence) {
  return does_not_apply(
      tr("A person has to see where the storage is and who gets near it. What is stored there is encrypted."),
      {trf("repository: {}", evidence.location)});
}

Judgement judge_log_review(const Evidence& evidence) {
  const std::vector<std::string> operations{"audit show", "audit verify", "audit export"};
  std::vector<std::string> facts;
  bool recent = false;
  for (const std::string& operation : operations) {
    facts.push_back(last_time_text(evidence, operation));
    recent = recent || happened_within(evidence, last_time(evidence, operation), kReviewDays);
  }
  if (recent) return passes(tr("The log was looked at within the last day."), facts);
  return fails(
      tr("Nobody looked at the log within the last day: igudar audit show, or audit export to what reviews it"), facts);
}

Judgement judge_log_copies(const Evidence& evidence) {
  return does_not_apply(
      tr("The log is in the repository and on each machine that wrote it. Whether another system has it too "
         "('audit export --format syslog'), a person has to see."),
      {last_time_text(evidence, "audit export")});
}

Judgement judge_log_retention(const Evidence& evidence) {
  if (!evidence.first_entry) return fails(tr("The audit log has no entry."));
  const std::vector<std::string> facts{
      trf("first entry: {}", format_local_time(*evidence.first_entry)),
      trf_plural("{} entry", "{} entries", evidence.audit.entries, evidence.audit.entries)};
  if (!evidence.audit.findings.empty()) return fails(tr("The audit log is not sound: igudar audit verify"), facts);
  if (evidence.now - *evidence.first_entry >= kYear * kNsPerDay)
    return passes(tr("The log reaches back more than 12 months, and none of it is missing."), facts);
  return passes(tr("The log is younger than 12 months. None of it is missing: no command removes entries."), facts);
}

Judgement judge_change_detection(const Evidence& evidence) {
  Judgement sound = judge_integrity(evidence);
  sound.evidence.push_back(last_time_text(evidence, "check"));
  if (sound.verdict == ControlVerdict::fail || happened_within(evidence, last_time(evidence, "check"), kCompareDays))
    return sound;
  return fails(tr("The repository was not checked within the last week: igudar check --signatures"), sound.evidence);
}

Judgement judge_incident_plan(const Evidence&) {
  return does_not_apply(tr("A person has to write the plan; docs/threat-model.md and 'key revoke' are parts of it."));
}

constexpr Control kControls[] = {
    {"3.2.1", N_("Stored data are kept to a minimum: retention"), judge_retention},
    {"3.5.1", N_("Stored account data are unreadable"), judge_encryption},
    {"3.6.1", N_("Keys are protected against disclosure"), judge_authentication},
    {"3.7.4", N_("Keys are changed at the end of their period"), judge_key_age},
    {"3.7.5", N_("Keys that leaked are retired"), judge_retirement},
    {"3.7.6", N_("Split knowledge and dual control of clear keys"), judge_split_knowledge},
    {"7.2.2", N_("Least privilege"), judge_least_privilege},
    {"8.3.2", N_("Strong cryptography for passwords"), judge_authentication},
    {"8.3.4", N_("Attempts are limited"), judge_attempts},
    {"8.3.6", N_("Length of passwords"), judge_password_length},
    {"9.4.1", N_("Media with backups are kept in a secure place"), judge_media},
    {"9.4.7", N_("Data that are not needed are destroyed"), judge_erasures},
    {"10.2.1", N_("Audit logs are active"), judge_audit_log},
    {"10.3.3", N_("Audit logs are backed up elsewhere"), judge_log_copies},
    {"10.3.4", N_("Changes to audit logs are noticed"), judge_audit_log},
    {"10.4.1", N_("Audit logs are reviewed daily"), judge_log_review},
    {"10.5.1", N_("Audit logs are kept for 12 months"), judge_log_retention},
    {"10.7.2", N_("Failures of security controls are noticed"), judge_detection},
    {"11.5.2", N_("Changes to files are noticed"), judge_change_detection},
    {"12.10.1", N_("Incident response plan"), judge_incident_plan},
};

}  // namespace

std::span<const Control> pci_dss_controls() {
  return kControls;
}

}  // namespace igudar
