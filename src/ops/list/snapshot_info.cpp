#include "ops/list/snapshot_info.h"

#include "base/hex.h"

namespace igudar {

SnapshotInfo info_of(const CataloguedSnapshot& catalogued) {
  const Snapshot& snapshot = catalogued.snapshot;
  SnapshotInfo info;
  info.id = to_hex(catalogued.id.view());
  if (snapshot.base) info.parent = to_hex(snapshot.base->view());
  info.time = snapshot.time;
  info.storage_time = snapshot.storage_time;
  if (snapshot.description) {
    info.host = snapshot.description->host;
    info.user = snapshot.description->user;
    info.paths = snapshot.description->paths;
    info.tags = snapshot.description->tags;
  }
  info.entries = snapshot.statistics.entries;
  info.files = snapshot.statistics.files;
  info.bytes = snapshot.statistics.bytes;
  info.stored_bytes = snapshot.statistics.stored_bytes;
  info.unreadable = snapshot.statistics.unreadable;
  return info;
}

}  // namespace igudar
