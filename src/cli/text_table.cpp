#include "cli/text_table.h"

#include <algorithm>
#include <numeric>

#include "cli/terminal_text.h"

namespace igudar {

namespace {

constexpr std::size_t kGap = 2;

std::vector<std::string> lines_of(const std::string& cell) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end; (end = cell.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(cell.substr(begin, end - begin));
  lines.push_back(cell.substr(begin));
  return lines;
}

std::string padded(const std::string& text, std::size_t width, Align align) {
  const std::string blanks(width - std::min(width, display_width(text)), ' ');
  return align == Align::right ? blanks + text : text + blanks;
}

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::vector<std::string> TextTable::lines() const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(display_width(column.title));
  for (const std::vector<std::string>& row : rows_)
    for (std::size_t c = 0; c < row.size(); ++c)
      for (const std::string& line : lines_of(row[c])) widths[c] = std::max(widths[c], display_width(line));

  const auto one_line = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (c != 0) line.append(kGap, ' ');
      line += padded(cells[c], widths[c], columns_[c].align);
    }
    return without_trailing_blanks(line);
  };

  std::vector<std::string> out;
  if (std::any_of(columns_.begin(), columns_.end(), [](const Column& column) { return !column.title.empty(); })) {
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    out.push_back(one_line(titles));
    const std::size_t total = std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
    std::string rule;
    for (std::size_t i = 0; i < total; ++i) rule += "─";
    out.push_back(rule);
  }
  for (const std::vector<std::string>& row : rows_) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (const std::string& cell : row) {
      cells.push_back(lines_of(cell));
      height = std::max(height, cells.back().size());
    }
    for (std::size_t l = 0; l < height; ++l) {
      std::vector<std::string> line;
      for (const std::vector<std::string>& cell : cells) line.push_back(l < cell.size() ? cell[l] : "");
      out.push_back(one_line(line));
    }
  }
  return out;
}

}  // namespace igudar
