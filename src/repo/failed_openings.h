#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <vector>

#include "format/audit_entry.h"
#include "store/object_store.h"

namespace igudar {

// Openings of one repository that failed on this machine, kept in its state folder until an opening succeeds: then they
// go into the audit log. At most the newest 1,000 are kept, and how many there were.
//
// Thread-safe, also between processes. Failures to write are no errors: what cannot be remembered is not counted.
class FailedOpenings {
 public:
  struct List {
    std::uint64_t total = 0;
    std::vector<FailedOpening> newest;  // the oldest of them first
  };

  // `state` is the user's state folder.
  FailedOpenings(const std::filesystem::path& state, const Id16& repository);

  // Adds one and returns what there is with it.
  List record(FailedOpening failure);
  List read() const;
  // Removes what read() returned; what came since stays.
  void forget(const List& taken);

 private:
  std::filesystem::path folder_;
};

// What the clear config says, as far as it can be read.
std::optional<Id16> stored_repository_id(const ObjectStore& store, std::stop_token stop);

}  // namespace igudar
