#include "repo/snapshot_catalogue.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>

#include "base/hex.h"
#include "base/translate.h"
#include "concurrency/guarded.h"
#include "concurrency/task_scope.h"
#include "repo/record_cache.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLargestRecord = 256U << 20;
constexpr std::size_t kFewRecords = 16;   // are read by one thread
constexpr unsigned kNetworkReaders = 16;  // waiting for answers, not for processors

std::optional<Id32> id_of(const ObjectName& name) {
  const std::optional<Bytes> id = from_hex(name.id);
  if (!id || id->size() != Id32::kSize || name.id != to_hex(*id)) return std::nullopt;
  return Id32::from(*id);
}

}  // namespace

// Gathers the records, listing again when what was read points to some that a listing missed: others add and remove
// records meanwhile.
class CatalogueLoader {
 public:
  CatalogueLoader(const Repository& repository, CatalogueSource source, Descriptions descriptions)
      : repository_(repository),
        use_cache_(source == CatalogueSource::cache && repository.store().traits().network),
        opens_descriptions_(descriptions == Descriptions::opened && repository.keys().can_read()) {
    if (use_cache_) cache_.emplace(repository.cache_folder());
  }

  SnapshotCatalogue load(const std::stop_token& stop) {
    constexpr int kListings = 3;
    for (int listing = 1; listing <= kListings; ++listing) {
      gather(stop);
      sort_out();
      if (vanished_.empty() && result_.missing().empty()) break;
    }
    return std::move(result_);
  }

 private:
  // Snapshots before tombstones: one that is being forgotten is then seen as one or the other.
  void gather(const std::stop_token& stop) {
    std::vector<ObjectInfo> listed = repository_.store().list(ObjectKind::snapshot, stop);
    const std::vector<ObjectInfo> tombstones = repository_.store().list(ObjectKind::tombstone, stop);
    listed.insert(listed.end(), tombstones.begin(), tombstones.end());
    result_.listed_.clear();
    vanished_.clear();
    std::vector<ObjectInfo> unread;
    for (const ObjectInfo& object : listed) {
      const std::optional<Id32> id = id_of(object.name);
      if (!id) continue;
      result_.listed_.insert(*id);
      if (!known_.contains(object.name)) unread.push_back(object);
    }
    unsigned threads = repository_.store().traits().network ? kNetworkReaders : available_processors();
    if (unread.size() < kFewRecords) threads = 1;
    parallel_for(unread.size(), threads, stop, [&](std::size_t i) { read(unread[i], stop); });
    for (const ObjectInfo& object : unread) known_.insert(object.name);
    if (use_cache_) forget_cached(listed);
  }

  void forget_cached(const std::vector<ObjectInfo>& listed) const {
    for (const ObjectKind kind : {ObjectKind::snapshot, ObjectKind::tombstone}) {
      std::set<std::string> present;
      for (const ObjectInfo& object : listed)
        if (object.name.kind == kind) present.insert(object.name.id);
      cache_->retain(kind, present);
    }
  }

  Bytes fetch(const ObjectName& name, const std::stop_token& stop) const {
    if (use_cache_)
      if (std::optional<Bytes> cached = cache_->read(name)) return std::move(*cached);
    Bytes object = repository_.store().get(name, kLargestRecord, stop);
    if (!matches_name(name, object))
      throw Error(ErrorCode::damaged, trf("{} is damaged: its content is not what its name says", name.to_string()));
    if (use_cache_) cache_->write(name, object);
    return object;
  }

  void read(const ObjectInfo& object, const std::stop_token& stop) {
    try {
      decode(object, fetch(object.name, stop));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::not_found)
        collected_.with([&](Collected&) { vanished_.push_back(object.name); });
      else if (is_damage(error) || error.code() == ErrorCode::unsupported)
        collected_.with([&](Collected& collected) { collected.damaged.push_back({object.name, error}); });
      else
        throw;
    }
  }

  void decode(const ObjectInfo& info, const Bytes& object) {
    const KeyRing& keys = repository_.keys();
    const Id32 id = *id_of(info.name);
    if (info.name.kind == ObjectKind::tombstone) {
      CataloguedTombstone tombstone{
          id, decode_tombstone(repository_.record_context(), keys.index_keys(), keys.authority(), object),
          info.stored_at};
      keys.require_counted(tombstone.tombstone.signer, id);
      collected_.with([&](Collected& collected) { collected.tombstones.push_back(std::move(tombstone)); });
      return;
    }
    CataloguedSnapshot snapshot{
        id, decode_snapshot(repository_.record_context(), keys.index_keys(), keys.authority(), object), info.stored_at,
        info.size};
    keys.require_counted(snapshot.snapshot.signer, id);
    if (opens_descriptions_)
      snapshot.snapshot.description =
          open_description(snapshot.snapshot, keys.session_secret(snapshot.snapshot.session).view());
    collected_.with([&](Collected& collected) { collected.snapshots.push_back(std::move(snapshot)); });
  }

  // Makes the catalogue of what was collected so far.
  void sort_out() {
    const Collected& collected = collected_.with([](Collected& c) -> const Collected& { return c; });
    const auto is_listed = [&](const auto& record) { return result_.listed_.contains(record.id); };
    result_.tombstones_.clear();
    std::copy_if(collected.tombstones.begin(), collected.tombstones.end(), std::back_inserter(result_.tombstones_),
                 is_listed);
    std::sort(result_.tombstones_.begin(), result_.tombstones_.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    for (const CataloguedTombstone& tombstone : result_.tombstones_)
      for (const ForgottenSnapshot& forgotten : tombstone.tombstone.forgotten) {
        const auto [first, is_new] = result_.forgotten_.try_emplace(forgotten.id, tombstone.stored_at);
        if (!is_new) first->second = std::min(first->second, tombstone.stored_at);
      }

    result_.snapshots_.clear();
    result_.leftovers_.clear();
    result_.replayed_.clear();
    for (const CataloguedSnapshot& snapshot : collected.snapshots) {
      if (!is_listed(snapshot)) continue;
      const auto forgotten = result_.forgotten_.find(snapshot.id);
      if (forgotten == result_.forgotten_.end()) {
        result_.snapshots_.push_back(snapshot);
        continue;
      }
      result_.leftovers_.push_back(snapshot.id);
      if (snapshot.stored_at > forgotten->second) result_.replayed_.push_back(snapshot.id);
    }
    std::sort(result_.snapshots_.begin(), result_.snapshots_.end(), [](const auto& a, const auto& b) {
      return std::tie(a.snapshot.time, a.id) < std::tie(b.snapshot.time, b.id);
    });
    result_.places_.clear();
    for (std::size_t i = 0; i < result_.snapshots_.size(); ++i) result_.places_[result_.snapshots_[i].id] = i;

    result_.damaged_.clear();
    for (const DamagedObject& object : collected.damaged) {
      // A damaged record of a forgotten snapshot harms nobody.
      if (object.name.kind == ObjectKind::snapshot && result_.forgotten_.contains(*id_of(object.name)))
        result_.leftovers_.push_back(*id_of(object.name));
      else
        result_.damaged_.push_back(object);
    }
    std::sort(result_.leftovers_.begin(), result_.leftovers_.end());
    std::sort(result_.replayed_.begin(), result_.replayed_.end());
    std::sort(result_.damaged_.begin(), result_.damaged_.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
  }

  struct Collected {
    std::vector<CataloguedSnapshot> snapshots;
    std::vector<CataloguedTombstone> tombstones;
    std::vector<DamagedObject> damaged;
  };

  const Repository& repository_;
  const bool use_cache_;
  const bool opens_descriptions_;
  std::optional<RecordCache> cache_;
  Guarded<Collected> collected_;
  std::vector<ObjectName> vanished_;  // under the lock of collected_
  std::set<ObjectName> known_;
  SnapshotCatalogue result_;
};

SnapshotCatalogue SnapshotCatalogue::load(const Repository& repository, CatalogueSource source, std::stop_token stop,
                                          Descriptions descriptions) {
  return CatalogueLoader(repository, source, descriptions).load(stop);
}

// Every id that some record names as a head, or that a tombstone says a forgotten one named.
std::set<Id32> SnapshotCatalogue::named() const {
  std::set<Id32> ids;
  for (const CataloguedSnapshot& snapshot : snapshots_)
    ids.insert(snapshot.snapshot.heads.begin(), snapshot.snapshot.heads.end());
  for (const CataloguedTombstone& tombstone : tombstones_) {
    ids.insert(tombstone.tombstone.heads.begin(), tombstone.tombstone.heads.end());
    for (const ForgottenSnapshot& forgotten : tombstone.tombstone.forgotten)
      ids.insert(forgotten.heads.begin(), forgotten.heads.end());
  }
  return ids;
}

std::vector<Id32> SnapshotCatalogue::heads() const {
  const std::set<Id32> below = named();
  std::vector<Id32> heads;
  for (const CataloguedSnapshot& snapshot : snapshots_)
    if (!below.contains(snapshot.id)) heads.push_back(snapshot.id);
  for (const CataloguedTombstone& tombstone : tombstones_)
    if (!below.contains(tombstone.id)) heads.push_back(tombstone.id);
  std::sort(heads.begin(), heads.end());
  return heads;
}

std::vector<Id32> SnapshotCatalogue::missing() const {
  std::vector<Id32> missing;
  for (const Id32& id : named())
    if (!accounts_for(id)) missing.push_back(id);
  return missing;
}

const CataloguedSnapshot& SnapshotCatalogue::find(std::string_view id_prefix) const {
  const CataloguedSnapshot* found = nullptr;
  const auto matches = [&](const std::string& id) { return !id_prefix.empty() && id.starts_with(id_prefix); };
  for (const CataloguedSnapshot& snapshot : snapshots_) {
    if (!matches(to_hex(snapshot.id.view()))) continue;
    if (found != nullptr)
      throw Error(ErrorCode::usage, trf("several snapshots begin with '{}'", id_prefix), tr("Give more digits."));
    found = &snapshot;
  }
  if (found != nullptr) return *found;
  for (const DamagedObject& object : damaged_)
    if (object.name.kind == ObjectKind::snapshot && matches(object.name.id)) throw object.error;
  throw Error(ErrorCode::not_found, trf("there is no snapshot '{}'", id_prefix), tr("See 'igudar snapshots'."));
}

const CataloguedSnapshot* SnapshotCatalogue::get(const SnapshotId& id) const {
  const auto found = places_.find(id);
  return found == places_.end() ? nullptr : &snapshots_[found->second];
}

const CataloguedSnapshot* SnapshotCatalogue::latest(
    const std::function<bool(const CataloguedSnapshot&)>& wanted) const {
  const auto found = std::find_if(snapshots_.rbegin(), snapshots_.rend(), wanted);
  return found == snapshots_.rend() ? nullptr : &*found;
}

namespace {

void require_capability(const KeyRing& keys, Capability refused, std::string message, std::string hint) {
  if (keys.capability() == refused) throw Error(ErrorCode::permission, std::move(message), std::move(hint));
}

Id32 put_record(const Repository& repository, ObjectKind kind, ByteView object, const std::stop_token& stop) {
  const Id32 id = sha256(object);
  repository.store().put({kind, to_hex(id.view())}, object, Durability::durable, stop);
  return id;
}

}  // namespace

SnapshotId put_snapshot(const Repository& repository, const Snapshot& snapshot, const SecretBytes& session_secret,
                        std::stop_token stop) {
  const KeyRing& keys = repository.keys();
  require_capability(keys, Capability::maintain, tr("this key slot does not allow to back up"),
                     tr("Use the password of a slot with the capability 'full' or 'write'."));
  const Bytes object =
      encode_snapshot(repository.record_context(), keys.index_keys(), session_secret.view(), keys.signer(), snapshot);
  return put_record(repository, ObjectKind::snapshot, object, stop);
}

Id32 put_tombstone(const Repository& repository, const Tombstone& tombstone, std::stop_token stop) {
  const KeyRing& keys = repository.keys();
  require_capability(keys, Capability::write, tr("this key slot does not allow to forget snapshots"),
                     tr("Use the password of a slot with the capability 'full' or 'maintain'."));
  const Bytes object = encode_tombstone(repository.record_context(), keys.index_keys(), keys.signer(), tombstone);
  return put_record(repository, ObjectKind::tombstone, object, stop);
}

void remove_snapshot(const Repository& repository, const SnapshotId& id, std::stop_token stop) {
  repository.store().remove({ObjectKind::snapshot, to_hex(id.view())}, stop);
}

}  // namespace igudar
