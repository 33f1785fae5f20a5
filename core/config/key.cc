#include "config/key.h"

#include <array>

#include "config/value.h"

namespace gregor::config {
namespace {

/// Kafka writes 1.0 as "1" and 0.5 as "0.5".
std::string real_text(double value) {
  return to_text(value);
}

std::string range_text(const std::string& minimum, const std::string& maximum) {
  return "[" + minimum + ",...," + maximum + "]";
}

}  // namespace

std::string to_text(const Valid& valid) {
  using Kind = Valid::Kind;
  switch (valid.kind) {
    case Kind::any:
      return "";
    case Kind::at_least:
      return "[" + std::to_string(valid.minimum) + ",...]";
    case Kind::between:
      return range_text(std::to_string(valid.minimum), std::to_string(valid.maximum));
    case Kind::between_or:
      return range_text(std::to_string(valid.minimum), std::to_string(valid.maximum)) + " or " +
             std::to_string(valid.exception);
    case Kind::real_between:
      return range_text(real_text(valid.real_minimum), real_text(valid.real_maximum));
    case Kind::one_of:
      return "[" + std::string(valid.choices) + "]";
    case Kind::one_of_any_case:
      return "(case insensitive) [" + std::string(valid.choices) + "]";
    case Kind::not_null:
      return "non-null string";
    case Kind::not_empty:
      return "non-empty string";
    case Kind::not_empty_list:
      return "non-empty list";
    case Kind::throttled_replicas:
      return "[partitionId]:[brokerId],[partitionId]:[brokerId],...";
    case Kind::auto_offset_reset:
      return "[latest, earliest, by_duration:PnDTnHnMn.nS]";
    case Kind::address_limits:
      return "";
  }
  return "";
}

std::string_view name_of(Type type) {
  static constexpr std::array<std::string_view, 10> kNames = {"",     "BOOLEAN", "STRING", "INT",   "SHORT",
                                                              "LONG", "DOUBLE",  "LIST",   "CLASS", "PASSWORD"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string_view name_of(UpdateMode mode) {
  static constexpr std::array<std::string_view, 4> kNames = {"", "read-only", "per-broker", "cluster-wide"};
  return kNames[static_cast<std::size_t>(mode)];
}

std::string_view name_of(Importance importance) {
  static constexpr std::array<std::string_view, 3> kNames = {"HIGH", "MEDIUM", "LOW"};
  return kNames[static_cast<std::size_t>(importance)];
}

}  // namespace gregor::config
