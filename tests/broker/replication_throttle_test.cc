// A reassignment under a throttle (KIP-73) takes the time that its rate gives, and ends when the limit goes; nothing
// else waits. Method: a simulated cluster; the configs that Kafka's kafka-reassign-partitions --throttle sets.
#include <gtest/gtest.h>

#include "tests/broker/support/cluster_world.h"
#include "wire/alter_partition_reassignments.h"
#include "wire/incremental_alter_configs.h"
#include "wire/metadata.h"

namespace gregor::broker {
namespace {

using namespace test;

constexpr int kRecordsToMove = 50;
constexpr std::size_t kRecordBytes = 4'000;

wire::MetadataResponse::MetadataResponsePartition partition_of(Peer& peer) {
  wire::MetadataRequest request;
  request.topics->push_back({.name = "orders"});
  const auto answer = peer.ask<wire::MetadataResponse>(request, 12);
  const auto& partitions = answer.body.topics.at(0).partitions;
  return partitions.empty() ? wire::MetadataResponse::MetadataResponsePartition{} : partitions[0];
}

void set(Peer& peer, std::int8_t type, std::string_view name,
         const std::vector<std::pair<std::string_view, std::string_view>>& configs, bool is_removal = false) {
  wire::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = type;
  resource.resource_name = name;
  for (const auto& [key, value] : configs) {
    resource.configs.push_back({.name = key, .config_operation = static_cast<std::int8_t>(is_removal ? 1 : 0)});
    if (!is_removal) resource.configs.back().value = value;
  }
  const auto answer = peer.ask<wire::IncrementalAlterConfigsResponse>(request, 1);
  EXPECT_EQ(answer.body.responses.at(0).error_code, 0) << answer.body.responses[0].error_message.value_or("");
}

/// Each broker takes its own settings alone.
void limit_brokers(const ClusterClient& client, std::string_view rate, bool is_removal = false) {
  for (int broker = 1; broker <= 3; ++broker) {
    Peer peer = client.to_broker(broker);
    set(peer, 4, std::to_string(broker),
        {{"leader.replication.throttled.rate", rate}, {"follower.replication.throttled.rate", rate}}, is_removal);
  }
}

void produce_what_is_to_move(Peer& peer) {
  for (int i = 0; i < kRecordsToMove; ++i) {
    ASSERT_EQ(produce(peer, "orders", batch_of({.values = {std::string(kRecordBytes, 'x')}})).error, 0);
  }
}

/// Moves the partition from brokers 1 and 2 to 1 and 3.
void move_it(Peer& peer) {
  wire::AlterPartitionReassignmentsRequest request;
  request.timeout_ms = 10'000;
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  topic.partitions.push_back({.partition_index = 0, .replicas = std::vector<std::int32_t>{1, 3}});
  const auto answer = peer.ask<wire::AlterPartitionReassignmentsResponse>(request, 0);
  ASSERT_EQ(answer.body.error_code, 0);
  EXPECT_EQ(answer.body.responses.at(0).partitions.at(0).error_code, 0);
}

bool is_moved(Peer& peer) {
  const auto partition = partition_of(peer);
  return partition.replica_nodes == std::vector<std::int32_t>{1, 3} && partition.isr_nodes.size() == 2;
}

/// Seconds until the move was done, at most `patience`.
int seconds_to_move(const ClusterClient& client, Peer& peer, int patience) {
  for (int second = 0; second < patience; ++second) {
    if (is_moved(peer)) return second;
    client.sleep(Milliseconds(1'000));
  }
  return patience;
}

std::vector<Settings> three_nodes() {
  std::vector<Settings> nodes;
  for (int i = 1; i <= 3; ++i) {
    nodes.push_back(with(combined_node(i, 3), {{"replica.fetch.response.max.bytes", "5000"},
                                               {"replica.fetch.max.bytes", "5000"},
                                               {"replication.quota.window.num", "3"}}));
  }
  return nodes;
}

TEST(ReplicationThrottleOfACluster, AMoveKeepsToItsRateAndProducersDoNotWait) {
  ClusterWorld w(three_nodes());
  w.run([](const ClusterClient& client) { create_topic_on(client, "orders", {1, 2}); });
  w.run([](const ClusterClient& client) {
    Peer peer = client.to_broker(1);
    produce_what_is_to_move(peer);
    // 200,000 bytes at 10,000 a second, of which two seconds' worth may come at once.
    set(peer, 2, "orders",
        {{"leader.replication.throttled.replicas", "0:1,0:2"}, {"follower.replication.throttled.replicas", "0:3"}});
    limit_brokers(client, "10000");
    client.sleep(Milliseconds(500));
    move_it(peer);
    const MonotonicTime before = client.now();
    EXPECT_EQ(produce(peer, "orders", batch_of({.values = {"y"}})).error, 0);
    EXPECT_LT(client.now() - before, Milliseconds(500)) << "broker 2 is in sync: nobody holds it back";
    const int took = seconds_to_move(client, peer, 60);
    EXPECT_GE(took, 15);
    EXPECT_LE(took, 30);
  });
}

TEST(ReplicationThrottleOfACluster, WhenTheLimitGoesTheRestComesAtOnce) {
  ClusterWorld w(three_nodes());
  w.run([](const ClusterClient& client) { create_topic_on(client, "orders", {1, 2}); });
  w.run([](const ClusterClient& client) {
    Peer peer = client.to_broker(1);
    produce_what_is_to_move(peer);
    set(peer, 2, "orders", {{"leader.replication.throttled.replicas", "*"}});
    limit_brokers(client, "100");
    client.sleep(Milliseconds(500));
    move_it(peer);
    EXPECT_EQ(seconds_to_move(client, peer, 30), 30);
    limit_brokers(client, "", true);
    EXPECT_LE(seconds_to_move(client, peer, 30), 3);
  });
}

}  // namespace
}  // namespace gregor::broker
