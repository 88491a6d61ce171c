#pragma once

#include <map>
#include <set>
#include <vector>

#include "base/clock.h"
#include "format/chunk.h"
#include "ops/check/check.h"

namespace igudar {

// Which of `packs` (with their sizes) are to be read. Shares and sizes take those first that were not read for the
// longest time, the never read ones before all, and at least one; among equals chance decides. Parts divide packs by
// their names, so that reading all parts in turn reads all packs.
std::set<PackName> select_packs(const ReadDataSelection& selection, const std::map<PackName, std::uint64_t>& packs,
                                const std::map<PackName, TimeNs>& last_read);

}  // namespace igudar
