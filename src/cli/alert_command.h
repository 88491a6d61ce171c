#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace igudar {

// Runs a command with the shell, `input` on its standard input and its output on standard error; ends it, with all that
// it started in its process group, when it takes longer than `patience`. Throws what went wrong: a status other than 0,
// or the end of the patience. Not thread-safe.
void run_alert_command(const std::string& command, std::string_view input, std::chrono::milliseconds patience);

}  // namespace igudar
