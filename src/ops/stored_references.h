#pragma once

#include <set>
#include <stop_token>
#include <vector>

#include "format/refset.h"
#include "repo/frame_reader.h"
#include "repo/table_cursor.h"

namespace igudar {

// What a snapshot that is about to be committed, or just was, needs; and whether that is still there (rules W3 and W6
// of docs/adr/0002-gc-protocol.md). Thread-safe functions. Memory: that of the whole reference set.

// The set with this root, and the copies of its own pages. Of these, copies that are lost count as such in the index
// from now on.
RefSet read_references(const Repository& repository, BlobIndex& index, const TableRoot& refset,
                       const std::vector<OrdinalRange>& pages, std::stop_token stop);
// Whether each of them lies in some pack that the index does not count as absent, in a frame that is not lost.
bool all_present(const RefSet& references, const BlobIndex& index);
// Whether the index has any of them in one of `packs`.
bool any_in_packs(const RefSet& references, const BlobIndex& index, const std::set<PackName>& packs);

}  // namespace igudar
