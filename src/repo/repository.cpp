#include "repo/repository.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/hex.h"
#include "base/translate.h"
#include "crypto/fips.h"
#include "crypto/random.h"
#include "keys/password_key.h"
#include "repo/domain_access.h"
#include "repo/grants.h"
#include "repo/key_slots.h"
#include "repo/known_repositories.h"
#include "repo/local_file.h"

namespace igudar {

namespace {

constexpr std::uint32_t kLargestPack = 1U << 30;
const ObjectName kConfigName{ObjectKind::config, ""};

std::filesystem::path make_folder(const std::filesystem::path& base, const Id16& id) {
  const std::filesystem::path folder = base / to_hex(id.view());
  std::error_code ignored;
  if (std::filesystem::is_directory(folder, ignored)) return folder;
  make_private_folder(base);
  make_private_folder(folder);
  return folder;
}

// What --fips, or a repository that keeps to it, leaves to be opened.
void respect_fips(bool asked_for, const std::string& location) {
  if (asked_for) return enter_fips_mode();
  if (!in_fips_mode()) return;
  throw Error(
      ErrorCode::unsupported, trf("the repository in {} does not keep to FIPS 140, which --fips asks for", location),
      tr("Make one that does with 'igudar init --fips', and back up there. Without --fips and IGUDAR_FIPS this one "
         "opens."));
}

// The config as stored. `remark` says what is wrong when nothing usable is there.
std::optional<Config> load_config(const ObjectStore& store, std::string& remark, const std::stop_token& stop) {
  try {
    const Bytes object = store.get(kConfigName, kLargestConfig, stop);
    respect_fips(claims_fips(object), store.location());  // before anything is computed
    return decode_config(object);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::not_found)
      remark = tr("the object config is missing; the copy in the key slot is used");
    else if (is_damage(error))
      remark = trf("the object config cannot be used ({}); the copy in the key slot is", error.what());
    else
      throw;
  }
  return std::nullopt;
}

// Which slot this machine opened last, so that it is tried first: each other one costs a password derivation.
std::filesystem::path last_slot_file(const std::filesystem::path& state_folder) {
  return state_folder / "slot";
}

std::optional<Bytes> read_last_slot(const UserFolders& folders, const Config& config) {
  std::ifstream file(last_slot_file(folders.state / to_hex(config.repository.view())));
  std::string id;
  file >> id;
  return from_hex(id);
}

void remember_slot(const UserFolders& folders, const Config& config, const Id16& slot) {
  std::ofstream file(last_slot_file(make_folder(folders.state, config.repository)), std::ios::trunc);
  file << to_hex(slot.view()) << '\n';  // only a hint: errors do not matter
}

struct OpenedSlot {
  Id16 id;
  SlotSecrets secrets;
  bool by_public_key = false;
};

bool allows(const SlotRecipient& recipient) {
  return !in_fips_mode() || recipient.is_approved();
}

[[noreturn]] void fail_no_slot(const std::vector<StoredSlot>& slots, const Credential& credential,
                               const std::optional<Id16>& repository, const std::string& location) {
  if (slots.empty())
    throw Error(ErrorCode::damaged, trf("all key slots of the repository in {} are lost", location),
                tr("Put a copy of its folder 'keys' back; without a key slot nobody can read it."));
  const auto any = [&](auto&& wanted) { return std::any_of(slots.begin(), slots.end(), wanted); };
  if (!any([](const StoredSlot& s) { return s.slot || s.other_recipient; }))
    throw Error(ErrorCode::damaged, trf("all key slots of the repository in {} are damaged", location),
                tr("Put a copy of its folder 'keys' back; without a key slot nobody can read it."));
  if (!any([](const StoredSlot& s) { return s.slot.has_value(); }))
    throw Error(ErrorCode::unsupported,
                trf("no key slot of the repository in {} is one that this program can open", location),
                tr("Use a newer igudar."));
  auto fitting = std::find_if(slots.begin(), slots.end(), [&](const StoredSlot& stored) {
    return stored.slot && allows(stored.slot->recipient) && credential.fits(stored.slot->recipient);
  });
  if (fitting == slots.end())
    fitting = std::find_if(slots.begin(), slots.end(), [&](const StoredSlot& stored) {
      return stored.slot && credential.fits(stored.slot->recipient);
    });
  if (fitting == slots.end() && repository && !credential.is_for_repository(*repository))
    throw Error(ErrorCode::wrong_key,
                trf("{} is of another repository than the one in {}", credential.description(), location),
                tr("Its page says of which, by the first digits of the repository's id."));
  if (fitting == slots.end())
    throw Error(ErrorCode::wrong_key,
                trf("no key slot of the repository in {} is for {}", location, credential.description()),
                tr("'igudar key list', opened with another key, shows for whom they are; 'igudar key add' adds one."));
  if (!allows(fitting->slot->recipient))
    refuse_unapproved(describe(fitting->slot->recipient, ""), tr("Open it with another key, and remove this one."));
  if (fitting->slot->recipient.kind == RecipientKind::password)
    throw Error(ErrorCode::wrong_key, trf("the password does not open the repository in {}", location),
                tr("Check the password and the location."));
  throw Error(ErrorCode::damaged,
              trf("the key slot {} is for {}, but does not open with it: it was altered, or the key was replaced by "
                  "another of its name",
                  to_hex(fitting->id.view()).substr(0, 8), credential.description()),
              tr("Put a copy of the repository's folder 'keys' back, or open it with another key, remove this slot and "
                 "add it anew."));
}

// Of the slots that the credential opens the one that grants most, and rather one of the config's authority: anyone can
// add a slot for a public key, with secrets of their own. A password is derived for each slot anew, so there the first
// one has to do.
std::optional<OpenedSlot> try_slots(std::vector<StoredSlot>& slots, const std::optional<Bytes>& first,
                                    const std::optional<Config>& config, const Credential& credential) {
  if (first && first->size() == Id16::kSize)
    std::stable_partition(slots.begin(), slots.end(),
                          [&](const StoredSlot& slot) { return slot.id == Id16::from(*first); });
  const auto rank = [&](const SlotSecrets& secrets) {
    const bool foreign = config && secrets.authority != config->authority;
    return std::pair(foreign, secrets.signer.capability);
  };
  std::optional<OpenedSlot> best;
  for (const StoredSlot& stored : slots) {
    if (!stored.slot || !allows(stored.slot->recipient) || !credential.fits(stored.slot->recipient)) continue;
    const std::optional<SecretBytes> slot_key = credential.slot_key(stored.slot->recipient);
    if (!slot_key) continue;
    std::optional<SlotSecrets> secrets = open_slot(*stored.slot, slot_key->view());
    if (!secrets || (best && rank(best->secrets) <= rank(*secrets))) continue;
    best = OpenedSlot{stored.id, std::move(*secrets), stored.slot->recipient.is_public_key()};
    if (stored.slot->recipient.kind == RecipientKind::password) break;
  }
  return best;
}

// The stored config if there is one, checked against the slot, else the slot's copy.
Config trusted_config(std::optional<Config> stored, const SlotSecrets& secrets) {
  if (!stored) stored = decode_config(secrets.config);
  if (stored->authority != secrets.authority)
    throw Error(ErrorCode::damaged, tr("the config was replaced: it belongs to another repository than the key slot"),
                tr("Put the repository's own object config back; if there is no copy, remove it and the one in the key "
                   "slot is used."));
  return std::move(*stored);
}

// The highest epoch of a domain that this machine has seen: a storage that shows less hides the newer keys, and what
// would be stored under the older ones could be read by whom they were changed for.
void check_epoch_memory(const UserFolders& folders, DomainAccess& access) {
  const std::filesystem::path file = make_folder(folders.state, access.domain) / "epoch";
  const std::uint16_t newest = access.epochs.back().epoch;
  const std::optional<Bytes> known = read_local_file(file);
  const unsigned seen = known && known->size() == 2 ? ByteReader(*known, "epoch").u16() : 0;
  if (seen > newest) {
    access.outdated = trf("the storage shows an older state of the keys: epoch {} of them is gone", seen);
    return;
  }
  if (seen == newest) return;
  Bytes content;
  ByteWriter(content).u16(newest);
  (void)replace_local_file(file, content);
}

// Who only has the public half of a key can make a repository that the key opens, and put it in the place of the
// user's: what is backed up there, they read. Returns a remark where nothing tells yet.
std::optional<std::string> check_acquaintance(const KnownRepositories& known, const std::string& location,
                                              const Id32& authority) {
  if (known.knows(authority)) return std::nullopt;
  const std::string fingerprint = authority_fingerprint(authority);
  if (known.at(location))
    throw Error(ErrorCode::forged,
                trf("the repository in {} is not the one that this machine opened there before, and its key slot could "
                    "be anyone's: its authority is {}",
                    location, fingerprint),
                trf("Open it with a password, or compare the authority with that in 'igudar stats' of another machine; "
                    "if the repository is yours, remove {} and try again.",
                    known.file_of(location).string()));
  return trf(
      "this machine has not opened the repository in {} before, and a public key cannot tell whose it is: compare "
      "its authority, {}, with that in 'igudar stats' of another machine",
      location, fingerprint);
}

std::vector<std::string> remarks_of(const std::vector<StoredSlot>& slots) {
  std::vector<std::string> remarks;
  for (const StoredSlot& slot : slots)
    for (const DamagedObject& copy : slot.damaged)
      remarks.push_back(trf("a copy of a key slot cannot be used: {}: {}", copy.name.to_string(), copy.error.what()));
  return remarks;
}

}  // namespace

Repository::Repository(std::shared_ptr<ObjectStore> root, Config config, KeyRing keys, UserFolders folders)
    : root_(std::move(root)), config_(std::move(config)), keys_(std::move(keys)), folders_(std::move(folders)) {
  store_ = keys_.domain() == config_.repository ? root_ : root_->open_folder(to_hex(keys_.domain().view()));
  keys_.set_fetch([store = root_, of = config_](const SlotSecrets& secrets, const Id16& domain) {
    std::vector<std::string> remarks;
    return open_access(*store, of, secrets, domain, remarks, {});
  });
}

std::filesystem::path Repository::cache_folder() const {
  return make_folder(folders_.cache, keys_.domain());
}

std::filesystem::path Repository::state_folder() const {
  return make_folder(folders_.state, keys_.domain());
}

void check_options(const InitOptions& options) {
  if (options.pack_size == 0 || options.pack_size > kLargestPack)
    throw Error(ErrorCode::usage, trf("a pack size of {} bytes is not possible", options.pack_size),
                tr("Choose one of up to 1 GiB."));
  check_sizes(options.chunk_sizes);
  if (!options.fips) return;
  if (!is_approved(options.kdf))
    refuse_unapproved(std::string(password_kdf_name(options.kdf.kdf)),
                      tr("Use '--kdf pbkdf2', which is the default then."));
  if (is_layered(options.suite))
    refuse_unapproved(std::string(cipher_suite_name(options.suite)), tr("Use the cipher suite aes-256-gcm."));
}

Repository init_repository(std::unique_ptr<ObjectStore> store, const SecretBytes& password, const InitOptions& options,
                           UserFolders folders, std::stop_token stop) {
  check_options(options);
  respect_fips(options.fips, store->location());
  const PasswordRecipient recipient(password.clone(), options.kdf);

  SigningKey authority = generate_signing_key();
  SlotSecrets secrets;
  Config config;
  if (options.fips) config.require_fips();
  secrets.epochs.push_back(first_epoch(options.suite, config.box_kind()));
  config.repository = random_id<16>();
  config.created = wall_clock_ns();
  config.authority = authority.public_key;
  config.chunk_sizes = options.chunk_sizes;
  config.frame_size = options.frame_size;
  config.pack_size = options.pack_size;
  config.suite = options.suite;

  secrets.config = encode_config(config, authority);
  secrets.signer.key = generate_signing_key();
  secrets.signer.certificate = certify(authority, config.repository, secrets.signer.key.public_key, Capability::full);
  secrets.authority = authority.public_key;

  // The config comes last: its presence makes the repository.
  store->create(stop);
  put_grant(
      *store, config, config.repository, kMainDomain, secrets.epochs,
      {secrets.signer.key.public_key, holder_box(secrets.signer.key, config.box_kind()).public_key, Capability::full},
      authority, stop);
  secrets.authority_seed = std::move(authority.seed);
  DomainAccess access = main_access(config, secrets);
  const Id16 slot =
      store_slot(*store, recipient, secrets, IndexKeys({access.epochs.back().index()}), std::nullopt, stop);
  store->put(kConfigName, secrets.config, Durability::durable, stop);
  KnownRepositories(folders.state).remember(store->location(), config.authority);
  remember_slot(folders, config, slot);
  return {std::move(store), std::move(config), KeyRing(std::move(secrets), slot, std::move(access)),
          std::move(folders)};
}

void require_repository(const ObjectStore& store, std::stop_token stop) {
  if (store.stat(kConfigName, stop) || has_slots(store, stop)) return;
  throw Error(ErrorCode::no_repository, trf("there is no repository in {}", store.location()),
              trf("Make one with 'igudar init -r {}'.", store.location()));
}

FoundRepository find_repository(std::unique_ptr<ObjectStore> store, std::stop_token stop) {
  FoundRepository found;
  found.config = load_config(*store, found.remark, stop);
  if (!found.config) require_repository(*store, stop);
  found.store = std::move(store);
  return found;
}

Repository open_repository(std::unique_ptr<ObjectStore> store, const Credential& credential, UserFolders folders,
                           std::stop_token stop, const std::optional<std::string>& domain) {
  return open_repository(find_repository(std::move(store), stop), credential, std::move(folders), stop, domain);
}

Repository open_repository(FoundRepository found, const Credential& credential, UserFolders folders,
                           std::stop_token stop, const std::optional<std::string>& domain) {
  std::unique_ptr<ObjectStore> store = std::move(found.store);
  std::optional<Config> stored = std::move(found.config);
  std::vector<StoredSlot> slots = load_slots(*store, stop);
  std::vector<std::string> remarks = remarks_of(slots);
  const std::optional<Bytes> last_slot = stored ? read_last_slot(folders, *stored) : std::nullopt;
  std::optional<OpenedSlot> opened = try_slots(slots, last_slot, stored, credential);
  if (!opened)
    fail_no_slot(slots, credential, stored ? std::optional(stored->repository) : std::nullopt, store->location());

  if (!stored) remarks.push_back(std::move(found.remark));
  Config config = trusted_config(std::move(stored), opened->secrets);
  config.require_support(Operation::read);
  respect_fips(config.fips(), store->location());
  if (const FipsStatus fips = fips_status(); !fips.remark.empty()) remarks.push_back(fips.remark);
  const KnownRepositories known(folders.state);
  const std::string location = store->location();
  if (opened->by_public_key)
    if (std::optional<std::string> stranger = check_acquaintance(known, location, config.authority))
      remarks.push_back(std::move(*stranger));
  DomainAccess access = open_access(*store, config, opened->secrets, domain, remarks, stop);
  known.remember(location, config.authority);
  check_epoch_memory(folders, access);
  if (last_slot != copy_of(opened->id.view())) remember_slot(folders, config, opened->id);
  if (!access.outdated.empty()) remarks.push_back(access.outdated);
  Repository repository(std::move(store), std::move(config),
                        KeyRing(std::move(opened->secrets), opened->id, std::move(access)), std::move(folders));
  for (std::string& remark : remarks) repository.add_remark(std::move(remark));
  return repository;
}

Repository Repository::open_domain(const Id16& domain, std::stop_token stop) const {
  std::vector<std::string> remarks;
  DomainAccess access = open_access(root(), config_, keys_.secrets(), domain, remarks, stop);
  check_epoch_memory(folders_, access);
  return {root_, config_, KeyRing(keys_.secrets().clone(), keys_.slot(), std::move(access)), folders_};
}

}  // namespace igudar
