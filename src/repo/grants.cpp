#include "repo/grants.h"

#include <algorithm>
#include <map>

#include "base/hex.h"
#include "base/translate.h"
#include "crypto/hash.h"
#include "repo/twin_objects.h"

namespace igudar {

namespace {

// HOLDER.EPOCH: the beginnings of the SHA-256 of the holder's signing key and of the epoch's public data key.
std::string holder_digits(const Id32& signer) {
  return to_hex(sha256(signer.view()).view().first(16));
}
std::string epoch_digits(const BoxPublicKey& data_public_key) {
  return "." + to_hex(sha256(data_public_key.view()).view().first(8));
}

std::string epoch_prefix(const Id16& domain) {
  return to_hex(domain.view()) + ".";
}
std::string epoch_stem(const Id16& domain, std::uint16_t epoch) {
  return epoch_prefix(domain) + std::to_string(epoch);
}

template <typename Record>
struct Stored {
  Record record;
  Bytes object;
};

Twins<Stored<Grant>> read_grant(const ObjectStore& root, const Config& config, const std::string& stem,
                                const std::stop_token& stop) {
  const auto decode = [&](Bytes object) {
    Stored<Grant> read{decode_grant(config.repository, config.authority, object), std::move(object)};
    if (!stem.starts_with(holder_digits(read.record.signer) + "."))
      throw Error(ErrorCode::forged, tr("a grant of keys is under another holder's name"));
    return read;
  };
  return read_twins(root, ObjectKind::grant, stem, decode, stop);
}

Twins<Stored<EpochRecord>> read_epoch(const ObjectStore& root, const Config& config, const std::string& stem,
                                      const std::stop_token& stop) {
  const auto decode = [&](Bytes object) {
    Stored<EpochRecord> epoch{decode_epoch_record(config.repository, config.authority, object), std::move(object)};
    if (stem != epoch_stem(epoch.record.domain, epoch.record.epoch))
      throw Error(ErrorCode::forged, tr("an epoch of keys is under another one's name"));
    return epoch;
  };
  return read_twins(root, ObjectKind::epoch, stem, decode, stop);
}

// Those of a domain but for the ones whose names end in `kept`.
void remove_grants(ObjectStore& root, const Config& config, const Id16& domain, const std::string* kept,
                   const std::stop_token& stop) {
  for (const std::string& stem : list_twins(root, ObjectKind::grant, stop)) {
    if (kept != nullptr && stem.ends_with(*kept)) continue;
    const std::optional<Stored<Grant>> read = read_grant(root, config, stem, stop).value;
    if (read && read->record.domain == domain) remove_twins(root, ObjectKind::grant, stem, stop);
  }
}

template <typename T>
void add_unusable(const Twins<T>& twins, std::vector<DamagedObject>& damaged) {
  damaged.insert(damaged.end(), twins.damaged.begin(), twins.damaged.end());
  damaged.insert(damaged.end(), twins.newer.begin(), twins.newer.end());
}

}  // namespace

const DomainEpochs* StoredEpochs::find(const Id16& domain) const {
  const auto found =
      std::find_if(domains.begin(), domains.end(), [&](const DomainEpochs& each) { return each.domain == domain; });
  return found == domains.end() ? nullptr : &*found;
}

StoredEpochs load_epochs(const ObjectStore& root, const Config& config, const std::optional<Id16>& domain,
                         std::stop_token stop) {
  StoredEpochs result;
  const std::string prefix = domain ? epoch_prefix(*domain) : "";
  std::map<Id16, std::map<std::uint16_t, Stored<EpochRecord>>> found;
  for (const std::string& stem : list_twins(root, ObjectKind::epoch, stop)) {
    if (!stem.starts_with(prefix)) continue;
    Twins<Stored<EpochRecord>> twins = read_epoch(root, config, stem, stop);
    if (twins.value) found[twins.value->record.domain].emplace(twins.value->record.epoch, std::move(*twins.value));
    add_unusable(twins, result.damaged);
  }
  for (auto& [id, epochs] : found) {
    DomainEpochs& one = result.domains.emplace_back();
    one.domain = id;
    one.newest_hash = sha256(epochs.rbegin()->second.object);
    for (auto& [number, epoch] : epochs) one.records.push_back(std::move(epoch.record));
  }
  return result;
}

void put_epoch(ObjectStore& root, const Config& config, const EpochRecord& record, const SigningKey& authority,
               std::stop_token stop) {
  put_twins(root, ObjectKind::epoch, epoch_stem(record.domain, record.epoch),
            encode_epoch_record(config.repository, record, authority), stop);
}

std::vector<Grant> load_grants(const ObjectStore& root, const Config& config, std::stop_token stop) {
  std::vector<Grant> grants;
  for (const std::string& stem : list_twins(root, ObjectKind::grant, stop))
    if (std::optional<Stored<Grant>> read = read_grant(root, config, stem, stop).value)
      grants.push_back(std::move(read->record));
  return grants;
}

std::optional<Grant> load_grant(const ObjectStore& root, const Config& config, const Id32& signer,
                                const BoxPublicKey& data_public_key, std::stop_token stop) {
  std::optional<Stored<Grant>> read =
      read_grant(root, config, holder_digits(signer) + epoch_digits(data_public_key), stop).value;
  if (!read) return std::nullopt;
  return std::move(read->record);
}

EpochKeys granted_keys(const EpochKeys& keys, Capability capability) {
  EpochKeys granted = keys.clone();
  if (capability != Capability::full) granted.data_secret_key = {};
  if (capability == Capability::maintain) {
    granted.id_key = {};
    granted.chunker_key = {};
  }
  return granted;
}

void put_grant(ObjectStore& root, const Config& config, const Id16& domain, const std::string& domain_name,
               const std::vector<EpochKeys>& epochs, const Holder& holder, const SigningKey& authority,
               std::stop_token stop) {
  GrantedKeys keys;
  keys.domain_name = domain_name;
  keys.certificate = certify(authority, domain, holder.signer, holder.capability);
  for (const EpochKeys& each : epochs) keys.epochs.push_back(granted_keys(each, holder.capability));
  const EpochKeys& newest = epochs.back();
  const Grant grant{domain, newest.epoch, holder.signer, holder.box, holder.capability, wall_clock_ns(), {}};
  put_twins(root, ObjectKind::grant, holder_digits(holder.signer) + epoch_digits(newest.data_public_key),
            encode_grant(config.repository, grant, keys, authority), stop);
}

void remove_grants_of(ObjectStore& root, const Id32& signer, std::stop_token stop) {
  const std::string holder = holder_digits(signer) + ".";
  for (const std::string& stem : list_twins(root, ObjectKind::grant, stop))
    if (stem.starts_with(holder)) remove_twins(root, ObjectKind::grant, stem, stop);
}

void remove_grants_in(ObjectStore& root, const Config& config, const Id16& domain, std::stop_token stop) {
  remove_grants(root, config, domain, nullptr, stop);
}

void keep_grants_for(ObjectStore& root, const Config& config, const Id16& domain, const BoxPublicKey& data_public_key,
                     std::stop_token stop) {
  const std::string kept = epoch_digits(data_public_key);
  remove_grants(root, config, domain, &kept, stop);
}

void mend_grants(ObjectStore& root, const Config& config, std::stop_token stop) {
  const auto mend = [&](const auto& twins) {
    if (twins.value && !twins.damaged.empty()) mend_twins(root, twins.damaged, twins.value->object, stop);
  };
  for (const std::string& stem : list_twins(root, ObjectKind::epoch, stop)) mend(read_epoch(root, config, stem, stop));
  for (const std::string& stem : list_twins(root, ObjectKind::grant, stop)) mend(read_grant(root, config, stem, stop));
}

std::vector<DamagedObject> damaged_grants(const ObjectStore& root, const Config& config, std::stop_token stop) {
  std::vector<DamagedObject> damaged = load_epochs(root, config, std::nullopt, stop).damaged;
  for (const std::string& stem : list_twins(root, ObjectKind::grant, stop))
    add_unusable(read_grant(root, config, stem, stop), damaged);
  return damaged;
}

}  // namespace igudar
