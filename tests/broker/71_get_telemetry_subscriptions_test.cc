// GetTelemetrySubscriptions and PushTelemetry: answered, and not advertised.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/broker/support/node_world.h"
#include "wire/api_versions.h"
#include "wire/get_telemetry_subscriptions.h"
#include "wire/push_telemetry.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

TEST(TelemetryApi, AClientGetsAnIdAndIsToldToBeQuiet) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto first = peer.ask<wire::GetTelemetrySubscriptionsResponse>(wire::GetTelemetrySubscriptionsRequest{}, 0);
    EXPECT_EQ(first.body.error_code, 0);
    EXPECT_FALSE(first.body.client_instance_id.is_zero());
    EXPECT_EQ(first.body.push_interval_ms, 300'000);
    EXPECT_EQ(first.body.telemetry_max_bytes, 1'048'576);
    EXPECT_TRUE(first.body.requested_metrics.empty());
    wire::GetTelemetrySubscriptionsRequest again;
    again.client_instance_id = first.body.client_instance_id;
    EXPECT_EQ(peer.ask<wire::GetTelemetrySubscriptionsResponse>(again, 0).body.error_code,
              code(ErrorCode::throttling_quota_exceeded));

    wire::PushTelemetryRequest push;
    EXPECT_EQ(peer.ask<wire::PushTelemetryResponse>(push, 0).body.error_code, code(ErrorCode::invalid_request));
    push.client_instance_id = first.body.client_instance_id;
    push.subscription_id = first.body.subscription_id + 1;
    EXPECT_EQ(peer.ask<wire::PushTelemetryResponse>(push, 0).body.error_code, code(ErrorCode::unknown_subscription_id));
  });
}

TEST(TelemetryApi, NobodyIsToldOfIt) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    wire::ApiVersionsRequest request;
    request.client_software_name = "test";
    request.client_software_version = "1";
    const auto answer = peer.ask<wire::ApiVersionsResponse>(request, 4);
    for (const auto& api : answer.body.api_keys) EXPECT_TRUE(api.api_key != 71 && api.api_key != 72);
    EXPECT_FALSE(answer.body.api_keys.empty());
  });
}

}  // namespace
}  // namespace gregor::broker
