#pragma once

#include "cli/commands/command.h"
#include "repo/repository.h"

namespace igudar {

// `key rotate`: new keys for the domain that the repository was opened for, and on demand everything stored anew under
// them.
void run_key_rotation(const CommandContext& context, const Repository& repository);

}  // namespace igudar
