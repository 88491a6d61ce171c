#pragma once

#include "ops/compliance/control.h"

namespace igudar {

// Judgements that controls of several profiles share. Pure functions.

Judgement passes(std::string why, std::vector<std::string> evidence = {});
Judgement fails(std::string why, std::vector<std::string> evidence = {});
Judgement does_not_apply(std::string why, std::vector<std::string> evidence = {});

// Snapshots go after the time that the rule max-retention says.
Judgement judge_retention(const ComplianceEvidence& evidence);
// All is encrypted, and no rule about it is broken.
Judgement judge_encryption(const ComplianceEvidence& evidence);
// Keys are replaced after the time that the rule max-key-age says.
Judgement judge_key_age(const ComplianceEvidence& evidence);
// Not every key may do everything.
Judgement judge_least_privilege(const ComplianceEvidence& evidence);
// The audit log verifies.
Judgement judge_audit_log(const ComplianceEvidence& evidence);
// What is stored is sound and signed by those who may.
Judgement judge_integrity(const ComplianceEvidence& evidence);
// Somebody is told when openings fail.
Judgement judge_detection(const ComplianceEvidence& evidence);
// What was to be erased is erased, in time.
Judgement judge_erasures(const ComplianceEvidence& evidence);

// "restore: 2026-11-21 08:12:44", or that there was none.
std::string last_time_text(const ComplianceEvidence& evidence, const std::string& operation);
bool happened_within(const ComplianceEvidence& evidence, const std::optional<TimeNs>& time, int days);
std::optional<TimeNs> last_time(const ComplianceEvidence& evidence, const std::string& operation);

}  // namespace igudar
