#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "repo/pack_ledger.h"
#include "repo/repository.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

// What this machine remembers of a repository: the newest records it saw, so that a storage cannot take back the newest
// snapshot unnoticed, and when it last read each pack.
//
// Thread safety: none; several processes may use it, the last one to write wins.
// Errors: nothing here is worth failing for: what does not work is in remarks(). A damaged file is discarded.
class LocalState {
 public:
  explicit LocalState(const Repository& repository);

  // The heads remembered; sorted.
  std::vector<Id32> known_heads();
  // Those of them that the repository neither has nor has forgotten: they were taken away.
  std::vector<Id32> lost_heads(const SnapshotCatalogue& catalogue);
  // Remembers the heads of a catalogue, and goes on remembering lost ones.
  void remember_heads(const SnapshotCatalogue& catalogue);
  // Remembers a record that this machine has just stored, in place of the heads that it names.
  void remember_written(const Id32& record, const std::vector<Id32>& named);
  // Remembers these instead of what was: after the user accepted a loss.
  void replace_heads(const std::vector<Id32>& heads);

  PackLedger& pack_ledger() { return ledger_; }
  // What does not work, translated.
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  std::filesystem::path folder_;
  Id16 repository_;
  std::vector<std::string> remarks_;
  PackLedger ledger_;
};

}  // namespace igudar
