#include "repo/key_rotation.h"

#include <algorithm>
#include <limits>
#include <map>

#include "base/hex.h"
#include "base/translate.h"
#include "repo/domain_access.h"
#include "repo/gc_state.h"
#include "repo/grants.h"
#include "repo/key_slots.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

namespace {

bool contains(const std::vector<Id32>& keys, const Id32& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// What was signed by a key until now. A record that cannot be read now does not count later either.
Withdrawal withdraw(const Repository& repository, const Id32& signer, const SnapshotCatalogue& catalogue,
                    const std::stop_token& stop) {
  Withdrawal withdrawal;
  withdrawal.signer = signer;
  withdrawal.time = wall_clock_ns();
  withdrawal.generation = list_generation(repository, stop).number;
  for (const CataloguedSnapshot& each : catalogue.snapshots())
    if (each.snapshot.signer == signer) withdrawal.accepted.push_back(each.id);
  for (const CataloguedTombstone& each : catalogue.tombstones())
    if (each.tombstone.signer == signer) withdrawal.accepted.push_back(each.id);
  return withdrawal;
}

// What is known of the domain, and what one's own grants hold beyond it: of epochs whose objects were lost, or that an
// interrupted rotation never began.
std::vector<EpochKeys> all_epochs(const KeyRing& keys, const std::vector<Grant>& grants) {
  std::map<std::uint16_t, EpochKeys> epochs;
  for (const EpochKeys& each : keys.epochs()) epochs.emplace(each.epoch, each.clone());
  for (const Grant& grant : grants) {
    if (grant.domain != keys.domain() || grant.signer != keys.signer().key.public_key) continue;
    std::optional<GrantedKeys> granted = open_grant(grant, holder_box(keys.signer().key, grant.box.kind()));
    if (!granted) continue;
    for (EpochKeys& each : granted->epochs) epochs.try_emplace(each.epoch, std::move(each));
  }
  std::vector<EpochKeys> result;
  for (auto& [number, each] : epochs) result.push_back(std::move(each));
  return result;
}

// Everyone who was granted this epoch or a later one.
std::vector<Holder> holders_since(const Id16& domain, std::uint16_t epoch, const std::vector<Grant>& grants) {
  std::map<Id32, Holder> holders;
  for (const Grant& grant : grants)
    if (grant.domain == domain && grant.epoch >= epoch)
      holders.try_emplace(grant.signer, Holder{grant.signer, grant.box, grant.capability});
  std::vector<Holder> result;
  for (const auto& [signer, holder] : holders) result.push_back(holder);
  return result;
}

// Slots that are granted nothing at all: what granted them something is lost.
std::vector<std::string> left_over(const Repository& repository, const std::vector<Grant>& all,
                                   const std::vector<Id32>& withdrawn, const std::stop_token& stop) {
  std::vector<std::string> left;
  for (const SlotInfo& slot : list_slots(repository, stop)) {
    const bool granted =
        std::any_of(all.begin(), all.end(), [&](const Grant& grant) { return grant.signer == slot.signer; });
    if (slot.readable && !granted && !contains(withdrawn, slot.signer)) left.push_back(slot.id);
  }
  return left;
}

}  // namespace

KeyRotation rotate_keys(const Repository& repository, const RotateOptions& options, std::stop_token stop) {
  require_may_add(repository);
  const KeyRing& keys = repository.keys();
  const Config& config = repository.config();
  const EpochKeys& newest = keys.epochs().back();
  mend_grants(repository.root(), config, stop);
  const StoredEpochs stored = load_epochs(repository.root(), config, keys.domain(), stop);
  const DomainEpochs* before = stored.find(keys.domain());
  if (before != nullptr && before->records.back().epoch > newest.epoch)
    throw Error(ErrorCode::already_exists, tr("somebody else changed the keys of this domain meanwhile"),
                tr("Run the command again."));

  const std::vector<Grant> all = load_grants(repository.root(), config, stop);
  std::vector<EpochKeys> epochs = all_epochs(keys, all);
  if (epochs.back().epoch == std::numeric_limits<std::uint16_t>::max())
    throw Error(ErrorCode::unsupported, tr("the keys of this domain were changed as often as the format allows"));
  epochs.push_back(next_epoch(epochs.back(), options.suite.value_or(newest.suite)));
  const EpochKeys& next = epochs.back();
  EpochRecord record{keys.domain(), next.epoch, wall_clock_ns(), next.data_public_key, next.suite,
                     std::nullopt,  {},         options.older};
  if (before != nullptr) record.before = before->newest_hash;
  if (!options.withdrawn.empty()) {
    const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::store, stop);
    for (const Id32& signer : options.withdrawn)
      record.withdrawals.push_back(withdraw(repository, signer, catalogue, stop));
  }

  const SigningKey authority = signing_key_from_seed(keys.secrets().authority_seed.view());
  KeyRotation rotation;
  rotation.epoch = next.epoch;
  for (const Holder& holder : holders_since(keys.domain(), newest.epoch, all)) {
    if (contains(options.withdrawn, holder.signer)) continue;
    put_grant(repository.root(), config, keys.domain(), keys.domain_name(), epochs, holder, authority, stop);
    ++rotation.holders;
  }
  rotation.left_over = left_over(repository, all, options.withdrawn, stop);
  put_epoch(repository.root(), config, record, authority, stop);
  keep_grants_for(repository.root(), config, keys.domain(), next.data_public_key, stop);
  return rotation;
}

Rekeying rekeying_asked(const Repository& repository, std::stop_token stop) {
  const StoredEpochs stored = load_epochs(repository.root(), repository.config(), repository.keys().domain(), stop);
  const DomainEpochs* epochs = stored.find(repository.keys().domain());
  return epochs == nullptr ? Rekeying::none : epochs->records.back().older;
}

std::string revoke_slot(const Repository& repository, const std::string& id_prefix, std::stop_token stop) {
  require_may_add(repository);
  const SlotInfo slot = find_removable_slot(repository, id_prefix, stop);
  if (!slot.readable)
    throw Error(ErrorCode::damaged, trf("the key slot {} cannot be read, so what it signs with is not known", slot.id),
                tr("'igudar key remove' removes it; 'igudar key rotate' changes the keys for all others."));
  for (const DomainInfo& domain : list_domains(repository, stop)) {
    if (domain.name.empty()) continue;
    const Repository opened = repository.open_domain(domain.id, stop);
    const BoxPublicKey& newest = opened.keys().epochs().back().data_public_key;
    if (load_grant(repository.root(), repository.config(), slot.signer, newest, stop))
      rotate_keys(opened, {.withdrawn = {slot.signer}}, stop);
  }
  return remove_slot(repository, id_prefix, stop);
}

}  // namespace igudar
