#include "repo/key_slots.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/hex.h"
#include "base/host_name.h"
#include "base/translate.h"
#include "crypto/random.h"
#include "repo/domain_access.h"
#include "repo/grants.h"
#include "repo/local_identity.h"
#include "repo/recovery_tests.h"
#include "repo/requests.h"
#include "repo/twin_objects.h"

namespace igudar {

namespace {

constexpr std::size_t kIdDigits = 32;

// The ids of all slots of which any copy is listed.
std::vector<std::string> list_slot_ids(const ObjectStore& store, const std::stop_token& stop) {
  std::vector<std::string> ids = list_twins(store, ObjectKind::key, stop);
  std::erase_if(ids, [](const std::string& id) { return id.size() != kIdDigits || !from_hex(id); });
  return ids;
}

StoredSlot load_slot(const ObjectStore& store, const std::string& id, const std::stop_token& stop) {
  StoredSlot result;
  result.id = Id16::from(*from_hex(id));
  auto twins = read_twins(
      store, ObjectKind::key, id, [&](const Bytes& object) { return parse_slot(result.id, object); }, stop);
  if (twins.value) result.slot = std::move(*twins.value);
  result.other_recipient = !twins.newer.empty() || (twins.value && !result.slot);
  result.damaged = std::move(twins.damaged);
  return result;
}

SlotInfo find_slot(const std::vector<SlotInfo>& slots, const std::string& id_prefix) {
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
  const std::vector<std::string> ids = list_slot_ids(store, stop);
  std::vector<StoredSlot> slots(ids.size());
  ask_side_by_side(store, ids.size(), stop, [&](std::size_t i) { slots[i] = load_slot(store, ids[i], stop); });
  return slots;
}

const IndexKeys* LabelKeys::of(const KeySlot& slot) {
  return of(slot.label_domain.value_or(repository_.config().repository));
}

const IndexKeys* LabelKeys::of(const Id16& domain) {
  if (domain == repository_.keys().domain()) return &repository_.keys().index_keys();
  auto known = others_.find(domain);
  if (known == others_.end()) {
    std::optional<Repository> opened;
    try {
      opened.emplace(repository_.open_domain(domain, stop_));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;
    }
    known = others_.emplace(domain, std::move(opened)).first;
  }
  return known->second ? &known->second->keys().index_keys() : nullptr;
}

Id16 store_slot(ObjectStore& root, const Recipient& recipient, const SlotSecrets& secrets, const IndexKeys& label_keys,
                const std::optional<Id16>& label_domain, std::stop_token stop) {
  const Id16 id = random_id<16>();
  const SlotLabel label{secrets.signer.capability,     wall_clock_ns(), user_name(), host_name(),
                        secrets.signer.key.public_key, recipient.name()};
  const LockedSlotKey locked = recipient.lock_new_key();
  const Bytes object =
      encode_slot(id, locked.recipient, locked.slot_key.view(), secrets, label_keys, label_domain, label);
  put_twins(root, ObjectKind::key, to_hex(id.view()), object, stop);
  return id;
}

std::vector<SlotInfo> list_slots(const Repository& repository, std::stop_token stop) {
  const std::map<std::string, TimeNs> tests = recovery_tests(repository);
  LabelKeys labels(repository, stop);
  std::vector<SlotInfo> result;
  for (const StoredSlot& stored : load_slots(repository.root(), stop)) {
    SlotInfo& info = result.emplace_back();
    info.id = to_hex(stored.id.view());
    info.current = stored.id == repository.keys().slot();
    info.readable = stored.slot.has_value();
    info.recipient = stored.slot              ? describe(stored.slot->recipient, "")
                     : stored.other_recipient ? tr("of a newer kind")
                                              : tr("damaged");
    if (!stored.slot) continue;
    if (stored.slot->recipient.kind == RecipientKind::password) info.kdf = stored.slot->recipient.kdf;
    info.is_recovery_key = stored.slot->recipient.kind == RecipientKind::recovery;
    if (const auto test = tests.find(info.id); info.is_recovery_key && test != tests.end()) info.tested = test->second;
    const IndexKeys* keys = labels.of(*stored.slot);
    info.readable = keys != nullptr;
    if (keys == nullptr) continue;
    try {
      SlotLabel label = open_slot_label(*stored.slot, *keys);
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
  const KeyRing& keys = repository.keys();
  const SlotSecrets& own = keys.secrets();
  const Config& config = repository.config();
  const SigningKey authority = signing_key_from_seed(own.authority_seed.view());
  const bool of_main = keys.domain() == config.repository;

  SlotSecrets secrets;
  secrets.signer.key = generate_signing_key();
  secrets.signer.capability = capability;
  secrets.signer.certificate = certify(authority, keys.domain(), secrets.signer.key.public_key, capability);
  secrets.authority = own.authority;
  secrets.config = own.config;
  if (of_main) {
    for (const EpochKeys& epoch : keys.epochs()) secrets.epochs.push_back(granted_keys(epoch, capability));
    if (capability == Capability::full) secrets.authority_seed = own.authority_seed.clone();
  }
  const Holder holder{secrets.signer.key.public_key, holder_box(secrets.signer.key, config.box_kind()).public_key,
                      capability};
  const auto grant = [&](const KeyRing& domain) {
    put_grant(repository.root(), config, domain.domain(), domain.domain_name(), domain.epochs(), holder, authority,
              stop);
  };
  grant(keys);
  if (of_main && capability == Capability::full)
    for (const DomainInfo& domain : list_domains(repository, stop))
      if (domain.id != config.repository && !domain.name.empty()) grant(repository.open_domain(domain.id, stop).keys());
  return to_hex(store_slot(repository.root(), recipient, secrets, keys.index_keys(),
                           of_main ? std::nullopt : std::optional(keys.domain()), stop)
                    .view());
}

SlotInfo find_removable_slot(const Repository& repository, const std::string& id_prefix, std::stop_token stop) {
  if (repository.keys().capability() != Capability::full)
    throw Error(ErrorCode::permission, tr("this key slot may not remove others"),
                tr("Use the password of a slot with the capability 'full'."));
  SlotInfo slot = find_slot(list_slots(repository, stop), id_prefix);
  if (slot.current)
    throw Error(ErrorCode::usage, tr("the key slot in use cannot be removed"),
                tr("Open the repository with the password of another slot, then remove this one."));
  return slot;
}

std::string remove_slot(const Repository& repository, const std::string& id_prefix, std::stop_token stop) {
  const SlotInfo slot = find_removable_slot(repository, id_prefix, stop);
  remove_twins(repository.root(), ObjectKind::key, slot.id, stop);
  const auto shares_keys = [&](const SlotInfo& other) { return other.id != slot.id && other.signer == slot.signer; };
  const std::vector<SlotInfo> slots = list_slots(repository, stop);
  if (slot.readable && std::none_of(slots.begin(), slots.end(), shares_keys))
    remove_grants_of(repository.root(), slot.signer, stop);
  return slot.id;
}

std::string replace_slot(const Repository& repository, const Recipient& recipient, std::stop_token stop) {
  const KeyRing& keys = repository.keys();
  const Id16& main = repository.config().repository;
  SlotSecrets secrets = keys.secrets().clone();
  const Id16 domain = secrets.epochs.empty() ? keys.domain() : main;
  if (domain == main && keys.domain() == main) {
    secrets.epochs.clear();
    for (const EpochKeys& epoch : keys.epochs()) secrets.epochs.push_back(epoch.clone());
  }
  LabelKeys labels(repository, stop);
  const Id16 id = store_slot(repository.root(), recipient, secrets, *labels.of(domain),
                             domain == main ? std::nullopt : std::optional(domain), stop);
  remove_twins(repository.root(), ObjectKind::key, to_hex(keys.slot().view()), stop);
  return to_hex(id.view());
}

std::optional<SlotRecipient> current_recipient(const Repository& repository, std::stop_token stop) {
  StoredSlot stored = load_slot(repository.root(), to_hex(repository.keys().slot().view()), stop);
  if (!stored.slot) return std::nullopt;
  return std::move(stored.slot->recipient);
}

}  // namespace igudar
