// Settings of a client metrics subscription (KIP-714): what a subscription may say, and whom it is for. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/setting_map.h"

namespace gregor::config {

inline constexpr std::int32_t kPushIntervalMsMin = 100;
inline constexpr std::int32_t kPushIntervalMsMax = 3'600'000;
inline constexpr std::int32_t kPushIntervalMsUsual = 300'000;

/// What is wrong; Kafka answers two kinds of fault with two codes.
struct SubscriptionFault {
  bool is_of_the_request;  ///< INVALID_REQUEST; INVALID_CONFIG otherwise
  std::string text;
};
std::optional<SubscriptionFault> fault_of_subscription(const SettingMap& subscription);

/// A client as subscriptions match it. Empty where unknown.
struct MetricsClient {
  std::string client_instance_id = {};
  std::string client_id = {};
  std::string client_source_address = {};
  std::string client_source_port = {};
};
/// True where every `name=pattern` of its "match" fits. A pattern is compared as text, and may end in ".*"; a pattern
/// of a client's software matches nobody.
bool is_for(const SettingMap& subscription, const MetricsClient& client);

}  // namespace gregor::config
