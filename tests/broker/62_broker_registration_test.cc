// What brokers ask of a controller on its own listener: registration, heartbeats, ISRs, ids, directories.
#include <gtest/gtest.h>

#include "metadata/metadata_version.h"
#include "tests/broker/support/controller_listener.h"
#include "wire/allocate_producer_ids.h"
#include "wire/alter_partition.h"
#include "wire/assign_replicas_to_dirs.h"
#include "wire/broker_heartbeat.h"
#include "wire/broker_registration.h"
#include "wire/controller_registration.h"
#include "wire/describe_cluster.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

constexpr std::int32_t kOther = 7;

struct Registered {
  std::int16_t error = 0;
  std::int64_t epoch = -1;
};

std::string cluster_of(const Client& client) {
  Peer peer = client.connect();
  return std::string(peer.ask<wire::DescribeClusterResponse>(wire::DescribeClusterRequest{}, 1).body.cluster_id);
}

Registered enroll(Peer& peer, const std::string& cluster, std::uint64_t incarnation = 1, bool with_features = true) {
  wire::BrokerRegistrationRequest request;
  request.broker_id = kOther;
  request.cluster_id = cluster;
  request.incarnation_id = Uuid{70, incarnation};
  request.listeners.push_back({.name = "PLAINTEXT", .host = "other", .port = 9092});
  const metadata::SupportedFeatures features = metadata::supported_features();
  for (const auto& [name, range] : features) {
    if (with_features) request.features.push_back({name, range.lowest, range.highest});
  }
  request.rack = std::nullopt;
  request.log_dirs = {Uuid{70, 70}};
  const auto answer = peer.ask<wire::BrokerRegistrationResponse>(request, 4);
  return {answer.body.error_code, answer.body.broker_epoch};
}

wire::BrokerHeartbeatResponse beat(Peer& peer, std::int64_t epoch, std::int64_t offset, bool shut_down = false) {
  wire::BrokerHeartbeatRequest request;
  request.broker_id = kOther;
  request.broker_epoch = epoch;
  request.current_metadata_offset = offset;
  request.want_shut_down = shut_down;
  return peer.ask<wire::BrokerHeartbeatResponse>(request, 1).body;
}

TEST(BrokerRegistrationApi, ABrokerComesLivesAndLeaves) {
  NodeWorld w(with_controller_listener());
  w.run([&](const Client& client) {
    Peer peer = connect_to_controller(client);
    const Registered first = enroll(peer, cluster_of(client));
    EXPECT_EQ(first.error, 0);
    EXPECT_TRUE(beat(peer, first.epoch, first.epoch - 1).is_fenced);
    EXPECT_FALSE(beat(peer, first.epoch, first.epoch).is_fenced);
    EXPECT_EQ(beat(peer, first.epoch + 1, first.epoch).error_code, code(ErrorCode::stale_broker_epoch));
    const auto left = beat(peer, first.epoch, first.epoch, /*shut_down=*/true);
    EXPECT_TRUE(left.should_shut_down) << "it leads nothing";
    EXPECT_TRUE(left.is_fenced);
  });
}

TEST(BrokerRegistrationApi, SaysWhyItRefuses) {
  NodeWorld w(with_controller_listener());
  w.run([&](const Client& client) {
    Peer peer = connect_to_controller(client);
    const std::string cluster = cluster_of(client);
    EXPECT_EQ(enroll(peer, "elsewhere").error, code(ErrorCode::inconsistent_cluster_id));
    EXPECT_EQ(enroll(peer, cluster, 1, false).error, code(ErrorCode::unsupported_version));
    const Registered first = enroll(peer, cluster);
    ASSERT_EQ(beat(peer, first.epoch, first.epoch).error_code, 0);
    EXPECT_EQ(enroll(peer, cluster, 2).error, code(ErrorCode::duplicate_broker_registration));
    EXPECT_EQ(enroll(peer, cluster, 1).epoch, first.epoch);
  });
}

TEST(BrokerRegistrationApi, RequestsOfBrokersNameTheirEpoch) {
  NodeWorld w(with_controller_listener());
  w.run([&](const Client& client) {
    Peer peer = connect_to_controller(client);
    const Registered first = enroll(peer, cluster_of(client));
    const auto stale = code(ErrorCode::stale_broker_epoch);
    wire::AllocateProducerIdsRequest ids{.broker_id = kOther, .broker_epoch = first.epoch};
    const auto block = peer.ask<wire::AllocateProducerIdsResponse>(ids, 0).body;
    EXPECT_EQ(block.error_code, 0);
    EXPECT_EQ(block.producer_id_len, 1000);
    ids.broker_epoch = first.epoch + 1;
    EXPECT_EQ(peer.ask<wire::AllocateProducerIdsResponse>(ids, 0).body.error_code, stale);
    wire::AlterPartitionRequest isr;
    isr.broker_id = kOther;
    isr.broker_epoch = first.epoch;
    isr.topics.push_back({.topic_id = Uuid{5, 5}, .partitions = {{.partition_index = 0}}});
    const auto altered = peer.ask<wire::AlterPartitionResponse>(isr, 3).body;
    ASSERT_EQ(altered.error_code, 0);
    EXPECT_EQ(altered.topics.at(0).partitions.at(0).error_code, code(ErrorCode::unknown_topic_id));
    isr.broker_epoch = 0;
    EXPECT_EQ(peer.ask<wire::AlterPartitionResponse>(isr, 2).body.error_code, stale);
    wire::AssignReplicasToDirsRequest places{.broker_id = kOther, .broker_epoch = first.epoch};
    places.directories.push_back({.id = Uuid{70, 70}, .topics = {{Uuid{5, 5}, {{0}}}}});
    const auto assigned = peer.ask<wire::AssignReplicasToDirsResponse>(places, 0).body;
    ASSERT_EQ(assigned.error_code, 0);
    EXPECT_EQ(assigned.directories.at(0).topics.at(0).partitions.at(0).error_code, code(ErrorCode::unknown_topic_id));
    places.broker_epoch = 0;
    EXPECT_EQ(peer.ask<wire::AssignReplicasToDirsResponse>(places, 0).body.error_code, stale);
  });
}

TEST(BrokerRegistrationApi, ALeaderShrinksItsIsrOverTheWire) {
  NodeWorld w(with_controller_listener());
  w.run([&](const Client& client) {
    Peer clients = client.connect();
    const TopicId topic = create_topic(clients, "t");
    Peer peer = connect_to_controller(client);
    const Registered other = enroll(peer, cluster_of(client));
    wire::AlterPartitionRequest isr;
    isr.broker_id = kOther;
    isr.broker_epoch = other.epoch;
    isr.topics.push_back({.topic_id = topic, .partitions = {{.partition_index = 0, .new_isr_with_epochs = {{1, -1}}}}});
    const auto refused = peer.ask<wire::AlterPartitionResponse>(isr, 3).body;
    EXPECT_EQ(refused.topics.at(0).partitions.at(0).error_code, code(ErrorCode::invalid_request)) << "it leads nothing";
  });
}

TEST(BrokerRegistrationApi, ControllersSayWhereTheyAre) {
  NodeWorld w(with_controller_listener());
  w.run([&](const Client& client) {
    Peer peer = connect_to_controller(client);
    wire::ControllerRegistrationRequest request;
    request.controller_id = 1;
    request.incarnation_id = Uuid{3, 3};
    request.listeners.push_back({.name = "CONTROLLER", .host = "h", .port = 9093});
    EXPECT_EQ(peer.ask<wire::ControllerRegistrationResponse>(request, 0).body.error_code, 0);
  });
}

TEST(BrokerRegistrationApi, ClientsListenersDoNotServeIt) {
  NodeWorld w(with_controller_listener());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    peer.send(wire::BrokerHeartbeatRequest{}, 1);
    EXPECT_TRUE(peer.is_closed());
  });
}

}  // namespace
}  // namespace gregor::broker
