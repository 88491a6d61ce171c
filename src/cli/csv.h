#pragma once

#include <span>
#include <string>

namespace igudar {

// A line of CSV (RFC 4180), without the CR LF at its end: every cell quoted, control characters escaped. Cells that a
// spreadsheet would take for a formula begin with an apostrophe. Pure and thread-safe.
std::string csv_line(std::span<const std::string> cells);

}  // namespace igudar
