#include "repo/key_slots.h"

#include <algorithm>
#include <map>

#include "base/hex.h"
#include "base/host_name.h"
#include "base/translate.h"
#include "crypto/random.h"
#include "repo/local_identity.h"
#include "repo/recovery_tests.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLargestSlot = 1U << 20;
constexpr const char* kCopies[] = {".1", ".2"};

ObjectName copy_name(const std::string& slot, const char* copy) {
  return {ObjectKind::key, slot + copy};
}

// Where there is no repository there may be no folder either: that is no key slot.
std::vector<ObjectInfo> list_keys(const ObjectStore& store, const std::stop_token& stop) {
  try {
    return store.list(ObjectKind::key, stop);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    return {};
  }
}

// The ids of all slots of which any copy is listed.
std::vector<std::string> list_slot_ids(const ObjectStore& store, const std::stop_token& stop) {
  std::vector<std::string> ids;
  for (const ObjectInfo& object : list_keys(store, stop)) {
    const std::string id = object.name.id.substr(0, 32);
    const std::string copy = object.name.id.substr(id.size());
    if ((copy != kCopies[0] && copy != kCopies[1]) || !from_hex(id)) continue;
    if (ids.empty() || ids.back() != id) ids.push_back(id);
  }
  return ids;
}

StoredSlot load_slot(const ObjectStore& store, const std::string& id, const std::stop_token& stop) {
  StoredSlot result;
  result.id = Id16::from(*from_hex(id));
  for (const char* copy : kCopies) {
    const ObjectName name = copy_name(id, copy);
    try {
      std::optional<KeySlot> slot = parse_slot(result.id, store.get(name, kLargestSlot, stop));
      if (!slot) result.other_recipient = true;
      if (!result.slot) result.slot = std::move(slot);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::unsupported)
        result.other_recipient = true;  // of a newer program: others may open the repository
      else if (is_loss(error))
        result.damaged.push_back({name, error});
      else
        throw;
    }
  }
  return result;
}

// What a slot of `capability` is given of a domain.
DomainSecrets grant(const DomainSecrets& domain, Capability capability) {
  DomainSecrets granted = domain.clone();
  if (capability != Capability::full) granted.data_secret_key = {};
  if (capability == Capability::maintain) {
    granted.id_key = {};
    granted.chunker_key = {};
  }
  return granted;
}

void remove_copies(ObjectStore& store, const std::string& id, const std::stop_token& stop) {
  for (const char* copy : kCopies) store.remove(copy_name(id, copy), stop);
}

const SlotInfo& find_slot(const std::vector<SlotInfo>& slots, const std::string& id_prefix) {
  const SlotInfo* found = nullptr;
  for (const SlotInfo& slot : slots) {
    if (!slot.id.starts_with(id_prefix)) continue;
    if (found != nullptr)
      throw Error(ErrorCode::usage, trf("several key slots begin with '{}'", id_prefix), tr("Give more digits."));
    found = &slot;
  }
  if (found == nullptr)
    throw Error(ErrorCode::not_found, trf("there is no key slot '{}'", id_prefix), tr("See 'igudar key list'."));
  return *found;
}

}  // namespace

bool has_slots(const ObjectStore& store, std::stop_token stop) {
  return !list_slot_ids(store, stop).empty();
}

std::vector<StoredSlot> load_slots(const ObjectStore& store, std::stop_token stop) {
  std::vector<StoredSlot> slots;
  for (const std::string& id : list_slot_ids(store, stop)) slots.push_back(load_slot(store, id, stop));
  return slots;
}

Id16 store_slot(ObjectStore& store, const Recipient& recipient, const SlotSecrets& secrets, std::stop_token stop) {
  const Id16 id = random_id<16>();
  const SlotLabel label{secrets.signer.capability,     wall_clock_ns(), user_name(), host_name(),
                        secrets.signer.key.public_key, recipient.name()};
  const LockedSlotKey locked = recipient.lock_new_key();
  const Bytes object = encode_slot(id, locked.recipient, locked.slot_key.view(), secrets, label);
  for (const char* copy : kCopies) store.put(copy_name(to_hex(id.view()), copy), object, Durability::durable, stop);
  return id;
}

std::vector<SlotInfo> list_slots(const Repository& repository, std::stop_token stop) {
  const std::map<std::string, TimeNs> tests = recovery_tests(repository);
  std::vector<SlotInfo> result;
  for (const StoredSlot& stored : load_slots(repository.store(), stop)) {
    SlotInfo& info = result.emplace_back();
    info.id = to_hex(stored.id.view());
    info.current = stored.id == repository.keys().slot();
    info.readable = stored.slot.has_value();
    info.recipient = stored.slot              ? describe(stored.slot->recipient, "")
                     : stored.other_recipient ? tr("of a newer kind")
                                              : tr("damaged");
    if (!stored.slot) continue;
    info.is_recovery_key = stored.slot->recipient.kind == RecipientKind::recovery;
    if (const auto test = tests.find(info.id); info.is_recovery_key && test != tests.end()) info.tested = test->second;
    try {
      SlotLabel label = open_slot_label(*stored.slot, repository.keys().index_key());
      info.recipient = describe(stored.slot->recipient, label.recipient_name);
      info.capability = label.capability;
      info.created = label.created;
      info.user = std::move(label.user);
      info.host = std::move(label.host);
      info.signer = label.signer;
    } catch (const Error& error) {
      if (!is_damage(error)) throw;
      info.readable = false;
      info.recipient = tr("damaged");
    }
  }
  return result;
}

void require_may_add(const Repository& repository) {
  if (repository.keys().secrets().authority_seed.empty())
    throw Error(ErrorCode::permission, tr("this key slot may not add others"),
                tr("Use the password of a slot with the capability 'full'."));
}

std::string add_slot(const Repository& repository, const Recipient& recipient, Capability capability,
                     std::stop_token stop) {
  require_may_add(repository);
  const SlotSecrets& own = repository.keys().secrets();
  const SigningKey authority = signing_key_from_seed(own.authority_seed.view());

  SlotSecrets secrets;
  secrets.signer.key = generate_signing_key();
  secrets.signer.capability = capability;
  secrets.signer.certificate =
      certify(authority, repository.config().repository, secrets.signer.key.public_key, capability);
  secrets.authority = own.authority;
  if (capability == Capability::full) secrets.authority_seed = own.authority_seed.clone();
  for (const DomainSecrets& domain : own.domains) secrets.domains.push_back(grant(domain, capability));
  secrets.config = own.config;
  return to_hex(store_slot(repository.store(), recipient, secrets, stop).view());
}

std::string remove_slot(const Repository& repository, const std::string& id_prefix, std::stop_token stop) {
  if (repository.keys().capability() != Capability::full)
    throw Error(ErrorCode::permission, tr("this key slot may not remove others"),
                tr("Use the password of a slot with the capability 'full'."));
  const std::vector<SlotInfo> slots = list_slots(repository, stop);
  const SlotInfo& slot = find_slot(slots, id_prefix);
  if (slot.current)
    throw Error(ErrorCode::usage, tr("the key slot in use cannot be removed"),
                tr("Open the repository with the password of another slot, then remove this one."));
  remove_copies(repository.store(), slot.id, stop);
  return slot.id;
}

std::string replace_slot(const Repository& repository, const Recipient& recipient, std::stop_token stop) {
  const KeyRing& keys = repository.keys();
  const Id16 id = store_slot(repository.store(), recipient, keys.secrets(), stop);
  remove_copies(repository.store(), to_hex(keys.slot().view()), stop);
  return to_hex(id.view());
}

std::optional<SlotRecipient> current_recipient(const Repository& repository, std::stop_token stop) {
  StoredSlot stored = load_slot(repository.store(), to_hex(repository.keys().slot().view()), stop);
  if (!stored.slot) return std::nullopt;
  return std::move(stored.slot->recipient);
}

}  // namespace igudar
