#include "repo/registry.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/hex.h"
#include "base/translate.h"
#include "crypto/hash.h"
#include "crypto/sealed_box.h"
#include "repo/record_cache.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLargestEntry = 64U << 20;

std::optional<Id32> id_of(const ObjectName& name) {
  const std::optional<Bytes> id = from_hex(name.id);
  if (!id || id->size() != Id32::kSize || name.id != to_hex(*id)) return std::nullopt;
  return Id32::from(*id);
}

// Sealed under some epoch of the keys; which one only the right key tells.
std::optional<Bytes> open_personal(const KeyRing& keys, const RegistryEntry& entry) {
  if (entry.personal.empty() || !keys.can_read()) return std::nullopt;
  for (const EpochKeys& epoch : keys.epochs())
    if (!epoch.data_secret_key.empty())
      if (const std::optional<SecretBytes> opened =
              open_sealed(epoch.data_public_key, epoch.data_secret_key.view(), entry.personal))
        return copy_of(opened->view());
  throw Error(ErrorCode::damaged, tr("a registry entry's personal part does not decrypt"));
}

RegisteredEntry read_entry(const Repository& repository, const ObjectInfo& object, const Id32& id,
                           const std::stop_token& stop) {
  const Bytes bytes = repository.store().get(object.name, kLargestEntry, stop);
  if (!matches_name(object.name, bytes))
    throw Error(ErrorCode::damaged,
                trf("{} is damaged: its content is not what its name says", object.name.to_string()));
  const KeyRing& keys = repository.keys();
  RegisteredEntry read{id,
                       decode_registry_entry(repository.record_context(), keys.index_keys(), keys.authority(), bytes),
                       {},
                       object.stored_at};
  keys.require_counted(read.entry.signer, id);
  read.personal = open_personal(keys, read.entry);
  return read;
}

}  // namespace

Registry Registry::load(const Repository& repository, std::stop_token stop) {
  Registry registry;
  for (const ObjectInfo& object : repository.store().list(ObjectKind::registry, stop)) {
    const std::optional<Id32> id = id_of(object.name);
    if (!id) continue;
    try {
      registry.entries_.push_back(read_entry(repository, object, *id, stop));
    } catch (const Error& error) {
      if (!is_loss(error) && error.code() != ErrorCode::unsupported) throw;
      registry.damaged_.push_back({object.name, error});
    }
  }
  std::sort(registry.entries_.begin(), registry.entries_.end(), [](const RegisteredEntry& a, const RegisteredEntry& b) {
    return std::tie(a.entry.storage_time, a.id) < std::tie(b.entry.storage_time, b.id);
  });
  return registry;
}

std::vector<const RegisteredEntry*> Registry::current(RegistryType type) const {
  std::set<Id32> replaced;
  for (const RegisteredEntry& each : entries_)
    if (each.entry.type == type) replaced.insert(each.entry.replaced.begin(), each.entry.replaced.end());
  std::vector<const RegisteredEntry*> found;
  for (const RegisteredEntry& each : entries_)
    if (each.entry.type == type && !replaced.contains(each.id)) found.push_back(&each);
  return found;
}

std::vector<Id32> Registry::current_ids(RegistryType type,
                                        const std::function<bool(const RegisteredEntry&)>& matches) const {
  std::vector<Id32> ids;
  for (const RegisteredEntry* each : current(type))
    if (matches(*each)) ids.push_back(each->id);
  return ids;
}

const RegisteredEntry& Registry::find(RegistryType type, std::string_view id_prefix) const {
  const RegisteredEntry* found = nullptr;
  for (const RegisteredEntry& each : entries_) {
    if (each.entry.type != type || id_prefix.empty() || !to_hex(each.id.view()).starts_with(id_prefix)) continue;
    if (found != nullptr)
      throw Error(ErrorCode::usage, trf("several entries begin with '{}'", id_prefix), tr("Give more digits."));
    found = &each;
  }
  if (found == nullptr) throw Error(ErrorCode::not_found, trf("there is no entry '{}'", id_prefix));
  return *found;
}

void require_registry_rights(const KeyRing& keys) {
  if (keys.capability() == Capability::full) return;
  throw Error(ErrorCode::permission, tr("this key slot does not allow to change the repository's rules"),
              trf("Use the password of a slot with the capability '{}'.", "full"));
}

Id32 put_registry_entry(const Repository& repository, const NewEntry& entry, std::stop_token stop) {
  const KeyRing& keys = repository.keys();
  require_registry_rights(keys);
  RegistryEntry record;
  record.type = entry.type;
  record.time = wall_clock_ns();
  record.storage_time = repository.store().now(stop);
  record.replaced = entry.replaced;
  record.body = entry.body;
  if (!entry.personal.empty()) record.personal = seal_to(keys.epochs().back().data_public_key, entry.personal);
  const Bytes object = encode_registry_entry(repository.record_context(), keys.index_keys(), keys.signer(), record);
  const Id32 id = sha256(object);
  repository.store().put({ObjectKind::registry, to_hex(id.view())}, object, Durability::durable, stop);
  return id;
}

void copy_registry(const Repository& from, const Repository& to, std::stop_token stop) {
  std::set<ObjectName> there;
  for (const ObjectInfo& object : to.store().list(ObjectKind::registry, stop)) there.insert(object.name);
  for (const ObjectInfo& object : from.store().list(ObjectKind::registry, stop)) {
    if (there.contains(object.name)) continue;
    const Bytes bytes = from.store().get(object.name, kLargestEntry, stop);
    if (matches_name(object.name, bytes)) to.store().put(object.name, bytes, Durability::durable, stop);
  }
}

}  // namespace igudar
