#pragma once

#include <string>

namespace igudar {

// This machine's name as the kernel has it; empty when it does not tell. Thread-safe.
std::string host_name();

}  // namespace igudar
