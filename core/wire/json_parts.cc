#include "wire/json_parts.h"

namespace gregor::wire {

bool JsonSource::take(const Json& from, bool& into) {
  if (from.if_bool() == nullptr) return stop("true or false was expected");
  into = *from.if_bool();
  return true;
}

bool JsonSource::take_integer(const Json& from, std::int64_t low, std::int64_t high, std::int64_t& into) {
  if (from.if_integer() == nullptr) return stop("an integer was expected");
  into = *from.if_integer();
  return (low <= into && into <= high) || stop("a number outside of the field's range");
}

bool JsonSource::take(const Json& from, double& into) {
  if (from.if_integer() != nullptr) {
    into = static_cast<double>(*from.if_integer());
    return true;
  }
  if (from.if_double() == nullptr) return stop("a number was expected");
  into = *from.if_double();
  return true;
}

bool JsonSource::take(const Json& from, Uuid& into) {
  const std::string* text = from.if_text();
  const auto uuid = text != nullptr ? Uuid::from_text(*text) : std::nullopt;
  if (!uuid) return stop("an id of 22 characters was expected");
  into = *uuid;
  return true;
}

bool JsonSource::take(const Json& from, std::string_view& into) {
  if (from.if_text() == nullptr) return stop("a text was expected");
  into = arena_.keep(*from.if_text());
  return true;
}

bool JsonSource::take(const Json& from, Bytes& into) {
  const std::string* text = from.if_text();
  auto bytes = text != nullptr ? from_base64(*text) : std::nullopt;
  if (!bytes) return stop("base64 was expected");
  into = arena_.keep(std::move(*bytes));
  return true;
}

bool JsonSource::stop(std::string_view what) {
  if (fault_.empty()) fault_ = what;
  return false;
}

bool JsonSource::inside(std::string_view field) {
  path_ = std::string(field) + (path_.empty() ? "" : "." + path_);
  return false;
}

bool JsonSource::inside(std::string_view field, std::size_t index) {
  return inside(std::string(field) + "[" + std::to_string(index) + "]");
}

Error JsonSource::fault(std::string_view message, std::int16_t version) const {
  const std::string where = std::string(message) + " v" + std::to_string(version) + (path_.empty() ? "" : ": " + path_);
  return Error{Errc::malformed, where + ": " + fault_, 0};
}

}  // namespace gregor::wire
