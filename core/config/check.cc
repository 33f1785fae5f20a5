// check_value(): is this text one that the key may have? Kept apart from key.cc, which only renders.
#include <algorithm>
#include <limits>

#include "config/address_limits.h"
#include "config/key.h"
#include "config/value.h"

namespace gregor::config {
namespace {

/// What is wrong with a value, as the end of a sentence; empty: nothing.
using Complaint = std::string;

Complaint complaint_about_number(const Valid& valid, std::int64_t value) {
  using Kind = Valid::Kind;
  const bool bounded_below =
      valid.kind == Kind::at_least || valid.kind == Kind::between || valid.kind == Kind::between_or;
  const bool bounded_above = valid.kind == Kind::between || valid.kind == Kind::between_or;
  if (valid.kind == Kind::between_or && value == valid.exception) return {};
  if (bounded_below && value < valid.minimum) return "must be at least " + std::to_string(valid.minimum);
  if (bounded_above && value > valid.maximum) return "must be no more than " + std::to_string(valid.maximum);
  return {};
}

Complaint complaint_about_integer(const Key& key, std::string_view text) {
  const auto [minimum, maximum] = key.type == Type::int16 ? std::pair<std::int64_t, std::int64_t>{-32768, 32767}
                                  : key.type == Type::int32
                                      ? std::pair<std::int64_t, std::int64_t>{INT32_MIN, INT32_MAX}
                                      : std::pair<std::int64_t, std::int64_t>{INT64_MIN, INT64_MAX};
  const auto value = parse_integer(text, minimum, maximum);
  if (!value) return "is not a number of type " + std::string(name_of(key.type));
  return complaint_about_number(key.valid, *value);
}

Complaint complaint_about_real(const Key& key, std::string_view text) {
  const auto value = parse_real(text);
  if (!value) return "is not a number of type DOUBLE";
  double minimum = -std::numeric_limits<double>::max();
  double maximum = std::numeric_limits<double>::max();
  if (key.valid.kind == Valid::Kind::real_between) {
    minimum = key.valid.real_minimum;
    maximum = key.valid.real_maximum;
  }
  if (*value < minimum) return "must be at least " + to_text(minimum);
  if (*value > maximum) return "must be no more than " + to_text(maximum);
  return {};
}

bool is_choice(const Valid& valid, std::string_view word) {
  const std::vector<std::string> choices = parse_list(valid.choices);
  return std::any_of(choices.begin(), choices.end(), [&](const std::string& choice) {
    return valid.kind == Valid::Kind::one_of_any_case ? lower_case(choice) == lower_case(word) : choice == word;
  });
}

/// PnDTnHnMn.nS without a sign; at least one figure.
bool is_duration(std::string_view text) {
  return text.size() > 2 && text.starts_with('P') &&
         text.find_first_not_of("PDTHMS.0123456789") == std::string_view::npos &&
         text.find_first_of("0123456789") != std::string_view::npos;
}

Complaint complaint_about_string(const Valid& valid, std::string_view text) {
  using Kind = Valid::Kind;
  switch (valid.kind) {
    case Kind::one_of:
    case Kind::one_of_any_case:
      return is_choice(valid, text) ? Complaint{} : "must be one of " + to_text(valid);
    case Kind::not_empty:
      return trimmed(text).empty() ? "must not be empty" : Complaint{};
    case Kind::auto_offset_reset: {
      constexpr std::string_view kByDuration = "by_duration:";
      const bool fits = text == "latest" || text == "earliest" ||
                        (text.starts_with(kByDuration) && is_duration(text.substr(kByDuration.size())));
      return fits ? Complaint{} : "must be one of " + to_text(valid);
    }
    case Kind::address_limits: {
      const auto limits = parse_address_limits(text);
      return limits ? Complaint{} : limits.error().text;
    }
    default:
      return {};
  }
}

bool is_throttled_replica(std::string_view element) {
  const auto colon = element.find(':');
  return colon != std::string_view::npos && parse_integer(element.substr(0, colon), 0, INT32_MAX) &&
         parse_integer(element.substr(colon + 1), 0, INT32_MAX);
}

Complaint complaint_about_list(const Key& key, std::string_view text) {
  const std::vector<std::string> list = parse_list(text);
  if (key.valid.kind == Valid::Kind::throttled_replicas) {
    if (list.empty() || text == "*" || std::all_of(list.begin(), list.end(), is_throttled_replica)) return {};
    return "must be * or pairs " + to_text(key.valid);
  }
  if (key.list.checked) {
    if (list.empty() && !key.list.empty_allowed) return "must not be empty";
    if (std::find(list.begin(), list.end(), "") != list.end()) return "must not hold an empty element";
    std::vector<std::string> sorted = list;
    std::stable_sort(sorted.begin(), sorted.end());
    if (!key.list.duplicates_allowed && std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
      return "must not hold the same element twice";
    }
  }
  for (const std::string& element : list) {
    if (Complaint complaint = complaint_about_string(key.valid, element); !complaint.empty()) return complaint;
  }
  return {};
}

Complaint complaint_about_null(const Key& key) {
  const bool list_forbids = key.type == Type::list && key.list.checked && !key.list.null_allowed;
  const bool default_is_null = key.default_text == nullptr;
  if (key.valid.kind == Valid::Kind::not_null || list_forbids || !default_is_null) return "must not be null";
  return {};
}

Complaint complaint_about(const Key& key, const std::string& text) {
  switch (key.type) {
    case Type::boolean:
      return parse_boolean(text) ? Complaint{} : "must be true or false";
    case Type::int16:
    case Type::int32:
    case Type::int64:
      return complaint_about_integer(key, text);
    case Type::real:
      return complaint_about_real(key, text);
    case Type::list:
      return complaint_about_list(key, text);
    case Type::string:
      return complaint_about_string(key.valid, trimmed(text));
    case Type::class_name:
    case Type::password:
      return {};
  }
  return {};
}

}  // namespace

Result<void> check_value(const Key& key, const std::string* value) {
  const Complaint complaint = value == nullptr ? complaint_about_null(key) : complaint_about(key, *value);
  if (complaint.empty()) return {};
  const std::string shown = value == nullptr ? "null" : key.is_sensitive() ? "[hidden]" : *value;
  return fail(Errc::invalid,
              "Invalid value " + shown + " for configuration " + std::string(key.name) + ": " + complaint);
}

}  // namespace gregor::config
