#include "config/properties.h"

#include <optional>

namespace gregor::config {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\f';
}

void append_utf8(std::string& to, std::uint32_t code_point) {
  if (code_point < 0x80) {
    to += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    to += static_cast<char>(0xc0 | (code_point >> 6));
    to += static_cast<char>(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    to += static_cast<char>(0xe0 | (code_point >> 12));
    to += static_cast<char>(0x80 | ((code_point >> 6) & 0x3f));
    to += static_cast<char>(0x80 | (code_point & 0x3f));
  } else {
    to += static_cast<char>(0xf0 | (code_point >> 18));
    to += static_cast<char>(0x80 | ((code_point >> 12) & 0x3f));
    to += static_cast<char>(0x80 | ((code_point >> 6) & 0x3f));
    to += static_cast<char>(0x80 | (code_point & 0x3f));
  }
}

/// Four hexadecimal digits at the start of `text`.
std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text.substr(0, 4)) {
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      value = value * 16 + static_cast<std::uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

/// A logical line: natural lines joined where a backslash ended them, the blanks that begin the next one dropped.
struct LogicalLine {
  std::string text;
  int number = 0;
};

class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  /// Comments and blank lines are passed over. Empty at the end.
  std::optional<LogicalLine> next() {
    while (!rest_.empty()) {
      std::string_view natural = take_natural();
      if (natural.empty() || natural.front() == '#' || natural.front() == '!') continue;
      LogicalLine line{{}, number_};
      while (continues(natural)) {
        line.text += natural.substr(0, natural.size() - 1);
        natural = take_natural();
      }
      line.text += natural;
      return line;
    }
    return std::nullopt;
  }

 private:
  /// The next line without its end and the blanks that begin it.
  std::string_view take_natural() {
    ++number_;
    const auto end = rest_.find_first_of("\r\n");
    std::string_view line = rest_.substr(0, end);
    if (end == std::string_view::npos) {
      rest_ = {};
    } else {
      rest_.remove_prefix(end + (rest_.substr(end, 2) == "\r\n" ? 2 : 1));
    }
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    return line;
  }

  /// An odd number of backslashes at the end.
  static bool continues(std::string_view line) {
    std::size_t backslashes = 0;
    while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
    return backslashes % 2 == 1;
  }

  std::string_view rest_;
  int number_ = 0;
};

/// The escape that begins at text[at], a backslash; `at` moves to its last character.
Result<std::uint32_t> resolve_unicode(std::string_view text, std::size_t& at, int line) {
  const auto unit = hex4(text.substr(at + 2));
  if (!unit) return fail(Errc::malformed, "line " + std::to_string(line) + ": \\u wants four hexadecimal digits");
  at += 5;
  constexpr std::uint32_t kReplacement = 0xfffd;  // for half of a surrogate pair, which is no character
  if (*unit < 0xd800 || *unit > 0xdfff) return *unit;
  const std::string_view behind = text.substr(at + 1);
  const auto low = behind.starts_with("\\u") ? hex4(behind.substr(2)) : std::nullopt;
  if (*unit >= 0xdc00 || !low || *low < 0xdc00 || *low > 0xdfff) return kReplacement;
  at += 6;
  return 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00);
}

Result<std::string> unescape(std::string_view text, int line) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      if (text[at] != '\\') out += text[at];
      continue;
    }
    const char escaped = text[at + 1];
    if (escaped == 'u') {
      TRY_ASSIGN(const std::uint32_t code_point, resolve_unicode(text, at, line));
      append_utf8(out, code_point);
      continue;
    }
    ++at;
    out += escaped == 't' ? '\t' : escaped == 'n' ? '\n' : escaped == 'r' ? '\r' : escaped == 'f' ? '\f' : escaped;
  }
  return out;
}

/// Where the key ends: the first `=`, `:` or blank that no backslash stands before.
std::size_t key_length(std::string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '\\') {
      ++at;
    } else if (line[at] == '=' || line[at] == ':' || is_blank(line[at])) {
      return at;
    }
  }
  return line.size();
}

std::string_view value_after(std::string_view rest) {
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
  if (!rest.empty() && (rest.front() == '=' || rest.front() == ':')) rest.remove_prefix(1);
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
  return rest;
}

}  // namespace

Result<std::vector<Property>> parse_properties(std::string_view text) {
  if (text.size() > kPropertiesBytesMax) return fail(Errc::limit, "a properties file of more than 16 MiB");
  std::vector<Property> properties;
  LineReader lines(text);
  while (const auto line = lines.next()) {
    const std::size_t length = key_length(line->text);
    TRY_ASSIGN(std::string key, unescape(std::string_view(line->text).substr(0, length), line->number));
    TRY_ASSIGN(std::string value, unescape(value_after(std::string_view(line->text).substr(length)), line->number));
    properties.push_back({std::move(key), std::move(value), line->number});
  }
  return properties;
}

}  // namespace gregor::config
