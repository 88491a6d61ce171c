#pragma once

#include "format/refset.h"
#include "ops/check/findings.h"
#include "repo/blob_index.h"

namespace igudar {

// Packs that the index names and the store does not list. They are damage when they held the only copy of a chunk that
// `references` names, else remarks. Without references (nullptr: the slot does not allow to read them) all are damage.
// Thread-safe.
void report_missing_packs(const BlobIndex& index, const RefSet* references, Findings& findings);

}  // namespace igudar
