// Java's .properties text, as server.properties is written. Never touches a file: the caller read it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gregor::config {

/// One `key=value`. Escapes are resolved, \uXXXX into UTF-8.
struct Property {
  std::string key;
  std::string value;
  int line = 0;  ///< 1 for the first, where the key stands
};

inline constexpr std::size_t kPropertiesBytesMax = 16 << 20;

/// Comments (# and !), `=`, `:` or blanks between key and value, backslash escapes, lines continued by a final
/// backslash. Repeated keys stay; the last one counts. Errors: malformed (a broken \u escape), limit, each naming the
/// line.
Result<std::vector<Property>> parse_properties(std::string_view text);

}  // namespace gregor::config
