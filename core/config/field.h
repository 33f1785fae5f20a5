// Field<Struct>: binds the name of a key to the member that holds its value, so that setting and showing are one table
// each.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/check.h"
#include "config/value.h"

namespace gregor::config {

template <class Struct>
struct Field {
  /// For members that are not what their text says.
  struct Custom {
    void (*set)(Struct& at, std::string_view text);
    std::string (*get)(const Struct& from);
  };
  using Member = std::variant<bool Struct::*, std::int16_t Struct::*, std::int32_t Struct::*, std::int64_t Struct::*,
                              double Struct::*, std::string Struct::*, std::vector<std::string> Struct::*, Custom>;
  std::string_view name;
  Member member;

  /// Requires text that check_value() passed for the key of that name.
  void set(Struct& at, std::string_view text) const {
    std::visit([&](const auto& to) { set_member(at, to, text); }, member);
  }
  [[nodiscard]] std::string get(const Struct& from) const {
    return std::visit([&](const auto& of) { return get_member(from, of); }, member);
  }

 private:
  static void set_member(Struct& at, const Custom& custom, std::string_view text) { custom.set(at, text); }
  template <class Value>
  static void set_member(Struct& at, Value Struct::*member, std::string_view text) {
    if constexpr (std::is_same_v<Value, bool>) {
      at.*member = checked(parse_boolean(text));
    } else if constexpr (std::is_integral_v<Value>) {
      using Limits = std::numeric_limits<Value>;
      at.*member = static_cast<Value>(checked(parse_integer(text, Limits::min(), Limits::max())));
    } else if constexpr (std::is_same_v<Value, double>) {
      at.*member = checked(parse_real(text));
    } else if constexpr (std::is_same_v<Value, std::string>) {
      at.*member = std::string(trimmed(text));
    } else {
      at.*member = parse_list(text);
    }
  }
  static std::string get_member(const Struct& from, const Custom& custom) { return custom.get(from); }
  template <class Value>
  static std::string get_member(const Struct& from, Value Struct::*member) {
    if constexpr (std::is_same_v<Value, std::string>) {
      return from.*member;
    } else if constexpr (std::is_integral_v<Value> && !std::is_same_v<Value, bool>) {
      return std::to_string(from.*member);
    } else {
      return to_text(from.*member);
    }
  }
  template <class Value>
  static Value checked(const std::optional<Value>& value) {
    CHECK(value.has_value());
    return *value;
  }
};

}  // namespace gregor::config
