#include "ops/rekey/rekey.h"

#include "base/translate.h"
#include "ops/snapshot_replacement.h"
#include "repo/time_stamps.h"

namespace igudar {

namespace {

constexpr int kMostRounds = 8;

// The epoch that counts for `depth`.
std::uint16_t epoch_of(const SessionRef& session, Rekeying depth) {
  return depth == Rekeying::secrets ? session.sealed_secret.epoch() : session.epoch;
}

// Calls visit(session, frame, pack) for each frame of an older epoch until it returns false.
template <typename Visit>
void visit_older_frames(const BlobIndex& index, std::uint16_t newest, Rekeying depth, Visit&& visit) {
  visit_frames(index, [&](const SessionRef& session, const FrameInfo& frame, const PackName& pack, std::uint64_t) {
    return epoch_of(session, depth) >= newest || visit(session, frame, pack);
  });
}

// Of whatever depth and epoch: the newest one takes over all that is there.
constexpr std::string_view kTask = "rekeying ";

ReplacementTask task_of(Rekeying depth, std::uint16_t epoch) {
  ReplacementTask task;
  task.name =
      std::string(kTask) + (depth == Rekeying::secrets ? "secrets" : "content") + " to epoch " + std::to_string(epoch);
  task.supersedes = [](std::string_view other) { return other.starts_with(kTask); };
  return task;
}

class Rekey {
 public:
  Rekey(Repository& repository, Rekeying depth, RunMonitor& monitor, std::stop_token stop)
      : repository_(repository),
        newest_(repository.keys().epochs().back().epoch),
        depth_(depth),
        monitor_(monitor),
        stop_(std::move(stop)),
        replacer_(repository, task_of(depth, newest_), monitor, stop_) {}

  RekeyingSummary run() {
    for (int rounds = 0; round();)
      if (++rounds == kMostRounds)
        throw Error(ErrorCode::conflict, tr("backups that began before store under the old keys again and again"),
                    tr("Run it again when they have ended."));
    return std::move(summary_);
  }

 private:
  // False when there was nothing to do.
  bool round() {
    const std::uint64_t before = summary_.snapshots;
    replacer_.round([this](RewritingView& view) { take_over(view); });
    return summary_.snapshots > before;
  }

  void take_over(RewritingView& view) {
    DoomedFrames frames;
    summary_.packs.clear();
    visit_older_frames(view.readable(), newest_, depth_,
                       [&](const SessionRef& session, const FrameInfo& frame, const PackName& pack) {
                         if (depth_ == Rekeying::content) frames.add(session.id, frame);
                         summary_.packs.insert(pack);
                         return true;
                       });
    view.doom(std::move(frames));
    monitor_.phase(depth_ == Rekeying::secrets ? tr("Sealing secrets to the new keys")
                                               : tr("Storing anew under the new keys"));
    const std::set<SnapshotId> stamped = stamped_snapshots();
    const std::vector<CataloguedSnapshot> snapshots = view.catalogue().snapshots();
    for (const CataloguedSnapshot& each : snapshots) {
      if (replacer_.is_replacement(each) || !is_concerned(view, each.snapshot)) continue;
      if (depth_ == Rekeying::secrets)
        replacer_.rewrap(view, each);
      else
        (void)replacer_.replace(view, each);
      ++summary_.snapshots;
      if (stamped.contains(each.id)) ++summary_.stamped;
      summary_.bytes += each.snapshot.statistics.bytes;
    }
  }

  // One that was made under the newest keys may refer to what was stored before.
  bool is_concerned(const RewritingView& view, const Snapshot& snapshot) const {
    return epoch_of(snapshot.session, depth_) < newest_ || view.needs_doomed(snapshot, stop_);
  }

  std::set<SnapshotId> stamped_snapshots() const {
    std::set<SnapshotId> stamped;
    for (const StoredTimeStamp& each : load_time_stamps(repository_, stop_).stamps) stamped.insert(each.snapshot);
    return stamped;
  }

  const Repository& repository_;
  const std::uint16_t newest_;
  const Rekeying depth_;
  RunMonitor& monitor_;
  const std::stop_token stop_;
  SnapshotReplacer replacer_;
  RekeyingSummary summary_;
};

}  // namespace

RekeyingSummary rekey(Repository& repository, Rekeying depth, RunMonitor& monitor, const std::stop_token& stop) {
  repository.keys().require_reading();
  repository.config().require_support(Operation::delete_);
  return Rekey(repository, depth, monitor, stop).run();
}

bool is_rekeying_due(const Repository& repository, Rekeying depth, const std::stop_token& stop) {
  const std::uint16_t newest = repository.keys().epochs().back().epoch;
  const SnapshotCatalogue catalogue =
      SnapshotCatalogue::load(repository, CatalogueSource::cache, stop, Descriptions::closed);
  for (const CataloguedSnapshot& each : catalogue.snapshots())
    if (epoch_of(each.snapshot.session, depth) < newest) return true;
  const auto index = BlobIndex::load(repository, {}, {}, stop);  // condemned packs are there until they are swept
  bool any = false;
  visit_older_frames(*index, newest, depth,
                     [&](const SessionRef&, const FrameInfo&, const PackName&) { return !(any = true); });
  return any;
}

}  // namespace igudar
