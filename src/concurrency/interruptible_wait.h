#pragma once

#include <chrono>
#include <stop_token>

namespace igudar {

// Waits for `duration`, or less when `stop` is requested. False when it was stopped.
bool wait_unless_stopped(std::chrono::nanoseconds duration, const std::stop_token& stop);

}  // namespace igudar
