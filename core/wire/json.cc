#include "wire/json.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"
#include "wire/utf8.h"

namespace gregor::wire {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD, for bytes that are no UTF-8

void append_text(std::string& to, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  to += '"';
  while (!text.empty()) {
    const char c = text.front();
    const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
    if (c == '"' || c == '\\') {
      to += '\\';
      to += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      to += "\\u00";
      to += kHex[static_cast<unsigned char>(c) >> 4];
      to += kHex[c & 0xf];
    } else if (length == 1 && static_cast<unsigned char>(c) >= 0x80) {
      to += kReplacement;
    } else {
      to += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  to += '"';
}

template <class Number>
void append_number(std::string& to, Number number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  to.append(digits.data(), end.ptr);
}

void append_value(std::string& to, const Json& json) {
  if (const auto* value = json.if_bool()) {
    to += *value ? "true" : "false";
  } else if (const auto* number = json.if_integer()) {
    append_number(to, *number);
  } else if (const auto* real = json.if_double()) {
    append_number(to, *real);
  } else if (const auto* text = json.if_text()) {
    append_text(to, *text);
  } else if (const auto* array = json.if_array()) {
    const char* before = "[";
    for (const Json& element : *array) {
      to += before;
      append_value(to, element);
      before = ",";
    }
    to += array->empty() ? "[]" : "]";
  } else if (const auto* object = json.if_object()) {
    const char* before = "{";
    for (const auto& [name, member] : *object) {
      to += before;
      append_text(to, name);
      to += ':';
      append_value(to, member);
      before = ",";
    }
    to += object->empty() ? "{}" : "}";
  } else {
    to += "null";
  }
}

}  // namespace

std::string Json::to_text() const {
  std::string text;
  append_value(text, *this);
  return text;
}

const Json* Json::find(std::string_view name) const {
  const Object* object = if_object();
  if (object == nullptr) return nullptr;
  const auto found =
      std::find_if(object->begin(), object->end(), [&](const Member& each) { return each.first == name; });
  return found == object->end() ? nullptr : &found->second;
}

void Json::set(std::string_view name, Json value) {
  if (is_null()) value_.emplace<Object>();
  auto* object = std::get_if<Object>(&value_);
  CHECK(object != nullptr);
  const auto found =
      std::find_if(object->begin(), object->end(), [&](const Member& each) { return each.first == name; });
  if (found != object->end()) {
    found->second = std::move(value);
  } else {
    object->emplace_back(name, std::move(value));
  }
}

bool Json::operator==(const Json& other) const {
  if (if_integer() != nullptr && other.if_double() != nullptr)
    return static_cast<double>(*if_integer()) == *other.if_double();
  if (if_double() != nullptr && other.if_integer() != nullptr) return other == *this;
  const Object* mine = if_object();
  const Object* theirs = other.if_object();
  if (mine == nullptr || theirs == nullptr) return value_ == other.value_;
  if (mine->size() != theirs->size()) return false;
  return std::all_of(mine->begin(), mine->end(), [&](const Member& member) {
    const Json* twin = other.find(member.first);
    return twin != nullptr && *twin == member.second;
  });
}

}  // namespace gregor::wire
