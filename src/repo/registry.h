#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "format/registry_entry.h"
#include "repo/damaged_object.h"
#include "repo/repository.h"

namespace igudar {

struct RegisteredEntry {
  Id32 id;
  RegistryEntry entry;
  std::optional<Bytes> personal;  // the personal body, where there is one and the slot may read it
  TimeNs stored_at = 0;           // by the storage's clock
};

// The signed administrative facts of a repository (docs/format.md section 20): its policy, legal holds, erasures. They
// are added to and never removed; what counts is what no later entry replaced.
//
// Thread safety: const after loading.
class Registry {
 public:
  // Damaged entries are collected, not thrown.
  static Registry load(const Repository& repository, std::stop_token stop);

  // The oldest first (by the time that the storage had when they were made, then by id).
  const std::vector<RegisteredEntry>& entries() const { return entries_; }
  const std::vector<DamagedObject>& damaged() const { return damaged_; }
  // Those of a type that no other entry replaced or ended, the oldest first.
  std::vector<const RegisteredEntry*> current(RegistryType type) const;
  // The ids of those of them that `matches`: what a new entry on the same matter replaces.
  std::vector<Id32> current_ids(RegistryType type, const std::function<bool(const RegisteredEntry&)>& matches) const;
  // The entry of that type whose id begins with these hex digits. Throws not_found, usage when there are several.
  const RegisteredEntry& find(RegistryType type, std::string_view id_prefix) const;

 private:
  std::vector<RegisteredEntry> entries_;
  std::vector<DamagedObject> damaged_;
};

struct NewEntry {
  RegistryType type = RegistryType::policy;
  std::vector<Id32> replaced = {};
  Bytes body = {};      // readable for every holder of the index key: nothing personal
  Bytes personal = {};  // for those with the capability full; empty: none
};
// Signs and stores an entry, durable once it returns. Throws permission unless the slot's capability is full.
Id32 put_registry_entry(const Repository& repository, const NewEntry& entry, std::stop_token stop);
// Puts the entries of `from` that `to`, another copy of the same repository, lacks there too.
void copy_registry(const Repository& from, const Repository& to, std::stop_token stop);

// Throws permission unless the slot may sign entries.
void require_registry_rights(const KeyRing& keys);

}  // namespace igudar
