#include "ops/check/time_stamp_check.h"

#include <map>

#include "base/hex.h"

namespace igudar {

namespace {

StampVerdict verdict_of(TimeStampVerdict verdict) {
  switch (verdict) {
    case TimeStampVerdict::valid:
      return StampVerdict::valid;
    case TimeStampVerdict::untrusted:
      return StampVerdict::untrusted;
    case TimeStampVerdict::expired:
      return StampVerdict::expired;
    case TimeStampVerdict::forged:
      break;
  }
  return StampVerdict::forged;
}

SnapshotStamp judge(const Repository& repository, const StoredTimeStamp& stored, const Snapshot& snapshot,
                    TimeStampTrust& trust) {
  SnapshotStamp stamp;
  stamp.object = stored.name.to_string();
  stamp.time = stored.token.time;
  stamp.authority = stored.token.authority;
  stamp.serial = stored.token.serial;
  stamp.policy = stored.token.policy;
  stamp.url = stored.stamp.authority_url;
  // As of the time it tells: an authority's stamps outlive its certificate.
  TimeStampVerification verified = trust.verify(
      stored.token, time_stamp_imprint(repository.config().repository, stored.snapshot), stored.token.time);
  stamp.verdict = verdict_of(verified.verdict);
  stamp.reason = std::move(verified.reason);
  if (stamp.verdict == StampVerdict::valid && is_later_than_stamp(snapshot, stamp.time)) {
    stamp.verdict = StampVerdict::contradiction;
    stamp.reason = trf("it was stamped at {}, and says that it was made later", format_local_time(stamp.time));
  }
  return stamp;
}

}  // namespace

std::vector<StoredTimeStamp> read_time_stamps(const CheckRun& run, const SnapshotCatalogue& catalogue) {
  for (const ObjectInfo& object : run.repository.store().list(ObjectKind::timestamp, run.stop))
    if (!parse_time_stamp_object_id(object.name.id))
      run.findings.remark(object.name.to_string(), tr("it is not part of a repository, and ignored"));
  TimeStamps loaded = load_time_stamps(run.repository, run.stop);
  for (const DamagedObject& damaged : loaded.damaged)
    run.findings.damage(Topic::record, damaged.name.to_string(), damaged.error.what());
  std::vector<StoredTimeStamp> of_snapshots;
  for (StoredTimeStamp& stored : loaded.stamps) {
    if (catalogue.get(stored.snapshot) != nullptr)
      of_snapshots.push_back(std::move(stored));
    else
      run.findings.remark(stored.name.to_string(),
                          catalogue.is_forgotten(stored.snapshot)
                              ? tr("the time-stamp of a forgotten snapshot; a prune removes it")
                              : tr("the time-stamp of a snapshot that is not there, or cannot be read"));
  }
  return of_snapshots;
}

void check_time_stamps(const CheckRun& run, const SnapshotCatalogue& catalogue,
                       const std::vector<StoredTimeStamp>& stamps, std::vector<SnapshotSignature>& signatures) {
  const std::string& ca_file = run.options.time_stamp_ca;
  TimeStampTrust trust = ca_file.empty() ? TimeStampTrust::of_system() : TimeStampTrust::of_file(ca_file);
  std::map<std::string, std::vector<SnapshotStamp>> by_snapshot;
  for (const StoredTimeStamp& stored : stamps) {
    SnapshotStamp stamp = judge(run.repository, stored, catalogue.get(stored.snapshot)->snapshot, trust);
    if (stamp.verdict == StampVerdict::forged)
      run.findings.damage(Topic::record, stamp.object, trf("this time-stamp proves nothing: {}", stamp.reason));
    if (stamp.verdict == StampVerdict::contradiction)
      run.findings.damage(Topic::record, "snapshots/" + to_hex(stored.snapshot.view()),
                          trf("its times are not true: {}", stamp.reason));
    by_snapshot[to_hex(stored.snapshot.view())].push_back(std::move(stamp));
  }
  for (SnapshotSignature& signature : signatures) {
    const auto found = by_snapshot.find(signature.snapshot);
    if (found != by_snapshot.end()) signature.stamps = std::move(found->second);
  }
}

}  // namespace igudar
