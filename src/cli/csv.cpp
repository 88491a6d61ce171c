#include "cli/csv.h"

#include <string_view>

#include "cli/terminal_text.h"

namespace igudar {

namespace {

// Quoted, quotes doubled.
std::string csv_cell(const std::string& text) {
  std::string cell = escape_message(text);
  if (!cell.empty() && std::string_view("=+-@").find(cell[0]) != std::string_view::npos) cell.insert(0, 1, '\'');
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string csv_line(std::span<const std::string> cells) {
  std::string line;
  for (const std::string& cell : cells) line += (line.empty() ? "" : ",") + csv_cell(cell);
  return line;
}

}  // namespace igudar
