// UTF-8, as far as JSON needs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gregor::wire {

/// Bytes of the well-formed sequence that `text` begins with; 0 where it begins with none.
std::size_t utf8_length(std::string_view text);
/// Requires code_point < 0x110000.
void append_utf8(std::string& to, std::uint32_t code_point);

}  // namespace gregor::wire
