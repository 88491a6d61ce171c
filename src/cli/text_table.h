#pragma once

#include <string>
#include <vector>

namespace igudar {

// A table in aligned columns. Cells are valid UTF-8 (escape names first); a cell may have several lines. Not
// thread-safe.
//
//   TextTable table({{"ID"}, {"Size", Align::right}});
//   table.add({"1f3a", "1.2 MiB"});
//   for (const std::string& line : table.lines()) …
enum class Align { left, right };

class TextTable {
 public:
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // One cell for each column.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  // The titles (unless all are empty), a rule, the rows. No line ends in blanks.
  std::vector<std::string> lines() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace igudar
