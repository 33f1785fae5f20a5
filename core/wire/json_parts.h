// What the generated JSON functions lean on. Not for others.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "wire/arena.h"
#include "wire/codec_parts.h"
#include "wire/json.h"

namespace gregor::wire {

template <class Int>
requires std::is_integral_v<Int> Json json_value(Int value) {
  if constexpr (std::is_same_v<Int, bool>) {
    return Json(value);
  } else {
    return Json(static_cast<std::int64_t>(value));
  }
}
inline Json json_value(double value) {
  return Json(value);
}
inline Json json_value(const Uuid& value) {
  return Json(value.to_text());
}
inline Json json_value(std::string_view value) {
  return Json(std::string(value));
}
inline Json json_value(Bytes value) {
  return Json(to_base64(value));
}
template <class T>
Json json_value(const std::vector<T>& values) {
  Json::Array array;
  array.reserve(values.size());
  for (const T& value : values) array.push_back(json_value(value));
  return Json(std::move(array));
}
template <class T>
Json json_value(const std::optional<T>& value) {
  return value ? json_value(*value) : Json();
}

/// Takes fields out of JSON and remembers the first fault, as Reader does for bytes.
class JsonSource {
 public:
  explicit JsonSource(Arena& arena) : arena_(arena) {}

  bool object(const Json& from) { return from.if_object() != nullptr || stop("an object was expected"); }
  const Json::Array* array(const Json& from) {
    if (from.if_array() == nullptr) stop("an array was expected");
    return from.if_array();
  }
  bool missing(std::string_view field) {
    stop("is missing");
    return inside(field);
  }

  bool take(const Json& from, bool& into);
  bool take(const Json& from, double& into);
  bool take(const Json& from, Uuid& into);
  bool take(const Json& from, std::string_view& into);
  bool take(const Json& from, Bytes& into);
  template <class Int>
  requires std::is_integral_v<Int>
  bool take(const Json& from, Int& into) {
    std::int64_t value = 0;
    if (!take_integer(from, std::numeric_limits<Int>::min(), std::numeric_limits<Int>::max(), value)) return false;
    into = static_cast<Int>(value);
    return true;
  }
  template <class T>
  bool take(const Json& from, std::vector<T>& into) {
    const Json::Array* elements = array(from);
    if (elements == nullptr) return false;
    into.clear();
    for (const Json& element : *elements) {
      if (!take(element, into.emplace_back())) return false;
    }
    return true;
  }
  template <class T>
  bool take(const Json& from, std::optional<T>& into) {
    into.reset();
    return from.is_null() || take(from, into.emplace());
  }

  bool stop(std::string_view what);
  bool inside(std::string_view field);
  bool inside(std::string_view field, std::size_t index);
  [[nodiscard]] Error fault(std::string_view message, std::int16_t version) const;

 private:
  bool take_integer(const Json& from, std::int64_t low, std::int64_t high, std::int64_t& into);

  Arena& arena_;
  std::string fault_;
  std::string path_;
};

}  // namespace gregor::wire
