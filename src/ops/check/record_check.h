#pragma once

#include <stop_token>

#include "ops/check/findings.h"
#include "repo/gc_state.h"
#include "repo/local_state.h"
#include "repo/repository.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

// The small records of a repository, each read from the store itself. Thread-safe functions; damage goes to `findings`.

// The config against the copy in the key slot, and both copies of every slot.
void check_config_and_slots(const Repository& repository, Findings& findings, std::stop_token stop);
// Recovery keys that this machine did not see open for long, or never: remarks.
// The epochs of all domains, and the grants of their keys.
void check_grants(const Repository& repository, Findings& findings, std::stop_token stop);
void remark_untested_recovery_keys(const Repository& repository, Findings& findings, std::stop_token stop);
// Leases that nobody holds any more are remarks: they hold off a sweep until they lapse, and harm nothing.
void check_leases(const Repository& repository, Findings& findings, std::stop_token stop);
// All generations of garbage collection. Returns what the newest says, as far as it can be read.
GcState check_generations(const Repository& repository, Findings& findings, std::stop_token stop);
// Snapshots and tombstones, and whether the graph they form is whole.
SnapshotCatalogue check_catalogue(const Repository& repository, const GcState& gc, Findings& findings,
                                  std::stop_token stop);
// The registry's entries.
void check_registry(const Repository& repository, Findings& findings, std::stop_token stop);
// Whether the storage still has the newest records that this machine saw.
void check_known_heads(LocalState& local, const SnapshotCatalogue& catalogue, Findings& findings);

}  // namespace igudar
