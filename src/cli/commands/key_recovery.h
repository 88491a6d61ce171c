#pragma once

#include "cli/commands/command.h"
#include "format/signed_record.h"

namespace igudar {

// 'igudar key recovery create' and 'igudar key recovery test'. `capability` is what a new recovery key may do.
void run_key_recovery(const CommandContext& context, Capability capability);

}  // namespace igudar
