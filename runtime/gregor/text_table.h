// A table for people: a row of headings, then rows, each column as wide as its widest cell. What has no rows is one
// line.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace gregor::program {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headings) : rows_{std::move(headings)} {}
  /// Requires as many cells as there are headings. An empty cell is shown as "-".
  void add(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.size() == 1; }
  /// Columns are parted by two blanks; no line ends in a blank.
  void print(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace gregor::program
