#include <map>
#include <utility>

#include "base/translate.h"
#include "ops/list/snapshot_info.h"
#include "ops/snapshot_selection.h"

namespace igudar {

namespace {

// The newest `latest` of each group of host and paths, in the order they came.
std::vector<const CataloguedSnapshot*> newest_of_groups(const std::vector<const CataloguedSnapshot*>& all,
                                                        unsigned latest) {
  std::map<std::pair<Id16, Id16>, unsigned> left;
  for (const CataloguedSnapshot* each : all) ++left[{each->snapshot.host_key, each->snapshot.paths_key}];
  std::vector<const CataloguedSnapshot*> kept;
  for (const CataloguedSnapshot* each : all)
    if (left[{each->snapshot.host_key, each->snapshot.paths_key}]-- <= latest) kept.push_back(each);
  return kept;
}

}  // namespace

std::vector<SnapshotInfo> list_snapshots(Repository& repository, const SnapshotFilter& filter,
                                         std::optional<unsigned> latest, RunMonitor& monitor, std::stop_token stop) {
  repository.config().require_support(Operation::read);
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::cache, stop);
  for (const DamagedObject& damaged : catalogue.damaged()) monitor.problem(damaged.name.to_string(), damaged.error);
  std::vector<const CataloguedSnapshot*> chosen;
  for (const CataloguedSnapshot& each : catalogue.snapshots())
    if (matches(each, filter)) chosen.push_back(&each);
  if (latest) chosen = newest_of_groups(chosen, *latest);
  std::vector<SnapshotInfo> infos;
  for (const CataloguedSnapshot* each : chosen) infos.push_back(info_of(*each));
  return infos;
}

}  // namespace igudar
