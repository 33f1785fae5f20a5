#include "config/value.h"

#include <array>
#include <charconv>

namespace gregor::config {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f";

std::string mapped(std::string_view text, char first, char last, int distance) {
  std::string out(text);
  for (char& c : out) {
    if (c >= first && c <= last) c = static_cast<char>(c + distance);
  }
  return out;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string lower_case(std::string_view text) {
  return mapped(text, 'A', 'Z', 'a' - 'A');
}
std::string upper_case(std::string_view text) {
  return mapped(text, 'a', 'z', 'A' - 'a');
}

std::optional<bool> parse_boolean(std::string_view text) {
  const std::string word = lower_case(trimmed(text));
  if (word == "true") return true;
  if (word == "false") return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text, std::int64_t minimum, std::int64_t maximum) {
  text = trimmed(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (value < minimum || value > maximum) return std::nullopt;
  return value;
}

std::optional<double> parse_real(std::string_view text) {
  text = trimmed(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value != value) return std::nullopt;
  return value;
}

std::vector<std::string> parse_list(std::string_view text) {
  std::vector<std::string> list;
  text = trimmed(text);
  if (text.empty()) return list;
  for (;;) {
    const auto comma = text.find(',');
    list.emplace_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) return list;
    text.remove_prefix(comma + 1);
  }
}

std::string to_text(bool value) {
  return value ? "true" : "false";
}

std::string to_text(double value) {
  std::array<char, 32> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? std::string(text.data(), end) : std::string("NaN");
}

std::string to_text(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& element : list) {
    if (&element != &list.front()) text += ',';
    text += element;
  }
  return text;
}

}  // namespace gregor::config
