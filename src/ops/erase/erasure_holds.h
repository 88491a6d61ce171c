#pragma once

#include "ops/erase/erased_content.h"
#include "ops/legal_holds.h"

namespace igudar {

// The legal holds that cover anything an erasure is of, for messages. Reads trees. Thread-safe.
std::vector<std::string> holds_against(const Repository& repository, const SnapshotCatalogue& catalogue,
                                       const std::vector<LegalHold>& holds, const ErasureTarget& target,
                                       const std::stop_token& stop);

}  // namespace igudar
