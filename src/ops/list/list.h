#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "format/entry.h"
#include "ops/run_monitor.h"
#include "ops/snapshot_filter.h"
#include "repo/damaged_object.h"

namespace igudar {

class Repository;

struct SnapshotInfo {
  std::string id;
  std::string parent;
  TimeNs time = 0;
  TimeNs storage_time = 0;
  std::string host;
  std::string user;
  std::vector<std::string> paths;
  std::vector<std::string> tags;
  std::uint64_t entries = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t stored_bytes = 0;  // what this backup added
  std::uint64_t unreadable = 0;
};

// Oldest first; only the newest `latest` of each host and paths when given.
std::vector<SnapshotInfo> list_snapshots(Repository& repository, const SnapshotFilter& filter,
                                         std::optional<unsigned> latest, RunMonitor& monitor, std::stop_token stop);

// The earliest time that a time-stamp of each snapshot claims, by the snapshot's id; no stamp is verified.
std::map<std::string, TimeNs> claimed_stamps(const Repository& repository, RunMonitor& monitor, std::stop_token stop);

// The entries of a snapshot ("ID", "latest", "ID:PATH") in order, but for those that were erased and that a storage
// brought back; `visit` returns false to end early. With `path` only
// that entry and what is below; `recursive` false: direct children only.
struct ListOptions {
  std::string snapshot = "latest";
  SnapshotFilter filter;
  std::string path;
  bool recursive = true;
};
struct ListedSnapshot {
  SnapshotInfo snapshot;
  std::uint64_t erased = 0;            // entries that were left out
  std::vector<DamagedObject> damaged;  // entries of the registry: what they say was erased is not known
};
// Throws not_found when there is no such snapshot or path, or when all of the snapshot was erased.
ListedSnapshot list_entries(Repository& repository, const ListOptions& options,
                            const std::function<bool(const Entry&)>& visit, std::stop_token stop);

struct RepositoryStats {
  std::string repository_id;
  std::string authority;  // its fingerprint
  std::uint64_t snapshots = 0;
  std::uint64_t restore_bytes = 0;  // sum over the snapshots of their files' sizes
  std::uint64_t files = 0;          // likewise of their counts
  std::uint64_t chunks = 0;
  std::uint64_t plain_bytes = 0;  // of the distinct chunks
  std::uint64_t packs = 0;
  std::uint64_t pack_bytes = 0;
  std::uint64_t index_bytes = 0;
  std::uint64_t total_bytes = 0;   // all objects
  std::uint64_t unused_bytes = 0;  // that no snapshot needs
};
RepositoryStats repository_stats(Repository& repository, RunMonitor& monitor, std::stop_token stop);

}  // namespace igudar
