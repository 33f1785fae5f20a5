// Values as text: what a properties file or a request holds, to typed values and back. Java's readings: blanks around a
// value do not count, true and false have any case, lists are separated by commas. Locale never matters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gregor::config {

std::string_view trimmed(std::string_view text);
/// ASCII only.
std::string lower_case(std::string_view text);
std::string upper_case(std::string_view text);

/// Empty optionals where the text is no such value, or beyond the type.
std::optional<bool> parse_boolean(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text, std::int64_t minimum, std::int64_t maximum);
std::optional<double> parse_real(std::string_view text);
/// "a, b" to {"a", "b"}; blank text to {}. Empty elements stay.
std::vector<std::string> parse_list(std::string_view text);

std::string to_text(bool value);
/// The shortest that reads back as the same number: "0.5", "1".
std::string to_text(double value);
std::string to_text(const std::vector<std::string>& list);

}  // namespace gregor::config
