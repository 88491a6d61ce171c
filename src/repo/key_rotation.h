#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "format/epoch_record.h"
#include "repo/repository.h"

namespace igudar {

// Changing a domain's keys (docs/format.md section 5.2): a new epoch with a new index key and a new data key pair,
// which every holder is granted but those whose keys are withdrawn. What is stored stays as it is and readable; what is
// stored from then on cannot be read with what anyone knew before.

struct RotateOptions {
  std::optional<CipherSuite> suite{};  // of the new epoch; as before where none is given
  std::vector<Id32> withdrawn{};       // signing keys that do not count any more, but for what they signed until now
  Rekeying older = Rekeying::none;     // what is to become of what is stored: see rekeying_asked()
};
struct KeyRotation {
  std::uint16_t epoch = 0;
  std::size_t holders = 0;             // who were granted the new keys
  std::vector<std::string> left_over;  // ids of key slots that were not, because their grant is lost
};
// For the domain that the repository was opened for; durable once it returns, and until then without effect: whoever
// is interrupted runs it again. Writers that began before finish under the keys they have. Throws permission to who is
// not full in "main", already_exists when another rotation came first.
KeyRotation rotate_keys(const Repository& repository, const RotateOptions& options, std::stop_token stop);

// What the rotation that began the domain's newest epoch was to make of what is stored under older ones.
Rekeying rekeying_asked(const Repository& repository, std::stop_token stop);

// Takes away all that a key slot could do, in every domain: rotates the keys of each that it has a part in, then
// removes the slot and what it was granted. Goes on where an interrupted run stopped. Returns the slot's id. Throws as
// remove_slot() and rotate_keys().
std::string revoke_slot(const Repository& repository, const std::string& id_prefix, std::stop_token stop);

}  // namespace igudar
