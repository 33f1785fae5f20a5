// Who may ask for a metrics subscription, who may push, and when. Method: the pure memory, with times by hand.
#include "broker/client_metrics.h"

#include <gtest/gtest.h>

#include "metadata/record_list.h"
#include "wire/metadata_records.h"

namespace gregor::broker {
namespace {

using wire::ErrorCode;

constexpr Uuid kClient{7, 7};
constexpr std::size_t kBytesMax = 100;

MonotonicTime at(std::int64_t ms) {
  return MonotonicTime{} + Milliseconds(ms);
}

metadata::Image image_with(const std::vector<std::tuple<std::string, std::string, std::string>>& settings) {
  metadata::RecordList records;
  for (const auto& [name, key, value] : settings) {
    records.add(wire::ConfigRecord{.resource_type = 16, .resource_name = name, .name = key, .value = value}, 0);
  }
  metadata::Image image;
  metadata::Delta delta;
  for (const ByteBuffer& value : records.values()) EXPECT_TRUE(image.apply(value, delta));
  return image;
}

TEST(ClientMetrics, WithoutASubscriptionAClientIsToldToBeQuiet) {
  const MetricsSubscription none = subscription_of(metadata::Image{}, kClient, {});
  EXPECT_TRUE(none.metrics.empty());
  EXPECT_EQ(none.push_interval_ms, 300'000);
  EXPECT_NE(none.id, subscription_of(metadata::Image{}, Uuid{7, 8}, {}).id) << "each client has its own id";
}

TEST(ClientMetrics, SubscriptionsThatFitAreOne) {
  const auto image = image_with({{"a", "metrics", "org.x., org.y."},
                                 {"a", "interval.ms", "60000"},
                                 {"b", "metrics", "org.z."},
                                 {"b", "match", "client_id=other"}});
  const auto mine = subscription_of(image, kClient, {.client_id = "me"});
  EXPECT_EQ(mine.metrics, (std::vector<std::string>{"org.x.", "org.y."}));
  EXPECT_EQ(mine.push_interval_ms, 60'000);
  const auto all = subscription_of(image_with({{"a", "metrics", "*"}, {"b", "metrics", "org.z."}}), kClient, {});
  EXPECT_EQ(all.metrics, std::vector<std::string>{"*"});
}

TEST(ClientMetrics, AskingAgainTooSoonIsRefusedUntilTheIntervalIsOver) {
  ClientMetrics clients;
  const MetricsSubscription subscription{.id = 1, .push_interval_ms = 1000};
  EXPECT_EQ(clients.on_get(kClient, subscription, at(0)), ErrorCode::none);
  EXPECT_EQ(clients.on_get(kClient, subscription, at(999)), ErrorCode::throttling_quota_exceeded);
  EXPECT_EQ(clients.on_get(kClient, subscription, at(1000)), ErrorCode::none);
  EXPECT_EQ(clients.on_get(kClient, {.id = 2, .push_interval_ms = 1000}, at(1001)), ErrorCode::none)
      << "what changed may be asked for at once";
}

TEST(ClientMetrics, PushesAreChecked) {
  ClientMetrics clients;
  const MetricsSubscription subscription{.id = 1, .push_interval_ms = 1000};
  const auto push = [&](ClientMetrics::Push one, std::int64_t ms) {
    return clients.on_push(kClient, subscription, one, kBytesMax, at(ms));
  };
  EXPECT_EQ(clients.on_get(kClient, subscription, at(0)), ErrorCode::none);
  EXPECT_EQ(push({.subscription_id = 1}, 10), ErrorCode::none) << "the first comes early";
  EXPECT_EQ(push({.subscription_id = 1}, 20), ErrorCode::throttling_quota_exceeded);
  EXPECT_EQ(push({.subscription_id = 9}, 1010), ErrorCode::unknown_subscription_id);
  EXPECT_EQ(push({.subscription_id = 1, .compression_type = 9}, 3000), ErrorCode::unsupported_compression_type);
  EXPECT_EQ(push({.subscription_id = 1, .bytes = kBytesMax + 1}, 5000), ErrorCode::telemetry_too_large);
  EXPECT_EQ(push({.subscription_id = 1, .terminating = true}, 5001), ErrorCode::none) << "the last may come any time";
  EXPECT_EQ(push({.subscription_id = 1}, 9000), ErrorCode::invalid_request);
}

TEST(ClientMetrics, TheOneLongestUnheardOfGoesFirst) {
  ClientMetrics clients;
  const MetricsSubscription subscription{.id = 1, .push_interval_ms = 1000};
  EXPECT_EQ(clients.on_get(kClient, subscription, at(0)), ErrorCode::none);
  for (std::uint64_t i = 0; i < ClientMetrics::kClientsMax; ++i) {
    EXPECT_EQ(clients.on_get(Uuid{1, i}, subscription, at(0)), ErrorCode::none);
  }
  EXPECT_EQ(clients.size(), ClientMetrics::kClientsMax);
  EXPECT_EQ(clients.on_get(kClient, subscription, at(1)), ErrorCode::none) << "it was forgotten";
}

}  // namespace
}  // namespace gregor::broker
