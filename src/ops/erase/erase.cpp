#include "ops/erase/erase.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "ops/erase/copy_erasure.h"
#include "ops/erase/domain_erasure.h"
#include "ops/erase/erasure_holds.h"
#include "ops/matching_entries.h"
#include "ops/repository_policy.h"
#include "repo/gc_state.h"

namespace igudar {

namespace {

ErasureTarget target_of(const ErasureRequest& request, const SnapshotCatalogue& catalogue) {
  if (request.snapshots.empty() == request.patterns.empty())
    throw Error(ErrorCode::usage, tr("an erasure is either of snapshots or of paths"),
                tr("Give --snapshot or --path."));
  ErasureTarget target{request.patterns, {}};
  (void)PathPatterns(request.patterns);  // that they can be used
  for (const std::string& id : request.snapshots) target.snapshots.insert(catalogue.find(id).id);
  return target;
}

ErasurePreview preview(const Repository& repository, const SnapshotCatalogue& catalogue, const Registry& registry,
                       const ErasureTarget& target, RunMonitor& monitor, const std::stop_token& stop) {
  const std::unique_ptr<BlobIndex> index =
      BlobIndex::load(repository, read_gc_state(repository, stop).condemned, {}, stop);
  const ErasedContent content = find_erased(repository, *index, catalogue, target, monitor, stop);
  ErasurePreview result{.chunks_erased = content.chunks.size(), .chunks_shared = content.chunks_shared};
  const PathPatterns patterns(target.patterns);
  ChunkReader pages(repository, *index);
  MatchingEntries matching(pages, [&](std::string_view path, bool folder) { return patterns.matches(path, folder); });
  for (const CataloguedSnapshot& each : catalogue.snapshots()) {
    const SnapshotStatistics& all = each.snapshot.statistics;
    MatchCount count{all.entries, all.files, all.bytes};
    if (target.is_of_paths())
      count = matching.count(each.snapshot, stop);
    else if (!target.snapshots.contains(each.id))
      continue;
    if (count.entries == 0) continue;
    result.snapshots.push_back({to_hex(each.id.view()), each.snapshot.time, count.entries, count.bytes});
    result.entries += count.entries;
    result.files += count.files;
    result.bytes += count.bytes;
  }
  result.holds = holds_against(repository, catalogue, legal_holds(registry, wall_clock_ns()), target, stop);
  return result;
}

std::vector<std::string> holds_against(const Repository& repository, const ErasurePlan& plan,
                                       const std::stop_token& stop) {
  if (plan.domain) return preview_of(repository, *plan.domain, stop).holds;
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::cache, stop);
  const Registry registry = Registry::load(repository, stop);
  for (const DamagedObject& damaged : registry.damaged()) throw Error(damaged.error);
  return holds_against(repository, catalogue, legal_holds(registry, wall_clock_ns()), target_of(plan), stop);
}

void require_no_hold(const Repository& repository, const ErasurePlan& plan, const std::stop_token& stop) {
  const std::vector<std::string> holds = holds_against(repository, plan, stop);
  if (!holds.empty())
    throw Error(ErrorCode::held, trf("the legal hold {} covers what is to be erased", holds.front()),
                tr("'igudar hold list' shows it, 'igudar hold release' ends it."));
}

void require_confirmation(const Registry& registry, const ErasurePlan& plan) {
  if (!RepositoryPolicy(registry).is_yes(kEraseConfirmationRule)) return;
  const std::vector<ErasureConfirmation> given = erasure_confirmations(registry, plan.id);
  if (std::any_of(given.begin(), given.end(), [&](const auto& each) { return each.signer != plan.signer; })) return;
  throw Error(ErrorCode::permission, tr("the policy asks for the confirmation of a second key holder"),
              trf("Another key holder runs: igudar erase confirm {}", short_hex(plan.id.view())));
}

// What earlier runs of the plan did counts with this one's: copies that are not named any more stay on record.
void add_earlier(const std::optional<ErasureDone>& before, ErasureDone& done) {
  if (!before) return;
  for (const ErasedCopy& earlier : before->copies) {
    const auto again = std::find_if(done.copies.begin(), done.copies.end(),
                                    [&](const ErasedCopy& copy) { return copy.location == earlier.location; });
    if (again == done.copies.end()) {
      done.copies.push_back(earlier);
      continue;
    }
    again->snapshots_rewritten += earlier.snapshots_rewritten;
    again->snapshots_erased += earlier.snapshots_erased;
    again->entries += earlier.entries;
    again->bytes += earlier.bytes;
    again->chunks_erased = std::max(again->chunks_erased, earlier.chunks_erased);
    again->chunks_shared = std::max(again->chunks_shared, earlier.chunks_shared);
  }
}

// Of a domain; nothing else is looked at.
RecordedPlan plan_domain_erasure(Repository& repository, const ErasureRequest& request, const std::stop_token& stop) {
  if (!request.snapshots.empty() || !request.patterns.empty())
    throw Error(ErrorCode::usage, tr("a domain is erased whole"), tr("Leave --snapshot and --path out."));
  RecordedPlan recorded;
  recorded.plan.domain = find_domain(repository, *request.domain, stop);
  recorded.preview = preview_of(repository, *recorded.plan.domain, stop);
  return recorded;
}

RecordedPlan plan_content_erasure(Repository& repository, const ErasureRequest& request, RunMonitor& monitor,
                                  const std::stop_token& stop) {
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::cache, stop);
  const ErasureTarget target = target_of(request, catalogue);
  const Registry registry = Registry::load(repository, stop);
  RecordedPlan recorded;
  recorded.preview = preview(repository, catalogue, registry, target, monitor, stop);
  if (recorded.preview.snapshots.empty() && recorded.preview.chunks_erased == 0)
    throw Error(ErrorCode::not_found, tr("nothing in the snapshots matches: there is nothing to erase"),
                tr("Patterns are those of --exclude; see 'igudar help patterns'."));
  recorded.plan.snapshots = {target.snapshots.begin(), target.snapshots.end()};
  recorded.plan.patterns = target.patterns;
  return recorded;
}

ErasedCopy erase_planned(Repository& repository, const ErasurePlan& plan, const EraseSteps& steps, RunMonitor& monitor,
                         const std::stop_token& stop) {
  return plan.domain ? erase_domain_from_copy(repository, *plan.domain, stop)
                     : erase_from_copy(repository, plan, steps, monitor, stop);
}

}  // namespace

RecordedPlan plan_erasure(Repository& repository, const ErasureRequest& request, RunMonitor& monitor,
                          std::stop_token stop) {
  require_registry_rights(repository.keys());
  repository.keys().require_reading();
  RecordedPlan recorded = request.domain ? plan_domain_erasure(repository, request, stop)
                                         : plan_content_erasure(repository, request, monitor, stop);
  recorded.plan.reason = request.reason;
  recorded.plan.signer = repository.keys().signer().key.public_key;
  recorded.plan.time = wall_clock_ns();
  recorded.plan.id = put_erasure_plan(repository, recorded.plan, stop);
  return recorded;
}

std::vector<ErasureState> list_erasures(Repository& repository, std::stop_token stop) {
  repository.keys().require_reading();
  const Registry registry = Registry::load(repository, stop);
  std::vector<ErasureState> states;
  for (ErasurePlan& plan : erasure_plans(registry)) {
    const Id32 id = plan.id;
    states.push_back({std::move(plan), erasure_confirmations(registry, id), erasure_done(registry, id)});
  }
  return states;
}

ErasureState find_erasure(Repository& repository, const std::string& id_prefix, std::stop_token stop) {
  repository.keys().require_reading();
  const Registry registry = Registry::load(repository, stop);
  const ErasurePlan plan = find_erasure_plan(registry, id_prefix);
  return {plan, erasure_confirmations(registry, plan.id), erasure_done(registry, plan.id)};
}

ErasurePlan confirm_erasure(Repository& repository, const std::string& id_prefix, std::stop_token stop) {
  require_registry_rights(repository.keys());
  ErasurePlan plan = find_erasure_plan(Registry::load(repository, stop), id_prefix);
  if (repository.keys().signer().key.public_key == plan.signer)
    throw Error(ErrorCode::permission, tr("whoever planned an erasure cannot confirm it"),
                tr("Another key holder has to, with a password or key of their own."));
  put_erasure_confirmation(repository, plan.id, stop);
  return plan;
}

ErasureDone run_erasure(Repository& repository, const std::string& id_prefix, const std::vector<OtherCopy>& others,
                        const EraseSteps& steps, RunMonitor& monitor, std::stop_token stop) {
  require_registry_rights(repository.keys());
  repository.keys().require_reading();
  const Registry registry = Registry::load(repository, stop);
  const ErasurePlan plan = find_erasure_plan(registry, id_prefix);
  require_confirmation(registry, plan);
  require_no_hold(repository, plan, stop);
  for (const OtherCopy& other : others)
    if (other.repository != nullptr) require_no_hold(*other.repository, plan, stop);

  ErasureDone done{.id = {}, .signer = repository.keys().signer().key.public_key, .plan = plan.id};
  done.domain = plan.domain;
  done.snapshots = plan.snapshots;
  done.patterns = plan.patterns;
  done.copies.push_back(erase_planned(repository, plan, steps, monitor, stop));
  for (const OtherCopy& other : others) {
    ErasedCopy copy{.location = other.location, .not_reached = other.not_reached};
    if (other.repository != nullptr) {
      try {
        copy = erase_planned(*other.repository, plan, steps, monitor, stop);
      } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) throw;
        copy.not_reached = error.what();
        monitor.problem(other.location, error);
      }
    }
    done.copies.push_back(std::move(copy));
  }
  add_earlier(erasure_done(registry, plan.id), done);
  done.time = wall_clock_ns();
  done.applies_to = repository.store().now(stop);
  done.id = put_erasure_done(repository, Registry::load(repository, stop), done, stop);
  for (const OtherCopy& other : others)
    if (other.repository != nullptr) copy_registry(repository, *other.repository, stop);
  return done;
}

}  // namespace igudar
