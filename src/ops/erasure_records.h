#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "ops/path_patterns.h"
#include "repo/registry.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

// Erasures as the registry keeps them (docs/format.md section 20): what was planned, who confirmed it, what was done.

// A domain to be erased whole: its keys are destroyed.
struct ErasedDomain {
  Id16 id = {};
  std::string name = {};
};

struct ErasurePlan {
  Id32 id = {};
  Id32 signer = {};
  TimeNs time = 0;
  std::optional<ErasedDomain> domain = {};  // to be erased; or
  std::vector<SnapshotId> snapshots = {};   // to be erased whole; or
  std::vector<std::string> patterns = {};   // whose entries go from all snapshots
  std::string reason = {};
};

struct ErasureConfirmation {
  Id32 plan = {};
  Id32 signer = {};
  TimeNs time = 0;
};

// What became of one copy of the repository.
struct ErasedCopy {
  std::string location = {};
  TimeNs tested = 0;    // when the negative test was made
  bool passed = false;  // nothing of what was erased was found
  std::uint64_t snapshots_rewritten = 0;
  std::uint64_t snapshots_erased = 0;
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  // of their content
  std::uint64_t chunks_erased = 0;
  std::uint64_t chunks_shared = 0;            // of their content that others hold as well, and that so stays
  std::optional<TimeNs> residual_until = {};  // something waits for a running writer: until then at the latest
  std::vector<std::string> held_by = {};
  std::string not_reached = {};  // why nothing could be done there
  bool complete() const { return passed && !residual_until && not_reached.empty(); }
};

struct ErasureDone {
  Id32 id = {};
  Id32 signer = {};
  Id32 plan = {};
  TimeNs time = 0;        // by the clock of whoever ran it
  TimeNs applies_to = 0;  // what snapshots hold that began until then, by the storage's clock
  std::optional<ErasedDomain> domain = {};
  std::vector<SnapshotId> snapshots = {};
  std::vector<std::string> patterns = {};
  std::vector<ErasedCopy> copies = {};
  bool complete() const;
};

std::vector<ErasurePlan> erasure_plans(const Registry& registry);
ErasurePlan find_erasure_plan(const Registry& registry, const std::string& id_prefix);
std::vector<ErasureConfirmation> erasure_confirmations(const Registry& registry, const Id32& plan);
// The last word on a plan; none where it was never run to an end.
std::optional<ErasureDone> erasure_done(const Registry& registry, const Id32& plan);

// Durable once they return. They throw permission as put_registry_entry does.
Id32 put_erasure_plan(const Repository& repository, const ErasurePlan& plan, std::stop_token stop);
Id32 put_erasure_confirmation(const Repository& repository, const Id32& plan, std::stop_token stop);
// In place of what was said of the plan before.
Id32 put_erasure_done(const Repository& repository, const Registry& registry, const ErasureDone& done,
                      std::stop_token stop);

// What was erased does not come back: which entries of a snapshot, or which snapshots, a restore leaves out though the
// storage has them again. Thread safety: const once made.
class ErasureLedger {
 public:
  ErasureLedger() = default;
  explicit ErasureLedger(const Registry& registry);

  // The plan by which the whole domain was erased; none if it was not.
  std::optional<Id32> erased(const Id16& domain) const;
  // The plan by which the whole snapshot was erased; none if it was not.
  std::optional<Id32> erased(const SnapshotId& id) const;
  // The patterns that count for a snapshot.
  std::vector<const PathPatterns*> patterns_for(const Snapshot& snapshot) const;

 private:
  struct Erased {
    PathPatterns patterns;
    TimeNs applies_to = 0;
  };
  std::vector<Erased> paths_;
  std::map<SnapshotId, Id32> snapshots_;
  std::map<Id16, Id32> domains_;
};

}  // namespace igudar
