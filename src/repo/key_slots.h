#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "keys/recipient.h"
#include "repo/damaged_object.h"
#include "repo/repository.h"

namespace igudar {

// The key slots of a repository: who may open it, with which capability. Thread-safe functions.

struct SlotInfo {
  std::string id;
  bool current = false;  // the one this repository was opened with
  bool readable = true;  // false: both copies are damaged or of a kind unknown; only what is clear is filled in
  Capability capability = Capability::full;
  TimeNs created = 0;
  std::string user;
  std::string host;
  Id32 signer;                           // the public key that what it stores is signed with
  std::string recipient;                 // "password (Argon2id)", for people
  std::optional<PasswordKdfParams> kdf;  // of a password, also where the rest is not readable
  bool is_recovery_key = false;
  std::optional<TimeNs> tested;  // of a recovery key: when this machine last opened the slot to test it
};
// Sorted by id.
std::vector<SlotInfo> list_slots(const Repository& repository, std::stop_token stop);
// Adds a slot, durable once it returns, for the domain that the repository was opened for: with capability full in
// "main" for all domains. Returns its id. Throws permission to who is not full in "main".
std::string add_slot(const Repository& repository, const Recipient& recipient, Capability capability,
                     std::stop_token stop);
// What add_slot would throw for want of a right.
void require_may_add(const Repository& repository);
// The slot of that id, where remove_slot() would remove it. Throws as that does.
SlotInfo find_removable_slot(const Repository& repository, const std::string& id_prefix, std::stop_token stop);
// Removes both copies and what its holder was granted, not what it signed; needs capability full. Returns the slot's
// id. Throws permission, usage for the current slot (so a full one always stays) and an ambiguous prefix, not_found.
std::string remove_slot(const Repository& repository, const std::string& id_prefix, std::stop_token stop);
// Replaces the current slot by one for another recipient, of the same capability and signing key. The old one is
// removed once the new one is durable. Returns the id of the new slot.
std::string replace_slot(const Repository& repository, const Recipient& recipient, std::stop_token stop);
// What the slot in use says of its recipient; nullopt when its copies are gone or damaged by now.
std::optional<SlotRecipient> current_recipient(const Repository& repository, std::stop_token stop);

// What the labels of slots are sealed under: the keys of the domain that each slot is for. Not thread-safe.
class LabelKeys {
 public:
  LabelKeys(const Repository& repository, std::stop_token stop) : repository_(repository), stop_(std::move(stop)) {}
  // nullptr where the domain is not granted.
  const IndexKeys* of(const KeySlot& slot);
  const IndexKeys* of(const Id16& domain);

 private:
  const Repository& repository_;
  std::stop_token stop_;
  std::map<Id16, std::optional<Repository>> others_;  // opened so far
};

// What the store has of one slot.
struct StoredSlot {
  Id16 id;
  std::optional<KeySlot> slot;         // none: no copy is sound, or not for a kind of recipient known
  bool other_recipient = false;        // sound, but of a newer program
  std::vector<DamagedObject> damaged;  // copies that are missing (code not_found) or damaged
};
// Whether anything in the store is called a slot, sound or not. False also where there is no repository at all.
bool has_slots(const ObjectStore& store, std::stop_token stop);
// All slots with all their copies, sorted by id. Throws only what is not the slots' fault.
std::vector<StoredSlot> load_slots(const ObjectStore& store, std::stop_token stop);
// Stores both copies of a new slot with `secrets`, durable, labelled with this user and host. Returns its id.
// `label_keys` are those of the domain; none: of "main".
Id16 store_slot(ObjectStore& root, const Recipient& recipient, const SlotSecrets& secrets, const IndexKeys& label_keys,
                const std::optional<Id16>& label_domain, std::stop_token stop);

}  // namespace igudar
