#pragma once

#include <set>
#include <stop_token>

#include "format/chunk.h"
#include "format/epoch_record.h"
#include "ops/run_monitor.h"
#include "repo/repository.h"

namespace igudar {

// Taking what is stored under older epochs of a domain's keys over to the newest one, so that what anyone knew of older
// ones reads nothing that is stored any more, once a prune has replaced the packs named:
//
//   secrets  the secrets of the sessions are sealed anew, and packs copied as they are but for their tables. Who had
//            opened a session before, and kept its secret, still reads what it stored.
//   content  everything is decrypted and stored anew.
//
// Both are copy on write: nothing is lost of a snapshot before another has taken its place.

struct RekeyingSummary {
  std::uint64_t snapshots = 0;  // that others took the place of
  std::uint64_t bytes = 0;      // of their files
  std::uint64_t stamped = 0;    // of these, that had time-stamps: they are of the old records, and go with them
  std::set<PackName> packs;     // that hold anything of older epochs: for the prune that is to follow
};

// `depth` is not none. Goes on where an interrupted run of it stopped: what that had stored is not stored again. Not
// thread-safe. Needs the capability full; throws permission otherwise, damaged when some of a snapshot cannot be read,
// which stays then as it is.
RekeyingSummary rekey(Repository& repository, Rekeying depth, RunMonitor& monitor, const std::stop_token& stop);

// Whether any snapshot, or any frame that the index has, is left for rekey() or for the prune after it.
bool is_rekeying_due(const Repository& repository, Rekeying depth, const std::stop_token& stop);

}  // namespace igudar
