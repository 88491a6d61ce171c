#include "ops/forget/forget.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "base/hex.h"
#include "base/translate.h"
#include "ops/forget/retention.h"
#include "ops/legal_holds.h"
#include "ops/snapshot_selection.h"
#include "repo/local_state.h"
#include "repo/retention_time.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

namespace {

ForgetDecision describe(const CataloguedSnapshot& snapshot) {
  ForgetDecision decision;
  decision.snapshot_id = to_hex(snapshot.id.view());
  decision.time = snapshot.snapshot.time;
  if (!snapshot.snapshot.description) return decision;
  decision.host = snapshot.snapshot.description->host;
  decision.paths = snapshot.snapshot.description->paths;
  decision.tags = snapshot.snapshot.description->tags;
  return decision;
}

void count(ForgetPlan& plan) {
  for (const ForgetGroup& group : plan.groups)
    for (const ForgetDecision& decision : group.decisions) ++(decision.keep ? plan.kept : plan.forgotten);
}

// Plans by a policy. Snapshots are told apart by their group keys, which also a slot that may not read names can see.
class PolicyPlanner {
 public:
  PolicyPlanner(const Repository& repository, const SnapshotCatalogue& catalogue, const ForgetOptions& options)
      : keys_(repository.keys()), catalogue_(catalogue), options_(options) {
    require_filter_can_match();
    for (const std::vector<std::string>& list : options.policy.tags)
      for (const std::string& tag : list) policy_tags_[tag] = tag_group_key(keys_.index_keys().oldest(), tag);
  }

  ForgetPlan plan() {
    const std::map<SnapshotId, RetentionTime> times = retention_times(catalogue_);
    // A backdated snapshot is judged among its like only: whoever set the clock back does not get it out of the way.
    std::map<GroupKey, std::vector<const CataloguedSnapshot*>> groups;
    for (const CataloguedSnapshot& snapshot : catalogue_.snapshots())
      if (matches(snapshot, options_.filter))
        groups[group_key(snapshot, times.at(snapshot.id).backdated)].push_back(&snapshot);
    ForgetPlan plan;
    for (const auto& [key, members] : groups) plan.groups.push_back(judge(key, members, times));
    std::sort(plan.groups.begin(), plan.groups.end(), [](const ForgetGroup& a, const ForgetGroup& b) {
      return std::tie(a.host, a.paths, a.tags, a.decisions.front().snapshot_id) <
             std::tie(b.host, b.paths, b.tags, b.decisions.front().snapshot_id);
    });
    count(plan);
    return plan;
  }

 private:
  struct GroupKey {
    Id16 host, paths;
    std::vector<Id16> tags;
    bool backdated = false;
    auto operator<=>(const GroupKey&) const = default;
  };

  void require_filter_can_match() const {
    const SnapshotFilter& filter = options_.filter;
    if (keys_.can_read() || (filter.hosts.empty() && filter.tags.empty() && filter.paths.empty())) return;
    throw Error(ErrorCode::permission, tr("this key slot does not allow to see hosts, paths and tags"),
                tr("Use the password of a slot with the capability 'full', or leave out --host, --path and --tag."));
  }

  GroupKey group_key(const CataloguedSnapshot& snapshot, bool backdated) const {
    GroupKey key;
    if (options_.group_by_host) key.host = snapshot.snapshot.host_key;
    if (options_.group_by_paths) key.paths = snapshot.snapshot.paths_key;
    if (options_.group_by_tags) key.tags = snapshot.snapshot.tag_keys;
    std::sort(key.tags.begin(), key.tags.end());
    key.backdated = backdated;
    return key;
  }

  std::vector<std::string> tags_asked_for(const Snapshot& snapshot) const {
    std::vector<std::string> tags;
    for (const auto& [tag, key] : policy_tags_)
      if (std::find(snapshot.tag_keys.begin(), snapshot.tag_keys.end(), key) != snapshot.tag_keys.end())
        tags.push_back(tag);
    return tags;
  }

  ForgetGroup judge(const GroupKey& key, const std::vector<const CataloguedSnapshot*>& members,
                    const std::map<SnapshotId, RetentionTime>& times) const {
    ForgetGroup group;
    const ForgetDecision about = describe(*members.front());
    if (options_.group_by_host) group.host = about.host;
    if (options_.group_by_paths) group.paths = about.paths;
    if (options_.group_by_tags) group.tags = about.tags;
    std::vector<RetentionCandidate> candidates;
    for (const CataloguedSnapshot* member : members)
      candidates.push_back({to_hex(member->id.view()), times.at(member->id).time, tags_asked_for(member->snapshot),
                            member->snapshot.time});
    for (RetentionVerdict& verdict : apply_policy(std::move(candidates), options_.policy, wall_clock_ns())) {
      ForgetDecision& decision = group.decisions.emplace_back(describe(catalogue_.find(verdict.candidate.id)));
      decision.keep = verdict.keep;
      decision.reasons = std::move(verdict.reasons);
      if (key.backdated && decision.keep) decision.reasons.emplace_back("clock");
    }
    require_something_kept(group);
    return group;
  }

  static void require_something_kept(const ForgetGroup& group) {
    if (std::any_of(group.decisions.begin(), group.decisions.end(), [](const ForgetDecision& d) { return d.keep; }))
      return;
    throw Error(ErrorCode::usage,
                trf("the policy would forget all snapshots like {}", group.decisions.front().snapshot_id.substr(0, 12)),
                tr("Keep at least one, for instance with --keep-last 1; or name the snapshots to forget."));
  }

  const KeyRing& keys_;
  const SnapshotCatalogue& catalogue_;
  const ForgetOptions& options_;
  std::map<std::string, Id16> policy_tags_;
};

// The snapshot that a prefix names, be its record damaged or lost (`lost`: those that only this machine remembers):
// that is how one gives up what cannot be saved.
ForgetDecision named_snapshot(const SnapshotCatalogue& catalogue, const std::vector<Id32>& lost,
                              const std::string& prefix) {
  const auto begins = [&](const std::string& id) { return !prefix.empty() && id.starts_with(prefix); };
  const bool any_sound = std::any_of(catalogue.snapshots().begin(), catalogue.snapshots().end(),
                                     [&](const CataloguedSnapshot& each) { return begins(to_hex(each.id.view())); });
  std::set<std::string> unreadable;
  for (const DamagedObject& object : catalogue.damaged())
    if (object.name.kind == ObjectKind::snapshot && begins(object.name.id)) unreadable.insert(object.name.id);
  for (const std::vector<Id32>& ids : {catalogue.missing(), lost})
    for (const Id32& id : ids)
      if (begins(to_hex(id.view()))) unreadable.insert(to_hex(id.view()));
  if (any_sound || unreadable.size() != 1) return describe(catalogue.find(prefix));
  ForgetDecision decision;
  decision.snapshot_id = *unreadable.begin();
  return decision;
}

ForgetPlan plan_by_ids(const SnapshotCatalogue& catalogue, const std::vector<Id32>& lost,
                       const ForgetOptions& options) {
  ForgetPlan plan;
  ForgetGroup group;
  for (const std::string& name : options.snapshots) {
    ForgetDecision decision = name == "latest" ? describe(select_snapshot(catalogue, name, options.filter))
                                               : named_snapshot(catalogue, lost, name);
    const bool known = std::any_of(group.decisions.begin(), group.decisions.end(), [&](const ForgetDecision& each) {
      return each.snapshot_id == decision.snapshot_id;
    });
    if (!known) group.decisions.push_back(std::move(decision));
  }
  std::sort(group.decisions.begin(), group.decisions.end(), [](const ForgetDecision& a, const ForgetDecision& b) {
    return std::tie(b.time, a.snapshot_id) < std::tie(a.time, b.snapshot_id);
  });
  plan.groups.push_back(std::move(group));
  count(plan);
  const auto present =
      std::count_if(plan.groups[0].decisions.begin(), plan.groups[0].decisions.end(), [&](const ForgetDecision& each) {
        return catalogue.get(SnapshotId::from(*from_hex(each.snapshot_id))) != nullptr;
      });
  plan.kept = catalogue.snapshots().size() - static_cast<std::size_t>(present);
  return plan;
}

// What a legal hold covers stays, whatever was asked for.
void spare_held(const Repository& repository, const SnapshotCatalogue& catalogue, ForgetPlan& plan, RunMonitor& monitor,
                const std::stop_token& stop) {
  const Registry registry = Registry::load(repository, stop);
  for (const DamagedObject& damaged : registry.damaged()) monitor.problem(damaged.name.to_string(), damaged.error);
  const std::vector<LegalHold> holds = legal_holds(registry, wall_clock_ns());
  if (holds.empty()) return;
  const std::map<SnapshotId, const LegalHold*> held = held_snapshots(repository, catalogue, holds, stop);
  for (ForgetGroup& group : plan.groups)
    for (ForgetDecision& decision : group.decisions) {
      const auto found = held.find(SnapshotId::from(*from_hex(decision.snapshot_id)));
      if (decision.keep || found == held.end()) continue;
      decision.keep = true;
      decision.reasons.emplace_back("hold");
      --plan.forgotten;
      ++plan.kept;
      monitor.note(trf("the snapshot {} stays: the legal hold {} covers it", decision.snapshot_id.substr(0, 12),
                       found->second->shown()));
    }
}

// The tombstone first, and durable: from then on the snapshots are forgotten, and their records only leftovers.
void execute(const Repository& repository, const SnapshotCatalogue& catalogue, const ForgetPlan& plan,
             RunMonitor& monitor, std::stop_token stop) {
  Tombstone tombstone;
  for (const ForgetGroup& group : plan.groups)
    for (const ForgetDecision& decision : group.decisions) {
      if (decision.keep) continue;
      const SnapshotId id = SnapshotId::from(*from_hex(decision.snapshot_id));
      const CataloguedSnapshot* snapshot = catalogue.get(id);
      tombstone.forgotten.push_back({id, snapshot == nullptr ? std::vector<Id32>{} : snapshot->snapshot.heads});
    }
  if (tombstone.forgotten.empty()) return;
  tombstone.time = wall_clock_ns();
  tombstone.storage_time = repository.store().now(stop);
  tombstone.heads = catalogue.heads();
  const Id32 id = put_tombstone(repository, tombstone, stop);
  LocalState(repository).remember_written(id, tombstone.heads);
  monitor.totals(tombstone.forgotten.size(), 0);
  for (const ForgottenSnapshot& forgotten : tombstone.forgotten) {
    remove_snapshot(repository, forgotten.id, stop);
    monitor.advance(1, 0);
  }
}

}  // namespace

ForgetPlan forget(Repository& repository, const ForgetOptions& options, RunMonitor& monitor, std::stop_token stop) {
  repository.config().require_support(Operation::delete_);
  if (options.snapshots.empty() && options.policy.empty())
    throw Error(ErrorCode::usage, tr("nothing says which snapshots to forget"),
                tr("Give snapshot ids, or a policy such as --keep-daily 7 --keep-weekly 4."));
  monitor.phase(tr("Forgetting snapshots"));
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::cache, stop);
  ForgetPlan plan = options.snapshots.empty()
                        ? PolicyPlanner(repository, catalogue, options).plan()
                        : plan_by_ids(catalogue, LocalState(repository).lost_heads(catalogue), options);
  spare_held(repository, catalogue, plan, monitor, stop);
  if (!options.dry_run) execute(repository, catalogue, plan, monitor, stop);
  return plan;
}

}  // namespace igudar
