#pragma once

#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "format/snapshot.h"
#include "repo/damaged_object.h"
#include "repo/repository.h"

namespace igudar {

struct CataloguedSnapshot {
  SnapshotId id;
  Snapshot snapshot;
  TimeNs stored_at = 0;    // by the storage's clock
  std::uint64_t size = 0;  // of the record, in bytes
};
struct CataloguedTombstone {
  Id32 id;
  Tombstone tombstone;
  TimeNs stored_at = 0;
};

enum class CatalogueSource {
  cache,  // records that this machine has seen are read from its cache, verified by their names
  store   // everything is read from the storage: what check wants
};
// Opening the description of a snapshot costs a public-key operation (50 µs).
enum class Descriptions {
  opened,  // where the slot allows it
  closed
};

// All snapshots and tombstones of a repository, decoded and verified, and the graph they form.
//
// Thread safety: const after loading.
class SnapshotCatalogue {
 public:
  // Damaged records are collected, not thrown. Network storages are asked only for records that are not in the cache.
  static SnapshotCatalogue load(const Repository& repository, CatalogueSource source, std::stop_token stop,
                                Descriptions descriptions = Descriptions::opened);

  // Those not forgotten, the oldest first (by client time, then by id).
  const std::vector<CataloguedSnapshot>& snapshots() const { return snapshots_; }
  // Sorted by id.
  const std::vector<CataloguedTombstone>& tombstones() const { return tombstones_; }
  // Forgotten snapshots whose record is still there, since a forget was cut short: sorted, to be removed.
  const std::vector<SnapshotId>& leftovers() const { return leftovers_; }
  // Those of them that came after their tombstone by the storage's clock: no forget left them there. Sorted.
  const std::vector<SnapshotId>& replayed() const { return replayed_; }
  const std::vector<DamagedObject>& damaged() const { return damaged_; }

  // Records that no other names as head: what a new record is to name. Sorted.
  std::vector<Id32> heads() const;
  // Heads that some record names and that are neither present nor forgotten: lost, or hidden by the storage. Sorted.
  std::vector<Id32> missing() const;
  // Whether a tombstone names it, be its record there or not.
  bool is_forgotten(const SnapshotId& id) const { return forgotten_.contains(id); }
  // Whether an id is present (be it damaged) or forgotten.
  bool accounts_for(const Id32& id) const { return listed_.contains(id) || forgotten_.contains(id); }

  // The snapshot whose id begins with these hex digits. Throws not_found, usage when there are several, and the damage
  // of a record that is damaged.
  const CataloguedSnapshot& find(std::string_view id_prefix) const;
  // nullptr when there is none of that id.
  const CataloguedSnapshot* get(const SnapshotId& id) const;
  // The newest (by client time) of those that `wanted` accepts; nullptr when there is none.
  const CataloguedSnapshot* latest(const std::function<bool(const CataloguedSnapshot&)>& wanted) const;

 private:
  friend class CatalogueLoader;
  std::set<Id32> named() const;

  std::vector<CataloguedSnapshot> snapshots_;
  std::vector<CataloguedTombstone> tombstones_;
  std::vector<SnapshotId> leftovers_;
  std::vector<SnapshotId> replayed_;
  std::vector<DamagedObject> damaged_;
  std::set<Id32> listed_;
  std::map<SnapshotId, TimeNs> forgotten_;    // and when, by the storage's clock
  std::map<SnapshotId, std::size_t> places_;  // in snapshots_
};

// W5: stores a snapshot record, durable once it returns; what it refers to must be durable before. Needs a description,
// and the secret of the session that it names. Throws permission unless the slot's capability is full or write.
SnapshotId put_snapshot(const Repository& repository, const Snapshot& snapshot, const SecretBytes& session_secret,
                        std::stop_token stop);
// Stores a tombstone, durable once it returns. The records of the snapshots it names may be removed then, and only then
// (remove_snapshot). Throws permission unless the capability is full or maintain.
Id32 put_tombstone(const Repository& repository, const Tombstone& tombstone, std::stop_token stop);
void remove_snapshot(const Repository& repository, const SnapshotId& id, std::stop_token stop);

}  // namespace igudar
