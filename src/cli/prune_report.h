#pragma once

#include <string>

#include "cli/commands/command.h"
#include "cli/console.h"
#include "ops/prune/prune.h"

namespace igudar {

// A prune's summary for people, and as the JSON object that docs/json.md describes. `forget --prune` shows it too.
void print_prune(Console& console, const PruneSummary& summary, bool dry_run);
// What the audit log says of it.
void note_prune(const CommandContext& context, const PruneSummary& summary, bool dry_run);
std::string prune_json(const PruneSummary& summary, bool dry_run);

}  // namespace igudar
