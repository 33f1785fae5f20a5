// Dynamic settings of a broker that runs: they reach partitions and limits, survive a restart, and go as they came.
// Method: a node and a client; what is set goes over the wire, what comes of it is seen in what the node does.
#include "broker/live_settings.h"

#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/describe_configs.h"
#include "wire/incremental_alter_configs.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

std::int16_t alter(Peer& peer, std::int8_t type, std::string_view name, std::string_view key,
                   std::optional<std::string_view> value) {
  wire::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = type;
  resource.resource_name = name;
  resource.configs.push_back(
      {.name = key, .config_operation = static_cast<std::int8_t>(value ? 0 : 1), .value = value});
  const auto answer = peer.ask<wire::IncrementalAlterConfigsResponse>(request, 1);
  return answer.body.responses.at(0).error_code;
}

std::int16_t produce_large(Peer& peer) {
  return produce(peer, "t", batch_of({.values = {std::string(3000, 'x')}})).error;
}

TEST(LiveSettings, AClustersDefaultReachesPartitionsAtOnceAndGoesAsItCame) {
  NodeWorld w({}, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    EXPECT_EQ(produce_large(peer), 0);
    EXPECT_EQ(alter(peer, 4, "", "message.max.bytes", "2000"), 0);
    EXPECT_EQ(produce_large(peer), code(ErrorCode::message_too_large));
    EXPECT_EQ(alter(peer, 4, "1", "message.max.bytes", "5000"), 0);
    EXPECT_EQ(produce_large(peer), 0) << "this broker's own stands before the cluster's";
    EXPECT_EQ(alter(peer, 2, "t", "max.message.bytes", "1000"), 0);
    EXPECT_EQ(produce_large(peer), code(ErrorCode::message_too_large)) << "the topic's own stands before both";
    EXPECT_EQ(alter(peer, 2, "t", "max.message.bytes", std::nullopt), 0);
    EXPECT_EQ(alter(peer, 4, "1", "message.max.bytes", std::nullopt), 0);
    EXPECT_EQ(produce_large(peer), code(ErrorCode::message_too_large)) << "the cluster's again";
    EXPECT_EQ(alter(peer, 4, "", "message.max.bytes", std::nullopt), 0);
    EXPECT_EQ(produce_large(peer), 0);
  });
}

TEST(LiveSettings, WhatWasSetIsSoAfterARestart) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    EXPECT_EQ(alter(peer, 4, "", "message.max.bytes", "2000"), 0);
  });
  w.crash_and_restart();
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_EQ(produce_large(peer), code(ErrorCode::message_too_large));
  });
}

TEST(LiveSettings, ANewTopicHasTheDefaultsOfTheMoment) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_EQ(alter(peer, 4, "", "message.max.bytes", "2000"), 0);
    create_topic(peer, "t");
    EXPECT_EQ(produce_large(peer), code(ErrorCode::message_too_large));
  });
}

TEST(LiveSettings, TheLimitOfConnectionsChangesWhileTheBrokerRuns) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer first = client.connect();
    EXPECT_EQ(alter(first, 4, "", "max.connections", "1"), 0);
    Peer second = client.connect();
    EXPECT_TRUE(second.is_closed());
    EXPECT_EQ(alter(first, 4, "", "max.connections", "10"), 0);
    Peer third = client.connect();
    create_topic(third, "t");
  });
}

}  // namespace
}  // namespace gregor::broker
