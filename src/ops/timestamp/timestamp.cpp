#include "ops/timestamp/timestamp.h"

#include <set>

#include "base/hex.h"
#include "base/translate.h"
#include "ops/snapshot_selection.h"
#include "repo/time_stamps.h"

namespace igudar {

namespace {

std::vector<const CataloguedSnapshot*> chosen_snapshots(const Repository& repository,
                                                        const SnapshotCatalogue& catalogue,
                                                        const std::vector<std::string>& wanted, RunMonitor& monitor,
                                                        const std::stop_token& stop) {
  std::vector<const CataloguedSnapshot*> chosen;
  for (const std::string& id : wanted) chosen.push_back(&select_snapshot(catalogue, id, {}));
  if (!wanted.empty()) return chosen;
  const TimeStamps known = load_time_stamps(repository, stop);
  for (const DamagedObject& damaged : known.damaged) monitor.problem(damaged.name.to_string(), damaged.error);
  std::set<SnapshotId> stamped;
  for (const StoredTimeStamp& each : known.stamps) stamped.insert(each.snapshot);
  for (const CataloguedSnapshot& each : catalogue.snapshots())
    if (!stamped.contains(each.id)) chosen.push_back(&each);
  return chosen;
}

NewTimeStamp stamp(const Repository& repository, TimeStampAuthority& authority, const CataloguedSnapshot& each,
                   const std::stop_token& stop) {
  const TimeNs asked = wall_clock_ns();
  TimeStampToken token = authority.stamp(time_stamp_imprint(repository.config().repository, each.id), stop);
  if (is_later_than_stamp(each.snapshot, token.time))
    throw Error(ErrorCode::failed,
                trf("the authority stamps with {}, but the snapshot {} says that it was made later",
                    format_local_time(token.time), to_hex(each.id.view()).substr(0, 8)),
                tr("One of the clocks is wrong, or the snapshot was given a time that is yet to come (--time)."));
  put_time_stamp(repository, each.id, {std::move(token.der), asked, authority.shown_url()}, stop);
  return {to_hex(each.id.view()), token.time, token.authority, authority.shown_url(), token.serial};
}

}  // namespace

std::vector<NewTimeStamp> stamp_snapshots(Repository& repository, TimeStampAuthority& authority,
                                          const std::vector<std::string>& snapshots, RunMonitor& monitor,
                                          std::stop_token stop) {
  repository.config().require_support(Operation::write);
  require_stamping_rights(repository.keys());
  const SnapshotCatalogue catalogue =
      SnapshotCatalogue::load(repository, CatalogueSource::cache, stop, Descriptions::closed);
  const std::vector<const CataloguedSnapshot*> chosen =
      chosen_snapshots(repository, catalogue, snapshots, monitor, stop);
  monitor.phase(tr("Asking for time-stamps"));
  monitor.totals(chosen.size(), 0);
  std::vector<NewTimeStamp> stamps;
  for (const CataloguedSnapshot* each : chosen) {
    stamps.push_back(stamp(repository, authority, *each, stop));
    monitor.advance(1, 0);
  }
  return stamps;
}

}  // namespace igudar
