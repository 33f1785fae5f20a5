#include "config/client_metrics_config.h"

#include <algorithm>
#include <array>

#include "config/key.h"
#include "config/table.h"
#include "config/value.h"

namespace gregor::config {
namespace {

constexpr std::array<std::string_view, 6> kMatchNames = {"client_instance_id",    "client_id",
                                                         "client_software_name",  "client_software_version",
                                                         "client_source_address", "client_source_port"};

struct Pattern {
  std::string name;
  std::string value;
};

/// "name=pattern", one equals sign and something on each side of it.
std::optional<Pattern> read_pattern(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || text.find('=', equals + 1) != std::string::npos) return std::nullopt;
  Pattern pattern{std::string(trimmed(text.substr(0, equals))), std::string(trimmed(text.substr(equals + 1)))};
  const bool is_known = std::find(kMatchNames.begin(), kMatchNames.end(), pattern.name) != kMatchNames.end();
  const bool balanced = std::count(pattern.value.begin(), pattern.value.end(), '(') ==
                            std::count(pattern.value.begin(), pattern.value.end(), ')') &&
                        std::count(pattern.value.begin(), pattern.value.end(), '[') ==
                            std::count(pattern.value.begin(), pattern.value.end(), ']') &&
                        !pattern.value.starts_with('*');
  if (!is_known || pattern.value.empty() || !balanced) return std::nullopt;
  return pattern;
}

const Key* find_key(std::string_view name) {
  const KeyTable keys = client_metrics_keys();
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

bool matches(const std::string& pattern, const std::string& text) {
  if (pattern == ".*") return true;
  if (pattern.ends_with(".*")) return text.starts_with(std::string_view(pattern).substr(0, pattern.size() - 2));
  return pattern == text;
}

const std::string* value_of(const MetricsClient& client, std::string_view name) {
  if (name == "client_instance_id") return &client.client_instance_id;
  if (name == "client_id") return &client.client_id;
  if (name == "client_source_address") return &client.client_source_address;
  if (name == "client_source_port") return &client.client_source_port;
  return nullptr;
}

}  // namespace

std::optional<SubscriptionFault> fault_of_subscription(const SettingMap& subscription) {
  for (const auto& [name, value] : subscription) {
    if (find_key(name) == nullptr) return SubscriptionFault{true, "Unknown client metrics configuration: " + name};
  }
  for (const auto& [name, value] : subscription) {
    if (const auto checked = check_value(*find_key(name), &value); !checked) {
      return SubscriptionFault{false, checked.error().text};
    }
  }
  if (const auto interval = subscription.find("interval.ms"); interval != subscription.end()) {
    const auto value = parse_integer(interval->second, INT32_MIN, INT32_MAX);
    if (!value || *value < kPushIntervalMsMin || *value > kPushIntervalMsMax) {
      return SubscriptionFault{true, "Invalid value " + interval->second +
                                         " for interval.ms, interval must be between 100 and 3600000 (1 hour)"};
    }
  }
  if (const auto match = subscription.find("match"); match != subscription.end()) {
    for (const std::string& pattern : parse_list(match->second)) {
      if (!read_pattern(pattern)) return SubscriptionFault{false, "Illegal client matching pattern: " + pattern};
    }
  }
  return std::nullopt;
}

bool is_for(const SettingMap& subscription, const MetricsClient& client) {
  const auto match = subscription.find("match");
  if (match == subscription.end()) return true;
  for (const std::string& text : parse_list(match->second)) {
    const auto pattern = read_pattern(text);
    const std::string* value = pattern ? value_of(client, pattern->name) : nullptr;
    if (value == nullptr || !matches(pattern->value, *value)) return false;
  }
  return true;
}

}  // namespace gregor::config
