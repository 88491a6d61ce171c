#include "ops/compliance/profiles.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "ops/compliance/judgements.h"
#include "ops/processing_record.h"

namespace igudar {

namespace {

constexpr int kRestoreDays = 180;
constexpr int kReadDays = 90;

using Evidence = ComplianceEvidence;

std::string counted_snapshots(std::uint64_t count) {
  return trf_plural("{} snapshot", "{} snapshots", count, count);
}

Judgement nothing_tagged() {
  return does_not_apply(
      tr("Nothing here is tagged as personal data. If it holds any, say so: igudar consent source add PATH --category "
         "NAME, or backup --personal-data NAME"));
}

Judgement judge_minimisation(const Evidence& evidence) {
  return does_not_apply(
      tr("A person has to judge whether all that is backed up is needed; 'backup --exclude' leaves out "
         "what is not."),
      {counted_snapshots(evidence.snapshots)});
}

Judgement judge_storage_limitation(const Evidence& evidence) {
  return evidence.categories.empty() ? nothing_tagged() : judge_retention(evidence);
}

Judgement judge_lawfulness(const Evidence& evidence) {
  if (evidence.categories.empty()) return nothing_tagged();
  std::vector<std::string> facts;
  bool all = true;
  for (const auto& [category, snapshots] : evidence.categories) {
    const std::vector<const Consent*> valid = valid_consents(evidence.consents, category, evidence.storage_time);
    all = all && !valid.empty();
    std::string grounds;
    for (const Consent* consent : valid)
      grounds += (grounds.empty() ? "" : ", ") + short_hex(consent->id.view()) + " (" +
                 legal_basis_name(consent->body.basis) + ")";
    facts.push_back(grounds.empty()
                        ? trf("{}: {}, covered by NOTHING that is valid now", category, counted_snapshots(snapshots))
                        : trf("{}: {}, covered by {}", category, counted_snapshots(snapshots), grounds));
  }
  if (all)
    return passes(
        tr("A recorded ground covers each category. Whether the ground is a good one, a person has to judge."), facts);
  return fails(
      tr("Personal data are kept without a valid ground: record one with 'igudar consent record', or erase them "
         "with 'igudar erase plan'"),
      facts);
}

Judgement judge_special_categories(const Evidence& evidence) {
  std::vector<std::string> names;
  for (const auto& [category, snapshots] : evidence.categories) names.push_back(category);
  return does_not_apply(
      tr("A person has to judge whether any category is a special one, such as health, and then which "
         "exception of article 9(2) allows it."),
      names);
}

Judgement judge_access(const Evidence& evidence) {
  return does_not_apply(
      tr("A person answers requests; 'igudar restore --include' brings one person's files back, and the "
         "format is open."),
      {last_time_text(evidence, "restore")});
}

Judgement judge_restriction(const Evidence& evidence) {
  if (evidence.holds.empty()) return does_not_apply(tr("No legal hold is set."));
  std::vector<std::string> facts;
  for (const LegalHold& hold : evidence.holds) facts.push_back(hold.shown());
  return passes(tr("What a legal hold covers is neither forgotten nor erased."), facts);
}

// A ground that is valid says what the data are kept for.
bool says_purpose(const Evidence& evidence) {
  return std::any_of(evidence.consents.begin(), evidence.consents.end(), [&](const Consent& consent) {
    return consent.details && state_of(consent, evidence.storage_time) == ConsentState::valid;
  });
}

Judgement judge_record(const Evidence& evidence) {
  std::vector<std::string> missing;
  for (const ProcessingField& field : processing_fields())
    if (field.required && !evidence.record.contains(field.name) &&
        !(field.name == std::string_view("purpose") && says_purpose(evidence)))
      missing.push_back(trf("missing: {}", field.name));
  if (missing.empty())
    return passes(
        tr("What article 30(1) asks for is recorded; 'igudar privacy report' writes it. Whether it is true and "
           "complete, a person has to judge."));
  return fails(tr("The record of processing lacks something: igudar privacy set NAME=TEXT"), missing);
}

Judgement judge_restore_ability(const Evidence& evidence) {
  const std::vector<std::string> facts{last_time_text(evidence, "restore"),
                                       last_time_text(evidence, "key recovery test")};
  if (happened_within(evidence, last_time(evidence, "restore"), kRestoreDays))
    return passes(tr("A restore succeeded within the last 180 days."), facts);
  return fails(tr("No restore was tried within the last 180 days: igudar restore latest --target FOLDER"), facts);
}

Judgement judge_testing(const Evidence& evidence) {
  const std::vector<std::string> facts{
      last_time_text(evidence, "check"),
      trf("stored content last read: {}",
          evidence.data_read ? format_local_time(*evidence.data_read) : std::string(tr("never")))};
  if (happened_within(evidence, evidence.data_read, kReadDays))
    return passes(tr("Stored content was read and verified within the last 90 days."), facts);
  return fails(
      tr("Stored content was not read and verified within the last 90 days: igudar check --read-data-subset 5%"),
      facts);
}

Judgement judge_impact_assessment(const Evidence&) {
  return does_not_apply(tr("A person has to judge whether the processing needs an impact assessment."));
}

Judgement judge_transfers(const Evidence& evidence) {
  std::vector<std::string> facts{trf("repository: {}", evidence.location)};
  if (const auto text = evidence.record.find("transfers"); text != evidence.record.end()) facts.push_back(text->second);
  return does_not_apply(tr("A person has to judge in which countries the storage and its copies are."), facts);
}

constexpr Control kControls[] = {
    {"5(1)(c)", N_("Data minimisation"), judge_minimisation},
    {"5(1)(e)", N_("Storage limitation"), judge_storage_limitation},
    {"5(2)", N_("Accountability: what was done is recorded"), judge_audit_log},
    {"6, 7", N_("Lawfulness and consent"), judge_lawfulness},
    {"9", N_("Special categories"), judge_special_categories},
    {"15, 20", N_("Access and portability"), judge_access},
    {"17", N_("Erasure"), judge_erasures},
    {"18", N_("Restriction of processing"), judge_restriction},
    {"25", N_("Data protection by design and by default"), judge_least_privilege},
    {"30", N_("Records of processing"), judge_record},
    {"32(1)(a)", N_("Encryption"), judge_encryption},
    {"32(1)(b)", N_("Integrity"), judge_integrity},
    {"32(1)(c)", N_("Ability to restore"), judge_restore_ability},
    {"32(1)(d)", N_("Regular testing"), judge_testing},
    {"33", N_("Breaches are noticed"), judge_detection},
    {"35", N_("Impact assessment"), judge_impact_assessment},
    {"44", N_("Transfers to third countries"), judge_transfers},
};

}  // namespace

std::span<const Control> gdpr_controls() {
  return kControls;
}

}  // namespace igudar
