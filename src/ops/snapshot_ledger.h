#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "format/entry.h"
#include "ops/erasure_records.h"

namespace igudar {

// What was erased does not come back: applied to one snapshot by whoever shows or restores what is in it.
//
// Thread safety: const once made.
class SnapshotLedger {
 public:
  // Of a snapshot of the repository. Throws not_found when the whole snapshot, or the domain, was erased; entries of
  // the registry that cannot be read are in damaged().
  SnapshotLedger(const Repository& repository, const CataloguedSnapshot& snapshot, std::stop_token stop);

  // Whether the entry was erased, though the storage has it again.
  bool was_erased(const Entry& entry) const;
  const std::vector<DamagedObject>& damaged() const { return damaged_; }

 private:
  std::unique_ptr<ErasureLedger> ledger_;
  std::vector<const PathPatterns*> patterns_;  // of *ledger_
  std::vector<DamagedObject> damaged_;
};

// "3 entries were left out: they were erased, and do not come back".
std::string left_out_text(std::uint64_t entries);

}  // namespace igudar
