#include "repo/domain_access.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "crypto/fips.h"
#include "crypto/random.h"
#include "crypto/sealed_box.h"
#include "repo/grants.h"

namespace igudar {

namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kLongestName = 100;

SecretBytes random_secret() {
  SecretBytes secret(kKeySize);
  fill_random(secret.span());
  return secret;
}

EpochKeys with_new_pair(EpochKeys keys, BoxKind kind) {
  BoxKeyPair data = generate_box_key_pair(kind);
  keys.index_key = random_secret();
  keys.data_public_key = data.public_key;
  keys.data_secret_key = std::move(data.secret_key);
  return keys;
}

// A repository that keeps to FIPS 140 has boxes of one kind, and one suite.
void require_allowed(CipherSuite suite, BoxKind kind) {
  if (kind == BoxKind::p256 && is_layered(suite))
    refuse_unapproved("ChaCha20-Poly1305", tr("Use the cipher suite aes-256-gcm."));
}

// The newest epochs of the domain, as they were granted; nullopt where they were not.
std::optional<DomainAccess> granted_access(const ObjectStore& root, const Config& config, const SlotSecrets& secrets,
                                           const DomainEpochs& epochs, const std::stop_token& stop) {
  const SigningKey& signing_key = secrets.signer.key;
  const std::optional<Grant> grant =
      load_grant(root, config, signing_key.public_key, epochs.records.back().data_public_key, stop);
  if (!grant || grant->domain != epochs.domain) return std::nullopt;
  std::optional<GrantedKeys> keys = open_grant(*grant, holder_box(signing_key, grant->box.kind()));
  if (!keys) return std::nullopt;
  DomainAccess access;
  access.domain = epochs.domain;
  access.name = std::move(keys->domain_name);
  access.signer = {{signing_key.public_key, signing_key.seed.clone()}, grant->capability, keys->certificate};
  access.epochs = std::move(keys->epochs);
  return access;
}

std::vector<Withdrawal> withdrawals_of(const DomainEpochs& epochs) {
  std::vector<Withdrawal> withdrawals;
  for (const EpochRecord& record : epochs.records)
    withdrawals.insert(withdrawals.end(), record.withdrawals.begin(), record.withdrawals.end());
  return withdrawals;
}

// Puts what the stored epochs say on what the slot itself holds of "main".
DomainAccess updated_main(const ObjectStore& root, const Config& config, const SlotSecrets& secrets,
                          const DomainEpochs* epochs, const std::stop_token& stop) {
  DomainAccess own = secrets.epochs.empty() ? DomainAccess() : main_access(config, secrets);
  if (epochs == nullptr) return own;
  const EpochRecord& newest = epochs->records.back();
  if (own.epochs.empty() || own.epochs.back().epoch < newest.epoch) {
    std::optional<DomainAccess> granted = granted_access(root, config, secrets, *epochs, stop);
    if (granted)
      own = std::move(*granted);
    else
      own.outdated =
          trf("the keys were changed, and this key slot was not granted the new ones (epoch {})", newest.epoch);
  }
  own.withdrawals = withdrawals_of(*epochs);
  return own;
}

void require_not_withdrawn(const DomainAccess& access, const SlotSecrets& secrets) {
  for (const Withdrawal& withdrawal : access.withdrawals)
    if (withdrawal.signer == secrets.signer.key.public_key)
      throw Error(ErrorCode::permission, tr("this key slot was withdrawn: what it may do has ended"),
                  tr("Ask whoever keeps the repository for another one."));
}

std::optional<DomainAccess> other_domain(const ObjectStore& root, const Config& config, const SlotSecrets& secrets,
                                         const DomainEpochs& epochs, const std::stop_token& stop) {
  std::optional<DomainAccess> access = granted_access(root, config, secrets, epochs, stop);
  if (access) access->withdrawals = withdrawals_of(epochs);
  return access;
}

[[noreturn]] void fail_no_domain(const std::string& name) {
  throw Error(ErrorCode::not_found, trf("there is no domain '{}' that this key slot has a part in", name),
              tr("See 'igudar domain list'."));
}

void note_damage(const StoredEpochs& stored, std::vector<std::string>& remarks) {
  for (const DamagedObject& damaged : stored.damaged)
    remarks.push_back(trf("a record of the repository's keys cannot be used: {}: {}", damaged.name.to_string(),
                          damaged.error.what()));
}

// All but "main" that the slot has a part in.
std::vector<DomainAccess> other_domains(const ObjectStore& root, const Config& config, const SlotSecrets& secrets,
                                        const StoredEpochs& stored, const std::stop_token& stop) {
  std::vector<DomainAccess> found;
  for (const DomainEpochs& epochs : stored.domains) {
    if (epochs.domain == config.repository) continue;
    if (std::optional<DomainAccess> access = other_domain(root, config, secrets, epochs, stop))
      found.push_back(std::move(*access));
  }
  return found;
}

}  // namespace

EpochKeys first_epoch(CipherSuite suite, BoxKind kind) {
  require_allowed(suite, kind);
  EpochKeys keys;
  keys.suite = suite;
  keys.id_key = random_secret();
  keys.chunker_key = random_secret();
  return with_new_pair(std::move(keys), kind);
}

EpochKeys next_epoch(const EpochKeys& before, CipherSuite suite) {
  const BoxKind kind = before.data_public_key.kind();
  require_allowed(suite, kind);
  EpochKeys keys = before.clone();
  keys.epoch = static_cast<std::uint16_t>(before.epoch + 1);
  keys.suite = suite;
  return with_new_pair(std::move(keys), kind);
}

DomainAccess main_access(const Config& config, const SlotSecrets& secrets) {
  DomainAccess access;
  access.domain = config.repository;
  access.signer = secrets.signer.clone();
  for (const EpochKeys& keys : secrets.epochs) access.epochs.push_back(keys.clone());
  return access;
}

DomainAccess open_access(const ObjectStore& root, const Config& config, const SlotSecrets& secrets,
                         const std::optional<std::string>& name, std::vector<std::string>& remarks,
                         std::stop_token stop) {
  const StoredEpochs of_main = load_epochs(root, config, config.repository, stop);
  DomainAccess main = updated_main(root, config, secrets, of_main.find(config.repository), stop);
  require_not_withdrawn(main, secrets);
  if (name ? *name == kMainDomain : !main.epochs.empty()) {
    if (main.epochs.empty()) fail_no_domain(*name);
    note_damage(of_main, remarks);
    return main;
  }
  const StoredEpochs stored = load_epochs(root, config, std::nullopt, stop);
  note_damage(stored, remarks);
  std::vector<DomainAccess> others = other_domains(root, config, secrets, stored, stop);
  if (name) std::erase_if(others, [&](const DomainAccess& access) { return access.name != *name; });
  if (others.empty()) fail_no_domain(name.value_or(kMainDomain));
  if (others.size() > 1)
    throw Error(ErrorCode::usage, tr("this key slot has a part in several domains"), tr("Say which with --domain."));
  return std::move(others.front());
}

DomainAccess open_access(const ObjectStore& root, const Config& config, const SlotSecrets& secrets, const Id16& domain,
                         std::vector<std::string>& remarks, std::stop_token stop) {
  const StoredEpochs stored = load_epochs(root, config, domain, stop);
  note_damage(stored, remarks);
  const DomainEpochs* epochs = stored.find(domain);
  if (domain == config.repository) {
    DomainAccess main = updated_main(root, config, secrets, epochs, stop);
    if (!main.epochs.empty()) return main;
  } else if (epochs != nullptr) {
    if (std::optional<DomainAccess> access = other_domain(root, config, secrets, *epochs, stop))
      return std::move(*access);
  }
  fail_no_domain(to_hex(domain.view()));
}

std::vector<DomainInfo> list_domains(const Repository& repository, std::stop_token stop) {
  const Config& config = repository.config();
  const SlotSecrets& secrets = repository.keys().secrets();
  const StoredEpochs stored = load_epochs(repository.root(), config, std::nullopt, stop);
  std::vector<DomainInfo> domains;
  const DomainAccess main = updated_main(repository.root(), config, secrets, stored.find(config.repository), stop);
  const DomainEpochs* main_epochs = stored.find(config.repository);
  domains.push_back(
      {config.repository, kMainDomain, secrets.signer.capability, 0, config.suite, config.created, config.created});
  if (main.epochs.empty()) domains.back().name.clear();
  const auto add_newest = [](DomainInfo& info, const DomainEpochs& epochs) {
    info.epoch = epochs.records.back().epoch;
    info.suite = epochs.records.back().suite;
    info.rotated = epochs.records.back().began;
  };
  if (main_epochs != nullptr) add_newest(domains.back(), *main_epochs);
  for (const DomainEpochs& epochs : stored.domains) {
    if (epochs.domain == config.repository) continue;
    DomainInfo& info = domains.emplace_back();
    info.id = epochs.domain;
    info.created = epochs.records.front().began;
    add_newest(info, epochs);
    if (const auto access = other_domain(repository.root(), config, secrets, epochs, stop)) {
      info.name = access->name;
      info.capability = access->signer.capability;
    }
  }
  std::stable_sort(domains.begin() + 1, domains.end(), [](const DomainInfo& a, const DomainInfo& b) {
    return std::pair(a.name.empty(), a.name) < std::pair(b.name.empty(), b.name);
  });
  return domains;
}

Id16 create_domain(const Repository& repository, const std::string& name, CipherSuite suite, std::stop_token stop) {
  const SlotSecrets& own = repository.keys().secrets();
  if (own.authority_seed.empty() || own.epochs.empty())
    throw Error(ErrorCode::permission, tr("this key slot may not make domains"),
                tr("Use the password of a slot with the capability 'full'."));
  if (name.empty() || name.size() > kLongestName)
    throw Error(ErrorCode::usage, trf("a domain cannot be called '{}'", name), tr("Use 1 to 100 bytes."));
  for (const DomainInfo& domain : list_domains(repository, stop))
    if (domain.name == name)
      throw Error(ErrorCode::already_exists, trf("there is a domain '{}' already", name),
                  tr("See 'igudar domain list'."));

  const Config& config = repository.config();
  const SigningKey authority = signing_key_from_seed(own.authority_seed.view());
  const Id16 id = random_id<16>();
  std::vector<EpochKeys> epochs;
  epochs.push_back(first_epoch(suite, config.box_kind()));
  repository.root().open_folder(to_hex(id.view()))->create(stop);
  const Repository main = repository.open_domain(config.repository, stop);
  for (const Grant& grant : load_grants(repository.root(), config, stop))
    if (grant.domain == config.repository && grant.epoch >= main.keys().epochs().back().epoch &&
        grant.capability == Capability::full)
      put_grant(repository.root(), config, id, name, epochs, {grant.signer, grant.box, grant.capability}, authority,
                stop);
  put_epoch(repository.root(), config,
            {id, 0, wall_clock_ns(), epochs.back().data_public_key, suite, std::nullopt, {}, Rekeying::none}, authority,
            stop);
  return id;
}

}  // namespace igudar
