#include "ops/privacy/privacy_report.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "ops/audit_history.h"
#include "ops/processing_record.h"
#include "ops/repository_policy.h"
#include "repo/grants.h"

namespace igudar {

namespace {

// Gathers what is known of one domain. The steps of run() are the parts of the record.
class DomainReport {
 public:
  DomainReport(const Repository& repository, const DomainInfo& domain, PrivacyReport& report, std::stop_token stop)
      : repository_(repository),
        report_(report),
        stop_(std::move(stop)),
        registry_(Registry::load(repository, stop_)),
        result_{.domain = domain, .readable = true} {}

  DomainProcessing run() {
    note_damage(registry_.damaged());
    result_.record = processing_record(registry_);
    result_.consents = consents(registry_);
    result_.sources = personal_sources(registry_);
    look_at_snapshots();
    look_at_retention();
    look_at_holders();
    result_.holds = legal_holds(registry_, report_.made);
    look_at_erasures();
    return std::move(result_);
  }

 private:
  void note_damage(const std::vector<DamagedObject>& damaged) {
    report_.damaged.insert(report_.damaged.end(), damaged.begin(), damaged.end());
  }

  void look_at_snapshots() {
    const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository_, CatalogueSource::cache, stop_);
    note_damage(catalogue.damaged());
    result_.snapshots = catalogue.snapshots().size();
    for (const CataloguedSnapshot& each : catalogue.snapshots()) {
      const TimeNs time = each.snapshot.time;
      result_.oldest = std::min(result_.oldest.value_or(time), time);
      result_.newest = std::max(result_.newest.value_or(time), time);
      if (each.snapshot.description) add_personal_data(*each.snapshot.description, time);
    }
  }

  void add_personal_data(const SnapshotDescription& about, TimeNs time) {
    const std::set<std::string> categories = personal_data_of(repository_, result_.sources, about);
    for (const std::string& category : categories) {
      CategoryUse& use = result_.categories.try_emplace(category, CategoryUse{0, time, time}).first->second;
      ++use.snapshots;
      use.oldest = std::min(use.oldest, time);
      use.newest = std::max(use.newest, time);
    }
    if (!categories.empty())
      for (const std::string& path : about.paths) result_.places.insert(about.host + ":" + path);
  }

  void look_at_retention() {
    result_.max_retention = RepositoryPolicy(registry_).number(kMaxRetentionRule);
    const AuditHistory history = read_audit_history(repository_, {}, stop_);
    note_damage(history.damaged);
    for (const AuditOperation& operation : operations_of(history.events))
      if (operation.event->facts.operation == "forget" && operation.event->genuine && operation.outcome != nullptr &&
          operation.outcome->facts.status == 0U)
        result_.last_forget = AppliedRule{operation.event->facts.time, operation.event->personal.arguments};
  }

  // Who was granted the keys of the domain. The slots of a repository that is older than grants open "main".
  void look_at_holders() {
    const std::vector<Grant> grants = load_grants(repository_.root(), repository_.config(), stop_);
    for (SlotInfo& slot : list_slots(repository_, stop_)) {
      const auto granted = [&](const Grant& grant) { return grant.signer == slot.signer; };
      const auto in_domain = std::find_if(grants.begin(), grants.end(), [&](const Grant& grant) {
        return granted(grant) && grant.domain == result_.domain.id;
      });
      const bool older = result_.domain.id == repository_.config().repository && slot.readable &&
                         std::none_of(grants.begin(), grants.end(), granted);
      if (in_domain == grants.end() && !older) continue;
      const Capability capability = older ? slot.capability : in_domain->capability;
      result_.holders.push_back({std::move(slot), capability});
    }
  }

  void look_at_erasures() {
    for (ErasurePlan& plan : erasure_plans(registry_)) {
      const std::optional<ErasureDone> done = erasure_done(registry_, plan.id);
      ReportedErasure& erasure = result_.erasures.emplace_back(ReportedErasure{.plan = std::move(plan)});
      if (!done) continue;
      erasure.done = done->time;
      erasure.complete = done->complete();
      for (const ErasedCopy& copy : done->copies)
        if (copy.location != report_.location) result_.copies.insert(copy.location);
    }
  }

  const Repository& repository_;
  PrivacyReport& report_;
  const std::stop_token stop_;
  const Registry registry_;
  DomainProcessing result_;
};

}  // namespace

PrivacyReport privacy_report(const Repository& repository, bool of_all_domains, std::stop_token stop) {
  PrivacyReport report{.made = wall_clock_ns(),
                       .storage_time = repository.store().now(stop),
                       .repository = to_hex(repository.config().repository.view()),
                       .location = repository.root().location()};
  bool any = false;
  for (const DomainInfo& domain : list_domains(repository, stop)) {
    const bool opened = domain.id == repository.keys().domain();
    if (domain.name.empty() || (!of_all_domains && !opened)) continue;
    if (domain.capability != Capability::full) {
      report.domains.push_back({.domain = domain});
      continue;
    }
    any = true;
    if (opened) {
      report.domains.push_back(DomainReport(repository, domain, report, stop).run());
    } else {
      const Repository other = repository.open_domain(domain.id, stop);
      report.domains.push_back(DomainReport(other, domain, report, stop).run());
    }
  }
  if (!any) repository.keys().require_reading();
  return report;
}

}  // namespace igudar
