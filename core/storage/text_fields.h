// Lines and words of the small text files. Pure and strict: what is not a number is none, not zero.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

namespace gregor::storage {

/// Split at '\n'; a carriage return before it and one empty last line are dropped.
std::vector<std::string_view> lines_of(std::string_view text);
/// Split at single spaces.
std::vector<std::string_view> words_of(std::string_view line);

template <class Int>
std::optional<Int> parse_number(std::string_view text) {
  Int value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace gregor::storage
