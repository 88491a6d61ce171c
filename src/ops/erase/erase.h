#pragma once

#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "format/chunk.h"
#include "ops/erasure_records.h"
#include "ops/run_monitor.h"

namespace igudar {

// Erasing snapshots, or files from all snapshots, for good: planned, confirmed, done in each copy of the repository,
// tested and recorded. docs/erasure.md tells what that means to users, docs/architecture.md how it is done.

struct ErasureRequest {
  std::vector<std::string> snapshots = {};  // ids or their beginnings; or
  std::vector<std::string> patterns = {};
  std::string reason = {};
  std::optional<std::string> domain = {};  // the name of a domain, in the place of both
};

struct PlannedSnapshot {
  std::string id;
  TimeNs time = 0;
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

// What an erasure would do to the repository as it is now.
struct ErasurePreview {
  std::vector<PlannedSnapshot> snapshots = {};  // that have something to be erased
  std::uint64_t entries = 0;                    // in all of them
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t chunks_erased = 0;
  std::uint64_t chunks_shared = 0;          // stay, since others hold the same
  std::vector<std::string> holds = {};      // that forbid it
  std::optional<TimeNs> locked_until = {};  // the storage does not delete before
};

struct RecordedPlan {
  ErasurePlan plan;
  ErasurePreview preview;
};
// Records a plan; nothing is erased. Throws usage when it is of nothing, not_found when nothing matches.
RecordedPlan plan_erasure(Repository& repository, const ErasureRequest& request, RunMonitor& monitor,
                          std::stop_token stop);

struct ErasureState {
  ErasurePlan plan;
  std::vector<ErasureConfirmation> confirmations;
  std::optional<ErasureDone> done;
};
std::vector<ErasureState> list_erasures(Repository& repository, std::stop_token stop);
ErasureState find_erasure(Repository& repository, const std::string& id_prefix, std::stop_token stop);

// The word of a second key holder. Throws permission for the one who planned.
ErasurePlan confirm_erasure(Repository& repository, const std::string& id_prefix, std::stop_token stop);

// What is done by other operations.
struct EraseSteps {
  struct Pruned {
    bool postponed = false;
    std::vector<std::string> held_by = {};
  };
  // Frees all that no snapshot needs of these packs; of all packs if `everything`.
  std::function<Pruned(Repository& repository, const std::set<PackName>& packs, bool everything)> prune;
  // Whether the structure of the repository is sound.
  std::function<bool(Repository& repository)> is_sound;
};

// Another copy of the repository, or why it could not be opened.
struct OtherCopy {
  std::string location;
  Repository* repository = nullptr;
  std::string not_reached = {};
};

// Executes a plan, in the repository and in other copies of it, and says what became of each. Interrupted anywhere, it
// can be run again and goes on; what earlier runs did counts with it. Throws held when a legal hold covers any of it,
// permission without the confirmation that the policy asks for.
ErasureDone run_erasure(Repository& repository, const std::string& id_prefix, const std::vector<OtherCopy>& others,
                        const EraseSteps& steps, RunMonitor& monitor, std::stop_token stop);

}  // namespace igudar
