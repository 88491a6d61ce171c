#include "ops/compliance/evidence.h"

#include <algorithm>
#include <set>

#include "base/hex.h"
#include "ops/audit_history.h"
#include "ops/erasure_records.h"
#include "ops/personal_sources.h"
#include "ops/processing_record.h"
#include "ops/repository_policy.h"
#include "repo/time_stamps.h"

namespace igudar {

namespace {

constexpr TimeNs kLookBack = 90 * kNsPerDay;

void add_keys(const Repository& repository, ComplianceEvidence& evidence, const std::stop_token& stop) {
  for (const DomainInfo& domain : list_domains(repository, stop))
    if (!domain.name.empty()) evidence.domains.push_back(domain);
  for (SlotInfo& slot : list_slots(repository, stop)) {
    if (slot.kdf) evidence.passwords.push_back({slot.id, *slot.kdf});
    if (slot.readable) evidence.slots.push_back(std::move(slot));
  }
}

void add_registry(const Registry& registry, ComplianceEvidence& evidence) {
  evidence.rules = RepositoryPolicy(registry).values();
  evidence.record = processing_record(registry);
  evidence.consents = consents(registry);
  evidence.holds = legal_holds(registry, evidence.now);
  for (const ErasurePlan& plan : erasure_plans(registry)) {
    ErasureFact& fact = evidence.erasures.emplace_back(ErasureFact{short_hex(plan.id.view()), plan.time, {}, false});
    if (const std::optional<ErasureDone> done = erasure_done(registry, plan.id)) {
      fact.done = done->time;
      fact.complete = done->complete();
    }
  }
}

void add_snapshots(const Repository& repository, const Registry& registry, ComplianceEvidence& evidence,
                   const std::stop_token& stop) {
  const std::vector<PersonalSource> sources = personal_sources(registry);
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::cache, stop);
  evidence.snapshots = catalogue.snapshots().size();
  for (const CataloguedSnapshot& each : catalogue.snapshots()) {
    evidence.oldest = std::min(evidence.oldest.value_or(each.snapshot.time), each.snapshot.time);
    if (each.snapshot.description)
      for (const std::string& category : personal_data_of(repository, sources, *each.snapshot.description))
        ++evidence.categories[category];
  }
  // What is tagged and not backed up yet is to be covered all the same.
  for (const PersonalSource& source : sources)
    for (const std::string& category : source.body.categories) evidence.categories.try_emplace(category, 0);
  std::set<SnapshotId> stamped;
  for (const StoredTimeStamp& stamp : load_time_stamps(repository, stop).stamps)
    if (catalogue.get(stamp.snapshot) != nullptr) stamped.insert(stamp.snapshot);
  evidence.stamped = stamped.size();
}

bool was_trial(const AuditEvent& event) {
  const std::vector<std::string>& words = event.personal.arguments;
  return std::find(words.begin(), words.end(), "--dry-run") != words.end();
}

std::uint64_t count_of(const AuditFacts& facts, const std::string& name) {
  const auto found = facts.counts.find(name);
  return found == facts.counts.end() ? 0 : found->second;
}

void add_history(const Repository& repository, ComplianceEvidence& evidence, const std::stop_token& stop) {
  const AuditHistory history = read_audit_history(repository, {}, stop);
  for (const AuditOperation& each : operations_of(history.events)) {
    const AuditFacts& facts = each.event->facts;
    if (!each.event->genuine || !each.event->readable) continue;
    evidence.first_entry = std::min(evidence.first_entry.value_or(facts.time), facts.time);
    if (facts.type == AuditType::failed_openings && evidence.now - facts.time < kLookBack)
      evidence.failed_openings += count_of(facts, "failures");
    if (each.outcome == nullptr || each.outcome->facts.status != 0U || was_trial(*each.event)) continue;
    evidence.last[facts.operation] = facts.time;
    if (facts.operation == "check" && count_of(each.outcome->facts, "packs_read") > 0) evidence.data_read = facts.time;
  }
}

}  // namespace

ComplianceEvidence gather_evidence(const Repository& repository, const ComplianceSteps& steps, std::stop_token stop) {
  repository.keys().require_reading();
  const Registry registry = Registry::load(repository, stop);
  ComplianceEvidence evidence{.now = wall_clock_ns(),
                              .storage_time = repository.store().now(stop),
                              .domain = repository.keys().domain_name(),
                              .location = repository.root().location()};
  evidence.alerts = steps.alerts;
  add_keys(repository, evidence, stop);
  add_registry(registry, evidence);
  add_snapshots(repository, registry, evidence, stop);
  add_history(repository, evidence, stop);
  evidence.broken_rules = steps.broken_rules();
  evidence.audit = steps.verify_audit();
  evidence.integrity = steps.check();
  return evidence;
}

}  // namespace igudar
