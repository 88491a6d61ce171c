#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/secret.h"
#include "crypto/kdf.h"
#include "format/config.h"
#include "keys/credential.h"
#include "repo/key_ring.h"
#include "store/object_store.h"

namespace igudar {

// Where this machine keeps what it may lose: cached index segments (cache) and what it remembers of a repository
// (state: the newest heads it saw, when packs were last read). Both are made on demand, 0700.
struct UserFolders {
  std::filesystem::path cache;  // default $XDG_CACHE_HOME/igudar
  std::filesystem::path state;  // default $XDG_STATE_HOME/igudar

  static UserFolders from_environment();
};

// An opened repository: the store, what its config says, and the keys that the user's slot grants for one of its
// domains. Everything else in repo/ works on one of these.
//
// Thread safety: const after opening.
class Repository {
 public:
  // `root` is the whole of it; the domain's own objects are looked for in it (domain "main") or in a folder inside.
  Repository(std::shared_ptr<ObjectStore> root, Config config, KeyRing keys, UserFolders folders);

  // Where the objects of the domain are: packs, index, snapshots and what keeps them in order.
  ObjectStore& store() const { return *store_; }
  // Where the config, the key slots, and the epochs and grants of all domains are.
  ObjectStore& root() const { return *root_; }
  const Config& config() const { return config_; }
  const KeyRing& keys() const { return keys_; }
  // What signed records are bound to; their codecs fill in the kind.
  RecordContext record_context() const { return {keys_.domain(), {}}; }
  // …/igudar/DOMAIN-ID, made when missing. That it cannot be made is left for whoever writes there to notice.
  std::filesystem::path cache_folder() const;
  std::filesystem::path state_folder() const;
  // What was found wrong while opening that did not stop it: a lost copy of a key slot, a damaged config.
  const std::vector<std::string>& remarks() const { return remarks_; }
  void add_remark(std::string text) { remarks_.push_back(std::move(text)); }

  // The same repository, opened for another domain that the slot is granted. Throws not_found, permission.
  Repository open_domain(const Id16& domain, std::stop_token stop) const;

 private:
  std::shared_ptr<ObjectStore> root_;
  std::shared_ptr<ObjectStore> store_;
  Config config_;
  KeyRing keys_;
  UserFolders folders_;
  std::vector<std::string> remarks_;
};

struct InitOptions {
  bool fips = false;                             // it keeps to FIPS 140, for ever
  PasswordKdfParams kdf;                         // of the password of the first slot
  CipherSuite suite = CipherSuite::aes_256_gcm;  // of the domain "main"
  ChunkSizes chunk_sizes;
  std::uint32_t frame_size = 4 << 20;  // small chunks are gathered up to this; smaller frames free more in a prune
  std::uint32_t pack_size = 64 << 20;
};

// Throws usage for sizes that are not allowed, unsupported for what FIPS 140 does not approve where that is asked for.
void check_options(const InitOptions& options);

// Makes a new repository in an empty place and opens it; durable once it returns. Throws already_exists when there is
// one, usage for an empty password or a pack size that is not allowed.
Repository init_repository(std::unique_ptr<ObjectStore> store, const SecretBytes& password, const InitOptions& options,
                           UserFolders folders, std::stop_token stop);

// Throws no_repository where there is none.
void require_repository(const ObjectStore& store, std::stop_token stop);
// A repository that is there, for those who would ask for its password; and what its config says.
struct FoundRepository {
  std::unique_ptr<ObjectStore> store;
  std::optional<Config> config;  // none: the copy in the key slot that is opened will do
  std::string remark;            // what is wrong with it then
};
// Enters FIPS mode (crypto/fips.h) if the config says that the repository keeps to it: so before any credential is
// made. Throws no_repository, in FIPS mode unsupported for a repository that does not keep to it.
FoundRepository find_repository(std::unique_ptr<ObjectStore> store, std::stop_token stop);
// Opens with the first slot that the credential opens. Throws no_repository, wrong_key, damaged, unsupported, and
// forged where a public key opens another repository than this machine knows there.
//
// Without a name the domain is "main", or where the slot has no part in it, the only one that it has a part in. Throws
// not_found for a domain that is not granted, usage where the choice is not clear.
Repository open_repository(FoundRepository found, const Credential& credential, UserFolders folders,
                           std::stop_token stop, const std::optional<std::string>& domain = std::nullopt);
Repository open_repository(std::unique_ptr<ObjectStore> store, const Credential& credential, UserFolders folders,
                           std::stop_token stop, const std::optional<std::string>& domain = std::nullopt);

}  // namespace igudar
