// Json: a small JSON value, for messages in the form of Kafka's JSON converter and for quorum-state.
// Objects keep the order of their members; integers are 64 bits wide and never pass through floating point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace gregor::wire {

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;  ///< null
  explicit Json(bool value) : value_(value) {}
  explicit Json(std::int64_t value) : value_(value) {}
  explicit Json(double value) : value_(value) {}
  explicit Json(std::string value) : value_(std::move(value)) {}
  explicit Json(Array value) : value_(std::move(value)) {}
  explicit Json(Object value) : value_(std::move(value)) {}

  /// Nesting of at most kDepthMax; one value and nothing behind it but blanks. Malformed names the byte position.
  static Result<Json> parse(std::string_view text);
  static constexpr int kDepthMax = 64;
  /// Without blanks; texts as UTF-8, with only what JSON demands escaped.
  [[nodiscard]] std::string to_text() const;

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  /// Each is null when the value is of another kind.
  [[nodiscard]] const bool* if_bool() const { return std::get_if<bool>(&value_); }
  [[nodiscard]] const std::int64_t* if_integer() const { return std::get_if<std::int64_t>(&value_); }
  [[nodiscard]] const double* if_double() const { return std::get_if<double>(&value_); }
  [[nodiscard]] const std::string* if_text() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const Array* if_array() const { return std::get_if<Array>(&value_); }
  [[nodiscard]] const Object* if_object() const { return std::get_if<Object>(&value_); }
  /// The member of that name; null when this is no object or has none.
  [[nodiscard]] const Json* find(std::string_view name) const;

  /// Requires an object or null, which becomes an object.
  void set(std::string_view name, Json value);

  /// Objects are equal whatever the order of their members; a double equals the integer of the same value.
  bool operator==(const Json& other) const;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

/// Standard base64 with padding, as Kafka's converter writes bytes.
std::string to_base64(Bytes bytes);
/// None when the text is not base64.
std::optional<ByteBuffer> from_base64(std::string_view text);

}  // namespace gregor::wire
