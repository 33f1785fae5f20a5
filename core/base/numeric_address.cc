#include "base/numeric_address.h"

namespace gregor {

bool is_numeric_address(std::string_view text) {
  const bool is_v6 = text.find(':') != std::string_view::npos;
  if (is_v6) return text.size() > 1 && text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  int parts = 0;
  while (true) {
    const auto dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    if (part.empty() || part.size() > 3 || part.find_first_not_of("0123456789") != std::string_view::npos) return false;
    if (part.size() == 3 && part > "255") return false;
    ++parts;
    if (dot == std::string_view::npos) return parts == 4;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace gregor
