// Whether a text is the address of a host in figures. Pure: no name is ever looked up.
#pragma once

#include <string_view>

namespace gregor {

/// "127.0.0.1", or hexadecimal figures and colons: whether they make a real IPv6 address is not asked.
bool is_numeric_address(std::string_view text);

}  // namespace gregor
