// What a rule found: reported so that the message teaches the rule and names the place.
#pragma once

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "tests/house/support/source_tree.h"

namespace gregor::house {

/// A construct that has no place in some folders, and why.
struct Ban {
  const char* folders;  ///< a regular expression for paths
  const char* pattern;  ///< in code, comments and literals left out
  const char* why;      ///< the rule, and what to do instead
};

inline void report(const SourceFile& file, int line, const std::string& what) {
  ADD_FAILURE_AT(file.path.c_str(), line) << what;
}

/// Calls `visit(match)` for each match of `pattern` in `text`.
template <class Visit>
void for_each_match(const std::string& text, const std::regex& pattern, const Visit& visit) {
  for (auto match = std::sregex_iterator(text.begin(), text.end(), pattern); match != std::sregex_iterator(); ++match)
    visit(*match);
}

/// The rows of core/layers.cmake.
inline std::set<std::string> declared_layers() {
  std::set<std::string> layers;
  const std::string text = read_text("core/layers.cmake");
  const std::regex row(R"((^|\n)gregor_layer\((\w+))");
  for_each_match(text, row, [&](const std::smatch& match) { layers.insert(match[2]); });
  return layers;
}

}  // namespace gregor::house
