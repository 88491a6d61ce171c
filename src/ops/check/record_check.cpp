#include "ops/check/record_check.h"

#include <algorithm>
#include <map>

#include "base/hex.h"
#include "base/translate.h"
#include "repo/grants.h"
#include "repo/key_slots.h"
#include "repo/leases.h"
#include "repo/recovery_tests.h"
#include "repo/registry.h"
#include "repo/twin_objects.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLargestSmallObject = 1U << 20;
constexpr std::uint64_t kLargestRecord = 256U << 20;
const ObjectName kConfig{ObjectKind::config, ""};

void check_config(const Repository& repository, Findings& findings, const std::stop_token& stop) {
  const std::string name = kConfig.to_string();
  try {
    const Bytes stored = repository.root().get(kConfig, kLargestSmallObject, stop);
    if (equal(stored, repository.keys().secrets().config)) return;
    (void)decode_config(stored);
    findings.damage(Topic::record, name, tr("it is not the one that the key slot has a copy of: it was replaced"));
  } catch (const Error& error) {
    if (!is_about_object(error)) throw;
    findings.damage(Topic::record, name,
                    error.code() == ErrorCode::not_found
                        ? tr("it is missing; the copy in the key slot serves in its place")
                        : trf("it cannot be used ({}); the copy in the key slot serves in its place", error.what()));
  }
}

std::optional<Bytes> check_slot_copy(const Repository& repository, const Id16& slot, const ObjectName& name,
                                     LabelKeys& labels, Findings& findings, const std::stop_token& stop) {
  try {
    Bytes object = repository.root().get(name, kLargestTwin, stop);
    if (const std::optional<KeySlot> parsed = parse_slot(slot, object))
      if (const IndexKeys* keys = labels.of(*parsed)) (void)open_slot_label(*parsed, *keys);
    return object;
  } catch (const Error& error) {
    if (!is_about_object(error)) throw;
    const char* hint = tr("Make the slot anew with 'igudar key passwd' (or 'key add' and 'key remove').");
    findings.damage(
        Topic::record, name.to_string(),
        (error.code() == ErrorCode::not_found ? std::string(tr("this copy of a key slot is missing."))
                                              : trf("this copy of a key slot cannot be used: {}.", error.what())) +
            " " + hint);
    return std::nullopt;
  }
}

bool is_hex(const std::string& text, std::size_t digits) {
  return text.size() == digits && from_hex(text).has_value();
}

void remark_foreign(const Repository& repository, ObjectKind kind, std::size_t digits, Findings& findings,
                    const std::stop_token& stop) {
  for (const ObjectInfo& object : repository.store().list(kind, stop))
    if (!is_hex(object.name.id, digits))
      findings.remark(object.name.to_string(), tr("it is not part of a repository, and ignored"));
}

// The generation that a name in gc/ is about, and whether it is the mark of its sweep.
std::optional<std::pair<std::uint64_t, bool>> parse_gc_id(const std::string& id) {
  if (!is_hex(id.substr(0, 16), 16)) return std::nullopt;
  const std::uint64_t generation = std::stoull(id.substr(0, 16), nullptr, 16);
  if (id == gc_object_id(generation)) return std::pair{generation, false};
  if (id == swept_object_id(generation)) return std::pair{generation, true};
  return std::nullopt;
}

std::optional<Error> decode_gc_record(const Repository& repository, const ObjectName& name, std::uint64_t generation,
                                      bool swept, const std::stop_token& stop) {
  const KeyRing& keys = repository.keys();
  try {
    const Bytes object = repository.store().get(name, kLargestRecord, stop);
    if (swept)
      (void)decode_swept_mark(repository.record_context(), keys.index_keys(), keys.authority(), generation, object);
    else
      (void)decode_condemnation(repository.record_context(), keys.index_keys(), keys.authority(), generation, object);
  } catch (const Error& error) {
    if (!is_about_object(error)) throw;
    if (error.code() != ErrorCode::not_found) return error;  // superseded since the listing
  }
  return std::nullopt;
}

}  // namespace

void check_config_and_slots(const Repository& repository, Findings& findings, std::stop_token stop) {
  check_config(repository, findings, stop);
  std::map<std::string, std::set<std::string>> slots;
  for (const ObjectInfo& object : repository.root().list(ObjectKind::key, stop)) {
    const std::string& id = object.name.id;
    if (id.size() == 34 && is_hex(id.substr(0, 32), 32) && (id.ends_with(".1") || id.ends_with(".2")))
      slots[id.substr(0, 32)].insert(id);
    else
      findings.remark(object.name.to_string(), tr("it is not part of a repository, and ignored"));
  }
  if (!slots.contains(to_hex(repository.keys().slot().view())))
    findings.absence(Topic::record, "keys/" + to_hex(repository.keys().slot().view()),
                     tr("the key slot that the repository was opened with is gone"));
  LabelKeys labels(repository, stop);
  for (const auto& [slot, copies] : slots) {
    const Id16 id = Id16::from(*from_hex(slot));
    const auto first = check_slot_copy(repository, id, {ObjectKind::key, slot + ".1"}, labels, findings, stop);
    const auto second = check_slot_copy(repository, id, {ObjectKind::key, slot + ".2"}, labels, findings, stop);
    if (first && second && *first != *second)
      findings.damage(Topic::record, "keys/" + slot, tr("the two copies of this key slot differ"));
  }
}

void check_grants(const Repository& repository, Findings& findings, std::stop_token stop) {
  for (const DamagedObject& damaged : damaged_grants(repository.root(), repository.config(), stop))
    findings.damage(
        Topic::record, damaged.name.to_string(),
        (damaged.error.code() == ErrorCode::not_found
             ? std::string(tr("this copy of a record of the repository's keys is missing."))
             : trf("this copy of a record of the repository's keys cannot be used: {}.", damaged.error.what())) +
            " " + tr("Make new ones with 'igudar key rotate'."));
}

void remark_untested_recovery_keys(const Repository& repository, Findings& findings, std::stop_token stop) {
  for (const SlotInfo& slot : list_slots(repository, stop)) {
    if (!slot.is_recovery_key) continue;
    const std::string name = "keys/" + slot.id;
    const TimeNs age = slot.tested ? wall_clock_ns() - *slot.tested : 0;
    if (!slot.tested)
      findings.remark(name, tr("its recovery key was never tested on this machine: igudar key recovery test"));
    else if (age > kRecoveryTestCounts)
      findings.remark(name,
                      trf("its recovery key was last tested {} days ago: igudar key recovery test", age / kNsPerDay));
  }
}

void check_leases(const Repository& repository, Findings& findings, std::stop_token stop) {
  for (const ListedLease& lease : list_leases(repository, stop)) {
    const std::string name = lease.name.to_string();
    if (lease.unreadable)
      findings.remark(name, trf("this lease cannot be read; until it lapses it may hold off a prune: {}",
                                lease.unreadable->what()));
    else if (lease.liveness != LeaseLiveness::live)
      findings.remark(name, tr("left by an interrupted run; it does no harm"));
  }
}

GcState check_generations(const Repository& repository, Findings& findings, std::stop_token stop) {
  std::map<std::pair<std::uint64_t, bool>, ObjectName> records;
  std::uint64_t newest = 0;
  for (const ObjectInfo& object : repository.store().list(ObjectKind::gc, stop)) {
    const auto parsed = parse_gc_id(object.name.id);
    if (!parsed) {
      findings.remark(object.name.to_string(), tr("it is not part of a repository, and ignored"));
      continue;
    }
    records[*parsed] = object.name;
    newest = std::max(newest, parsed->first);
  }
  for (const auto& [key, name] : records) {
    const std::optional<Error> error = decode_gc_record(repository, name, key.first, key.second, stop);
    if (error && key.first == newest)
      findings.damage(
          Topic::record, name.to_string(),
          trf("this record of garbage collection is damaged ({}); the next prune supersedes it", error->what()));
    else if (error)
      findings.remark(name.to_string(), trf("an old record that nobody needs is damaged: {}", error->what()));
  }
  if (newest > 0 && !records.contains({newest, false}))
    findings.absence(
        Topic::record, "gc/" + gc_object_id(newest),
        tr("this record of garbage collection was lost or is hidden by the storage; its sweep is recorded"));
  if (newest > 0 && !records.contains({newest, true}))
    findings.remark("gc/" + swept_object_id(newest),
                    tr("not there: a prune is not over, and the next one goes on with it"));
  try {
    std::vector<DamagedObject> told;
    return read_gc_state(repository, told, stop);
  } catch (const Error& error) {
    if (!is_about_object(error)) throw;
    GcState unknown;
    unknown.generation = newest;
    return unknown;
  }
}

SnapshotCatalogue check_catalogue(const Repository& repository, const GcState& gc, Findings& findings,
                                  std::stop_token stop) {
  SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::store, stop);
  remark_foreign(repository, ObjectKind::snapshot, 64, findings, stop);
  remark_foreign(repository, ObjectKind::tombstone, 64, findings, stop);
  for (const DamagedObject& damaged : catalogue.damaged()) {
    findings.damage(Topic::record, damaged.name.to_string(), damaged.error.what());
    if (damaged.name.kind == ObjectKind::snapshot) findings.affect(SnapshotId::from(*from_hex(damaged.name.id)));
  }
  for (const Id32& id : catalogue.missing())
    findings.absence(Topic::record, "snapshots/" + to_hex(id.view()),
                     tr("this record (a snapshot, or a tombstone of that id) was lost or is hidden by the storage: "
                        "another record names it"));
  const std::set<SnapshotId> replayed(catalogue.replayed().begin(), catalogue.replayed().end());
  for (const SnapshotId& id : replayed)
    findings.damage(Topic::record, "snapshots/" + to_hex(id.view()),
                    tr("it was forgotten, and the storage brought it back; it stays forgotten"));
  for (const SnapshotId& id : catalogue.leftovers())
    if (!replayed.contains(id))
      findings.remark("snapshots/" + to_hex(id.view()),
                      tr("forgotten, but not removed yet: left by an interrupted run"));
  for (const CataloguedSnapshot& each : catalogue.snapshots())
    if (each.snapshot.generation > gc.generation)
      findings.absence(
          Topic::record, "gc/" + gc_object_id(each.snapshot.generation),
          tr("this record of garbage collection was lost or is hidden by the storage: a snapshot names it"));
  return catalogue;
}

void check_registry(const Repository& repository, Findings& findings, std::stop_token stop) {
  remark_foreign(repository, ObjectKind::registry, 64, findings, stop);
  const Registry registry = Registry::load(repository, stop);
  for (const DamagedObject& damaged : registry.damaged())
    findings.damage(Topic::record, damaged.name.to_string(), damaged.error.what());
}

void check_known_heads(LocalState& local, const SnapshotCatalogue& catalogue, Findings& findings) {
  for (const Id32& id : local.lost_heads(catalogue))
    findings.absence(Topic::record, "snapshots/" + to_hex(id.view()),
                     tr("this record (a snapshot, or a tombstone of that id) was lost or is hidden by the storage: "
                        "this machine saw it before"));
}

}  // namespace igudar
