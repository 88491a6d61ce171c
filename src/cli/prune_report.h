#pragma once

#include <string>

#include "cli/console.h"
#include "ops/prune/prune.h"

namespace igudar {

// A prune's summary for people, and as the JSON object that docs/json.md describes. `forget --prune` shows it too.
void print_prune(Console& console, const PruneSummary& summary, bool dry_run);
std::string prune_json(const PruneSummary& summary, bool dry_run);

}  // namespace igudar
