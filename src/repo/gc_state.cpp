#include "repo/gc_state.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/hex.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLargestRecord = 256U << 20;
constexpr int kListings = 8;

ObjectName gc_name(std::string id) {
  return {ObjectKind::gc, std::move(id)};
}

// The generation that a record is about; nullopt for a foreign name.
std::optional<std::uint64_t> generation_of(const std::string& id) {
  const std::optional<Bytes> number = from_hex(std::string_view(id).substr(0, 16));
  if (!number || number->size() != 8) return std::nullopt;
  std::uint64_t generation = 0;
  for (const std::uint8_t byte : *number) generation = generation << 8 | byte;
  if (id != gc_object_id(generation) && id != swept_object_id(generation)) return std::nullopt;
  return generation;
}

SweptMark read_swept_mark(const Repository& repository, std::uint64_t generation, const std::stop_token& stop) {
  const Bytes object = repository.store().get(gc_name(swept_object_id(generation)), kLargestRecord, stop);
  const KeyRing& keys = repository.keys();
  SweptMark mark =
      decode_swept_mark(repository.record_context(), keys.index_keys(), keys.authority(), generation, object);
  keys.require_counted(mark.signer, generation);
  return mark;
}

// What is done about damage found in a record.
using OnDamage = std::function<void(const ObjectName& name, const Error& error)>;

GcState read_generation(const Repository& repository, const Generation& newest, const OnDamage& on_damage,
                        const std::stop_token& stop) {
  GcState state;
  state.generation = newest.number;
  state.swept = newest.swept;
  if (newest.number == 0) return state;
  try {
    const Condemnation condemnation = read_condemnation(repository, newest.number, stop);
    state.condemned.insert(condemnation.packs.begin(), condemnation.packs.end());
    state.condemned_segments.insert(condemnation.segments.begin(), condemnation.segments.end());
  } catch (const Error& error) {
    if (!is_damage(error)) throw;
    on_damage(gc_name(gc_object_id(newest.number)), error);
    state.swept = true;
    return state;
  }
  if (!newest.swept) return state;
  try {
    (void)read_swept_mark(repository, newest.number, stop);
  } catch (const Error& error) {
    if (!is_damage(error)) throw;
    on_damage(gc_name(swept_object_id(newest.number)), error);
    state.swept = false;
  }
  return state;
}

// A record that is listed and then not there was withdrawn (P4) or superseded (P8): another listing tells by what.
GcState read_state(const Repository& repository, const OnDamage& on_damage, const std::stop_token& stop) {
  for (int listing = 1;; ++listing) {
    try {
      return read_generation(repository, list_generation(repository, stop), on_damage, stop);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found || listing == kListings) throw;
    }
  }
}

}  // namespace

void require_pruning_rights(const KeyRing& keys) {
  if (keys.capability() != Capability::write) return;
  throw Error(ErrorCode::permission, tr("this key slot does not allow to delete anything"),
              tr("Use the password of a slot with the capability 'full' or 'maintain'."));
}

Generation list_generation(const Repository& repository, std::stop_token stop) {
  std::set<std::string> ids;
  Generation newest;
  for (ObjectInfo& object : repository.store().list(ObjectKind::gc, stop)) {
    const std::optional<std::uint64_t> generation = generation_of(object.name.id);
    if (generation && object.name.id == gc_object_id(*generation)) newest.number = std::max(newest.number, *generation);
    ids.insert(std::move(object.name.id));
  }
  newest.swept = newest.number == 0 || ids.contains(swept_object_id(newest.number));
  return newest;
}

GcState read_gc_state(const Repository& repository, std::stop_token stop) {
  const auto fail = [](const ObjectName& name, const Error& error) {
    throw Error(ErrorCode::damaged, trf("the object {} is damaged: {}", name.to_string(), error.what()),
                tr("Run 'igudar prune': it replaces the record."));
  };
  return read_state(repository, fail, stop);
}

GcState read_gc_state(const Repository& repository, std::vector<DamagedObject>& damaged, std::stop_token stop) {
  const auto collect = [&](const ObjectName& name, const Error& error) { damaged.push_back({name, error}); };
  return read_state(repository, collect, stop);
}

Condemnation read_condemnation(const Repository& repository, std::uint64_t generation, std::stop_token stop) {
  const Bytes object = repository.store().get(gc_name(gc_object_id(generation)), kLargestRecord, stop);
  const KeyRing& keys = repository.keys();
  Condemnation condemnation =
      decode_condemnation(repository.record_context(), keys.index_keys(), keys.authority(), generation, object);
  keys.require_counted(condemnation.signer, generation);
  return condemnation;
}

bool create_condemnation(const Repository& repository, const Condemnation& condemnation, std::stop_token stop) {
  require_pruning_rights(repository.keys());
  const ObjectName name = gc_name(gc_object_id(condemnation.generation));
  const Bytes object = encode_condemnation(repository.record_context(), repository.keys().index_keys(),
                                           repository.keys().signer(), condemnation);
  try {
    repository.store().put(name, object, Durability::durable, stop);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::already_exists) throw;
    return false;
  }
  if (list_generation(repository, stop).number == condemnation.generation) return true;
  repository.store().remove(name, stop);
  return false;
}

void put_swept(const Repository& repository, const SweptMark& mark, std::stop_token stop) {
  require_pruning_rights(repository.keys());
  const Bytes object =
      encode_swept_mark(repository.record_context(), repository.keys().index_keys(), repository.keys().signer(), mark);
  try {
    repository.store().put(gc_name(swept_object_id(mark.generation)), object, Durability::durable, stop);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::already_exists) throw;
  }
}

void remove_old_gc_records(const Repository& repository, std::uint64_t generation, std::stop_token stop) {
  require_pruning_rights(repository.keys());
  for (const ObjectInfo& object : repository.store().list(ObjectKind::gc, stop)) {
    const std::optional<std::uint64_t> of = generation_of(object.name.id);
    if (of && *of < generation) repository.store().remove(object.name, stop);
  }
}

}  // namespace igudar
