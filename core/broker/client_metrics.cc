#include "broker/client_metrics.h"

#include <algorithm>
#include <set>

#include "base/crc32c.h"
#include "config/value.h"
#include "metadata/delta.h"

namespace gregor::broker {
namespace {

using wire::ErrorCode;

constexpr std::int8_t kCompressionTypeMax = 4;  // zstd

std::int32_t hash_of(const Uuid& id) {
  const std::uint64_t mixed = id.high ^ id.low;
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(mixed >> 32) ^ static_cast<std::uint32_t>(mixed));
}

std::int32_t interval_of(const config::SettingMap& subscription) {
  const auto set = subscription.find("interval.ms");
  if (set == subscription.end()) return config::kPushIntervalMsUsual;
  const auto value = config::parse_integer(set->second, config::kPushIntervalMsMin, config::kPushIntervalMsMax);
  return static_cast<std::int32_t>(value.value_or(config::kPushIntervalMsUsual));
}

}  // namespace

MetricsSubscription subscription_of(const metadata::Image& image, const Uuid& client_instance,
                                    const config::MetricsClient& client) {
  MetricsSubscription together;
  std::set<std::string> metrics;
  for (const auto& [resource, values] : image.configs()) {
    if (resource.type != metadata::ConfigResource::kClientMetrics || !config::is_for(*values, client)) continue;
    together.push_interval_ms = std::min(together.push_interval_ms, interval_of(*values));
    const auto wanted = values->find("metrics");
    if (wanted == values->end()) continue;
    for (std::string& name : config::parse_list(wanted->second)) metrics.insert(std::move(name));
  }
  if (metrics.contains("*")) metrics = {"*"};
  together.metrics.assign(metrics.begin(), metrics.end());
  const std::string text = config::to_text(together.metrics) + std::to_string(together.push_interval_ms);
  together.id = static_cast<std::int32_t>(crc32c(bytes_of(text))) ^ hash_of(client_instance);
  return together;
}

ClientMetrics::Client& ClientMetrics::client_of(const Uuid& id, const MetricsSubscription& now_in_force) {
  const auto known = clients_.find(id);
  if (known != clients_.end()) {
    newest_first_.splice(newest_first_.begin(), newest_first_, known->second);
    if (known->second->subscription != now_in_force) {
      *known->second = Client{.id = id, .subscription = now_in_force};
    }
    return newest_first_.front();
  }
  if (clients_.size() >= kClientsMax) {
    clients_.erase(newest_first_.back().id);
    newest_first_.pop_back();
  }
  newest_first_.push_front(Client{.id = id, .subscription = now_in_force});
  clients_[id] = newest_first_.begin();
  return newest_first_.front();
}

ErrorCode ClientMetrics::on_get(const Uuid& client_instance, const MetricsSubscription& now_in_force,
                                MonotonicTime now) {
  Client& client = client_of(client_instance, now_in_force);
  const Milliseconds interval(client.subscription.push_interval_ms);
  const bool is_too_soon = (client.has_asked && now < client.last_get + interval) ||
                           (client.has_pushed && now < client.last_push + interval);
  if (is_too_soon) return ErrorCode::throttling_quota_exceeded;
  client.has_asked = true;
  client.last_get = now;
  return ErrorCode::none;
}

ErrorCode ClientMetrics::on_push(const Uuid& client_instance, const MetricsSubscription& now_in_force, const Push& push,
                                 std::size_t bytes_max, MonotonicTime now) {
  Client& client = client_of(client_instance, now_in_force);
  if (std::exchange(client.terminating, push.terminating)) return ErrorCode::invalid_request;
  // The first push after asking comes early: clients spread theirs over the interval.
  const bool follows_get = client.has_asked && (!client.has_pushed || client.last_get > client.last_push);
  const Milliseconds interval(client.subscription.push_interval_ms);
  const bool may_push = follows_get || !client.has_pushed || now >= client.last_push + interval;
  if (may_push) {
    client.has_pushed = true;
    client.last_push = now;
  } else if (!push.terminating) {
    return ErrorCode::throttling_quota_exceeded;
  }
  if (push.subscription_id != client.subscription.id) return ErrorCode::unknown_subscription_id;
  if (push.compression_type < 0 || push.compression_type > kCompressionTypeMax) {
    return ErrorCode::unsupported_compression_type;
  }
  return push.bytes > bytes_max ? ErrorCode::telemetry_too_large : ErrorCode::none;
}

}  // namespace gregor::broker
