#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "repo/key_ring.h"
#include "repo/repository.h"

namespace igudar {

// Which domains there are, and what a slot is granted of each (docs/format.md section 5.2). Thread-safe functions.

constexpr const char* kMainDomain = "main";

// What a slot itself grants: of the domain "main", of the time when it was made.
DomainAccess main_access(const Config& config, const SlotSecrets& secrets);

// What the slot is granted of the domain of that name or id by now. Without a name: as open_repository() says. What is
// found wrong and does not stop it goes to `remarks`.
DomainAccess open_access(const ObjectStore& root, const Config& config, const SlotSecrets& secrets,
                         const std::optional<std::string>& name, std::vector<std::string>& remarks,
                         std::stop_token stop);
DomainAccess open_access(const ObjectStore& root, const Config& config, const SlotSecrets& secrets, const Id16& domain,
                         std::vector<std::string>& remarks, std::stop_token stop);

struct DomainInfo {
  Id16 id;
  std::string name;  // empty: this slot has no part in it
  Capability capability = Capability::full;
  std::uint16_t epoch = 0;  // the newest
  CipherSuite suite = CipherSuite::aes_256_gcm;
  TimeNs created = 0;
  TimeNs rotated = 0;  // when the newest epoch began
};
// "main" first, the others by name, those that the slot has no part in last.
std::vector<DomainInfo> list_domains(const Repository& repository, std::stop_token stop);
// Makes a domain, and grants it to everyone who has capability full in "main". Returns its id. Throws permission,
// already_exists for a name that is taken, usage for one that is not allowed.
Id16 create_domain(const Repository& repository, const std::string& name, CipherSuite suite, std::stop_token stop);

// Keys of a new domain. Both throw unsupported for a suite that FIPS 140 does not approve, where the kind of boxes
// tells that the repository keeps to it.
EpochKeys first_epoch(CipherSuite suite, BoxKind kind);
// Keys that follow on others of the same domain: chunks keep their ids.
EpochKeys next_epoch(const EpochKeys& before, CipherSuite suite);

}  // namespace igudar
