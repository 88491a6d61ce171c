#pragma once

#include "ops/erase/erased_content.h"

namespace igudar {

// The proof that an erasure took effect: everything is listed and read anew from the storage.
struct AbsenceProof {
  std::vector<std::string> findings;  // what is there and should not be; translated
  bool passed() const { return findings.empty(); }
};

// That no snapshot has an entry of it, no page names one, and that none of `chunks` is in an index segment or in a
// pack's table of contents. Not thread-safe.
AbsenceProof prove_absence(const Repository& repository, const ErasureTarget& target,
                           const std::unordered_set<ChunkId>& chunks, RunMonitor& monitor, const std::stop_token& stop);

}  // namespace igudar
