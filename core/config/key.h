// One row of a configuration table: all that is known of a key before anyone sets it. Tables are data (keys_*.cc);
// nothing here reads a file or keeps a value. The facts are those of Apache Kafka 4.3.1; the last two columns are
// Gregor's own truth.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gregor::config {

/// Kafka's ConfigDef types. The numbers are those of DescribeConfigs' configType.
enum class Type : std::uint8_t { boolean = 1, string, int32, int16, int64, real, list, class_name, password };
enum class Importance : std::uint8_t { high, medium, low };
/// How a broker key may change while the broker runs. Topic, group and client-metrics keys: `not_of_a_broker`.
enum class UpdateMode : std::uint8_t { not_of_a_broker, read_only, per_broker, cluster_wide };
/// What Gregor does with a value: obeys it; takes it, since ignoring it harms nobody; or refuses any value but the
/// default, since obeying it would matter and is not built.
enum class Support : std::uint8_t { honoured, accepted, refused };

/// What a value must satisfy beside its type. Rendered as Kafka renders it: "[1,...,9] or -1", "[compact, delete]".
struct Valid {
  enum class Kind : std::uint8_t {
    any,
    at_least,            ///< minimum
    between,             ///< minimum..maximum
    between_or,          ///< minimum..maximum, or the exception
    real_between,        ///< for reals: real_minimum..real_maximum
    one_of,              ///< choices; for a list, each of its elements
    one_of_any_case,     ///< the same, whatever the case
    not_null,            ///< "non-null string"
    not_empty,           ///< "non-empty string"; null passes
    not_empty_list,      ///< "non-empty list" is how Kafka names the check of voters and bootstrap servers
    throttled_replicas,  ///< "*" or pairs partition:broker
    auto_offset_reset,   ///< latest, earliest, or by_duration:ISO-8601
    address_limits,      ///< pairs address:limit
  };
  Kind kind = Kind::any;
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
  std::int64_t exception = 0;
  double real_minimum = 0;
  double real_maximum = 0;
  std::string_view choices = {};  ///< "a, b, c"
};
constexpr Valid any() {
  return {};
}
constexpr Valid at_least(std::int64_t minimum) {
  return {.kind = Valid::Kind::at_least, .minimum = minimum};
}
constexpr Valid between(std::int64_t minimum, std::int64_t maximum) {
  return {.kind = Valid::Kind::between, .minimum = minimum, .maximum = maximum};
}
constexpr Valid between_or(std::int64_t minimum, std::int64_t maximum, std::int64_t exception) {
  return {.kind = Valid::Kind::between_or, .minimum = minimum, .maximum = maximum, .exception = exception};
}
constexpr Valid real_between(double minimum, double maximum) {
  return {.kind = Valid::Kind::real_between, .real_minimum = minimum, .real_maximum = maximum};
}
constexpr Valid one_of(std::string_view choices) {
  return {.kind = Valid::Kind::one_of, .choices = choices};
}
constexpr Valid one_of_any_case(std::string_view choices) {
  return {.kind = Valid::Kind::one_of_any_case, .choices = choices};
}
constexpr Valid checked_as(Valid::Kind kind) {
  return {.kind = kind};
}

/// Which lists pass, for keys of type list that say so (bit set). `unchecked`: all.
struct ListRule {
  bool checked = false;
  bool duplicates_allowed = true;
  bool empty_allowed = true;
  bool null_allowed = true;
};
inline constexpr ListRule kAnyList{};
inline constexpr ListRule kDistinct{true, false, true, false};           ///< no duplicates, no null
inline constexpr ListRule kDistinctOrNull{true, false, true, true};      ///< no duplicates
inline constexpr ListRule kDistinctNotEmpty{true, false, false, false};  ///< no duplicates, at least one
inline constexpr ListRule kDistinctNotEmptyOrNull{true, false, false, true};

/// The default of a key that has none, so that it must be set. Compare by address, as is_required() does.
inline constexpr char kRequired[] = "(required)";

struct Key {
  std::string_view name;
  Type type;
  const char* default_text;  ///< as a properties file would say it; nullptr is Kafka's null; kRequired: there is none
  Valid valid = {};
  Importance importance = Importance::medium;
  UpdateMode update_mode = UpdateMode::not_of_a_broker;
  Support support = Support::accepted;
  /// For broker keys: the topic key that it gives the default of. For topic and group keys: the broker keys that give
  /// the default, first one set wins, separated by commas; "log.retention.hours*3600000" multiplies on the way.
  std::string_view synonyms = {};
  ListRule list = {};
  bool internal = false;         ///< accepted, but not listed by describe
  std::string_view reason = {};  ///< for refused keys: what is missing

  [[nodiscard]] bool is_required() const { return default_text == kRequired; }
  [[nodiscard]] bool is_sensitive() const { return type == Type::password; }
};

/// Kafka's notation of the rule; empty where every value of the type passes.
std::string to_text(const Valid& valid);
/// "INT", "CLASS", ... and "read-only", "HIGH", as Kafka writes them.
std::string_view name_of(Type type);
std::string_view name_of(UpdateMode mode);
std::string_view name_of(Importance importance);

/// Errc::invalid with one sentence naming key, value and what is allowed, where `value` is not one that `key` may have.
/// A null value is asked for by nullptr. Sensitive values are not repeated.
Result<void> check_value(const Key& key, const std::string* value);

}  // namespace gregor::config
