#pragma once

#include "base/error.h"
#include "cli/commands/command.h"

namespace igudar {

// Whether an error means that somebody could not open the repository: a wrong password, key or PIN, or a
// repository that is not the one this machine knows.
bool is_failed_opening(const Error& error);

// Counts it on this machine, for the audit log of the next opening that succeeds, and runs the command that
// --alert-command names once there were --alert-after of them within an hour. Never throws: what does not work is a
// warning.
void record_failed_opening(const CommandContext& context, const Error& error) noexcept;

}  // namespace igudar
