#include "names.h"

#include <cctype>

namespace gregor::wire::generator {
namespace {

bool upper(char c) {
  return std::isupper(static_cast<unsigned char>(c)) != 0;
}
bool lower(char c) {
  return std::islower(static_cast<unsigned char>(c)) != 0;
}
bool digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

std::string snake_case(std::string_view name) {
  const std::string plain = replaced(replaced(std::string(name), "KRaft", "Kraft"), "2Pc", "_2pc");
  std::string result;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    const bool after_word = i > 0 && (lower(plain[i - 1]) || digit(plain[i - 1]));
    const bool before_word = i > 0 && upper(plain[i - 1]) && i + 1 < plain.size() && lower(plain[i + 1]);
    if (upper(c) && (after_word || before_word)) result += '_';
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

std::string camel_case(std::string_view name) {
  std::string result(name);
  result.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(result.front())));
  return result;
}

std::string api_name(std::string_view message_name) {
  for (const std::string_view ending : {"Request", "Response"}) {
    if (message_name.ends_with(ending)) return std::string(message_name.substr(0, message_name.size() - ending.size()));
  }
  return std::string(message_name);
}

}  // namespace gregor::wire::generator
