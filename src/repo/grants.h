#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "format/config.h"
#include "format/epoch_record.h"
#include "format/grant.h"
#include "repo/damaged_object.h"

namespace igudar {

// Who holds which keys of which domain: the epochs of the domains, and the grants of their keys (docs/format.md section
// 5.2). Both lie beside the key slots, at the top of the repository's store. Thread-safe functions.

struct DomainEpochs {
  Id16 domain;
  std::vector<EpochRecord> records;  // ascending by epoch; main has none until its keys are rotated
  Id32 newest_hash;                  // SHA-256 of the last one
};
struct StoredEpochs {
  std::vector<DomainEpochs> domains;   // sorted by id
  std::vector<DamagedObject> damaged;  // forged ones, too

  const DomainEpochs* find(const Id16& domain) const;
};
// Of one domain, or of all.
StoredEpochs load_epochs(const ObjectStore& root, const Config& config, const std::optional<Id16>& domain,
                         std::stop_token stop);
// Makes the epoch the domain's newest; durable once it returns. Throws already_exists when another one began meanwhile.
void put_epoch(ObjectStore& root, const Config& config, const EpochRecord& record, const SigningKey& authority,
               std::stop_token stop);

// All grants. Those that cannot be used are left out.
std::vector<Grant> load_grants(const ObjectStore& root, const Config& config, std::stop_token stop);
// What a holder has of the epoch with this public key; nullopt when there is none that can be used.
std::optional<Grant> load_grant(const ObjectStore& root, const Config& config, const Id32& signer,
                                const BoxPublicKey& data_public_key, std::stop_token stop);

// What a holder of `capability` is given of an epoch.
EpochKeys granted_keys(const EpochKeys& keys, Capability capability);

// To whom, and what they may.
struct Holder {
  Id32 signer;
  BoxPublicKey box;
  Capability capability = Capability::full;
};
// Grants `epochs`, as far as the holder's capability goes, durable once it returns.
void put_grant(ObjectStore& root, const Config& config, const Id16& domain, const std::string& domain_name,
               const std::vector<EpochKeys>& epochs, const Holder& holder, const SigningKey& authority,
               std::stop_token stop);
// Takes away every grant that a holder has, of all domains and epochs.
void remove_grants_of(ObjectStore& root, const Id32& signer, std::stop_token stop);
// Takes away every grant of a domain, which nobody opens any more.
void remove_grants_in(ObjectStore& root, const Config& config, const Id16& domain, std::stop_token stop);
// Takes away every grant of a domain but those of the epoch with this public key: whoever holds it has all before, too.
void keep_grants_for(ObjectStore& root, const Config& config, const Id16& domain, const BoxPublicKey& data_public_key,
                     std::stop_token stop);

// Puts copies of epochs and grants back that are missing or damaged, where the other one is sound.
void mend_grants(ObjectStore& root, const Config& config, std::stop_token stop);
// Every copy of an epoch or a grant that is missing, damaged or forged.
std::vector<DamagedObject> damaged_grants(const ObjectStore& root, const Config& config, std::stop_token stop);

}  // namespace igudar
