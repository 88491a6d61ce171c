#pragma once

#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "ops/path_patterns.h"
#include "repo/registry.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

// Legal holds: what must neither be forgotten nor erased, whoever asks (registry entries of type 2).

struct LegalHold {
  Id32 id = {};
  TimeNs time = 0;
  Id32 signer = {};
  bool all = false;
  bool readable = true;  // false: it is about paths, which the slot may not read; then it counts as one of everything
  std::vector<SnapshotId> snapshots = {};
  std::vector<std::string> patterns = {};
  std::string reason = {};
  std::optional<TimeNs> until = {};

  // "3f2a… (reason)", for messages.
  std::string shown() const;
};

// Those in force at `now`: neither released nor over.
std::vector<LegalHold> legal_holds(const Registry& registry, TimeNs now);

struct NewHold {
  bool all = false;
  std::vector<SnapshotId> snapshots = {};
  std::vector<std::string> patterns = {};
  std::string reason = {};
  std::optional<TimeNs> until = {};
};
// Durable once they return. Throw usage when the hold is of nothing or has no reason; permission without the capability
// full; release_hold not_found and usage as Registry::find does.
Id32 set_hold(const Repository& repository, const NewHold& hold, std::stop_token stop);
// The hold covers this snapshot too, which takes the place of one that it names.
void extend_hold(const Repository& repository, const LegalHold& hold, const SnapshotId& snapshot, std::stop_token stop);
Id32 release_hold(const Repository& repository, const std::string& id_prefix, const std::string& reason,
                  std::stop_token stop);

// Which of these holds covers each of the snapshots: itself, or by an entry that it has. Reads trees where a hold is
// about paths; what cannot be read of one counts as covered. Thread-safe.
std::map<SnapshotId, const LegalHold*> held_snapshots(const Repository& repository, const SnapshotCatalogue& catalogue,
                                                      const std::vector<LegalHold>& holds, std::stop_token stop);

}  // namespace igudar
