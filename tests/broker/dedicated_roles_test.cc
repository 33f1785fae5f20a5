// Nodes of one role: three controllers that hold no partitions, brokers that do not vote.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/broker/support/cluster_world.h"
#include "wire/api_versions.h"
#include "wire/create_topics.h"
#include "wire/describe_cluster.h"
#include "wire/describe_quorum.h"
#include "wire/incremental_alter_configs.h"
#include "wire/metadata.h"

namespace gregor::broker {
namespace {

using namespace test;
using std::chrono::seconds;

std::vector<Settings> three_and_three() {
  return {controller_node(1, 3), controller_node(2, 3), controller_node(3, 3),
          broker_node(4, 3),     broker_node(5, 3),     broker_node(6, 3)};
}

void create_replicated(const ClusterClient& client, int by, const std::string& name) {
  Peer peer = client.to_broker(by);
  wire::CreateTopicsRequest request;
  request.timeout_ms = 10'000;
  request.topics.push_back({.name = name, .num_partitions = 1, .replication_factor = 3});
  const auto answer = peer.ask<wire::CreateTopicsResponse>(request, 7);
  ASSERT_EQ(answer.body.topics.size(), 1U);
  EXPECT_EQ(answer.body.topics[0].error_code, 0) << answer.body.topics[0].error_message.value_or("");
}

std::int32_t leader_of(Peer& peer, const std::string& topic) {
  wire::MetadataRequest request;
  request.topics->push_back({.name = topic});
  const auto answer = peer.ask<wire::MetadataResponse>(request, 12);
  return answer.body.topics.at(0).partitions.empty() ? -1 : answer.body.topics[0].partitions[0].leader_id;
}

/// Into the only partition of `topic`, by its leader, whoever that is by now.
bool produce_somewhere(const ClusterClient& client, const std::string& topic, const std::string& value) {
  for (int i = 4; i <= 6; ++i) {
    Peer peer = client.to_broker(i);
    const std::int32_t leader = leader_of(peer, topic);
    if (leader < 4) continue;
    Peer to_leader = client.to_broker(leader);
    if (produce(to_leader, topic, batch_of({.values = {value}})).error == 0) return true;
  }
  return false;
}

std::int32_t active_controller(const ClusterClient& client, int by) {
  Peer peer = client.to_controller(by);
  wire::DescribeClusterRequest request;
  request.endpoint_type = 2;
  return peer.ask<wire::DescribeClusterResponse>(request, 2).body.controller_id;
}

TEST(DedicatedRoles, BrokersServeAndControllersDecide) {
  ClusterWorld w(three_and_three());
  w.run([](const ClusterClient& client) {
    create_replicated(client, 5, "orders");
    EXPECT_TRUE(produce_somewhere(client, "orders", "a"));
    Peer peer = client.to_broker(4);
    const auto metadata = peer.ask<wire::MetadataResponse>(wire::MetadataRequest{}, 12);
    EXPECT_EQ(metadata.body.brokers.size(), 3U) << "controllers alone are no brokers";
  });
  for (int i = 1; i <= 3; ++i) {
    EXPECT_FALSE(w.world.disk(w.at(i).node).names().find("/broker-log/orders-0")) << "node " << i;
  }
}

TEST(DedicatedRoles, TheDeathOfTheActiveControllerCostsNothingButAnElection) {
  ClusterWorld w(three_and_three());
  std::int32_t active = -1;
  w.run([&](const ClusterClient& client) {
    create_replicated(client, 4, "orders");
    active = active_controller(client, 1);
  });
  ASSERT_GE(active, 1);
  w.world.crash(w.at(active).node);
  const int other = active == 1 ? 2 : 1;
  w.run_until("another controller is active", [&](const ClusterClient& client) {
    const std::int32_t now = active_controller(client, other);
    return now > 0 && now != active;
  });
  w.run([&](const ClusterClient& client) { create_replicated(client, 6, "later"); });
  w.run_until("the topic takes a record",
              [](const ClusterClient& client) { return produce_somewhere(client, "later", "b"); });
  w.world.restart(w.at(active).node);
  w.await_ready();
}

TEST(DedicatedRoles, ABrokersDeathIsAnsweredByAnotherReplica) {
  ClusterWorld w(three_and_three());
  std::int32_t leader = -1;
  w.run([&](const ClusterClient& client) {
    create_replicated(client, 4, "orders");
    ASSERT_TRUE(produce_somewhere(client, "orders", "a"));
    Peer peer = client.to_broker(4);
    leader = leader_of(peer, "orders");
  });
  w.world.crash(w.at(leader).node);
  w.world.run_for(seconds(12));  // its session ends
  const int other = leader == 4 ? 5 : 4;
  w.run_until("another replica leads and takes records", [&](const ClusterClient& client) {
    Peer peer = client.to_broker(other);
    const std::int32_t now = leader_of(peer, "orders");
    if (now < 4 || now == leader) return false;
    Peer to_leader = client.to_broker(now);
    return produce(to_leader, "orders", batch_of({.values = {"b"}})).error == 0;
  });
}

TEST(DedicatedRoles, AllStopCleanlyAndComeBackWithWhatWasWritten) {
  ClusterWorld w(three_and_three());
  w.run([](const ClusterClient& client) {
    create_replicated(client, 4, "orders");
    EXPECT_TRUE(produce_somewhere(client, "orders", "kept"));
  });
  for (int i = 6; i >= 1; --i) {
    w.world.stop(w.at(i).node);
    ASSERT_TRUE(w.wait_until([&] { return !w.world.is_alive(w.at(i).node); }, seconds(60))) << i;
    EXPECT_TRUE(w.at(i).ended || i > 3) << w.at(i).ended.error().text;
  }
  for (int i = 1; i <= 6; ++i) w.world.restart(w.at(i).node);
  w.await_ready();
  w.run_until("what was acknowledged is read", [](const ClusterClient& client) {
    Peer peer = client.to_broker(4);
    const std::int32_t leader = leader_of(peer, "orders");
    if (leader < 4) return false;
    Peer to_leader = client.to_broker(leader);
    return fetch(to_leader, "orders", 0).values == std::vector<std::string>{"kept"};
  });
}

TEST(DedicatedRoles, AControllersListenerServesNoClientsAndTakesAdminRequests) {
  ClusterWorld w(three_and_three());
  w.run([](const ClusterClient& client) {
    Peer asks_metadata = client.to_controller(1);
    asks_metadata.send(wire::MetadataRequest{}, 12);
    EXPECT_TRUE(asks_metadata.is_closed()) << "as Kafka's";
    const std::int32_t active = active_controller(client, 1);
    Peer admin = client.to_controller(active);
    wire::IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = 4;  // a broker
    resource.resource_name = "";
    resource.configs.push_back({.name = "log.retention.ms", .config_operation = 0, .value = "100000000"});
    const auto answer = admin.ask<wire::IncrementalAlterConfigsResponse>(request, 1);
    ASSERT_EQ(answer.body.responses.size(), 1U);
    EXPECT_EQ(answer.body.responses[0].error_code, 0) << answer.body.responses[0].error_message.value_or("");
    const auto versions = admin.ask<wire::ApiVersionsResponse>(wire::ApiVersionsRequest{}, 3);
    const auto names_produce =
        std::ranges::any_of(versions.body.api_keys, [](const auto& api) { return api.api_key == 0; });
    EXPECT_FALSE(names_produce);
  });
}

/// With so many that wait for metadata some request is always at work.
TEST(DedicatedRoles, AnActiveControllerStopsThoughOthersAskItWithoutABreak) {
  std::vector<Settings> nodes;
  for (int i = 1; i <= 3; ++i) nodes.push_back(controller_node(i, 3));
  for (int i = 4; i <= 9; ++i) nodes.push_back(broker_node(i, 3));
  for (Settings& node : nodes) node = with(node, {{"metadata.max.idle.interval.ms", "0"}});
  ClusterWorld w(nodes);
  std::int32_t active = -1;
  w.run([&](const ClusterClient& client) { active = active_controller(client, 1); });
  ASSERT_GE(active, 1);
  w.world.run_for(seconds(5));
  const sim::NodeIndex node = w.at(active).node;
  w.world.stop(node);
  EXPECT_TRUE(w.wait_until([&] { return !w.world.is_alive(node); }, seconds(15)));
}

}  // namespace
}  // namespace gregor::broker
