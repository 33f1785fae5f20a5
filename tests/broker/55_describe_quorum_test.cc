// DescribeQuorum: how a quorum of one stands, and of many; no other topic has one.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/broker/support/cluster_world.h"
#include "wire/describe_quorum.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

Answer<wire::DescribeQuorumResponse> ask(Peer& peer, std::string_view topic, std::int32_t partition,
                                         std::int16_t version) {
  wire::DescribeQuorumRequest request;
  request.topics.push_back({.topic_name = topic, .partitions = {{.partition_index = partition}}});
  return peer.ask<wire::DescribeQuorumResponse>(request, version);
}

TEST(DescribeQuorumApi, TheSoleVoterLeadsAndIsCaughtUpAtEveryVersion) {
  NodeWorld w({}, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (std::int16_t version = 0; version <= 2; ++version) {
      SCOPED_TRACE(version);
      const auto answer = ask(peer, "__cluster_metadata", 0, version);
      EXPECT_EQ(answer.body.error_code, 0);
      const auto& partition = answer.body.topics.at(0).partitions.at(0);
      EXPECT_EQ(partition.leader_id, 1);
      EXPECT_GT(partition.leader_epoch, 0);
      EXPECT_GT(partition.high_watermark, 0);
      ASSERT_EQ(partition.current_voters.size(), 1U);
      EXPECT_EQ(partition.current_voters[0].log_end_offset, partition.high_watermark);
      EXPECT_EQ(partition.current_voters[0].replica_directory_id, Uuid{})
          << "its settings name the voter: no directory";
      EXPECT_TRUE(partition.observers.empty());
      EXPECT_EQ(answer.body.nodes.size(), version == 2 ? 1U : 0U);
    }
  });
}

std::vector<Settings> three_and_an_observer() {
  return {combined_node(1, 3), combined_node(2, 3), combined_node(3, 3), broker_node(4, 3)};
}

/// By the answer of any broker, of which all but one have to ask.
bool is_level(const wire::DescribeQuorumResponse& told, std::size_t observers) {
  const auto& partition = told.topics.at(0).partitions.at(0);
  if (partition.error_code != 0 || partition.current_voters.size() != 3) return false;
  if (partition.observers.size() != observers) return false;
  const auto is_level_with_it = [&](const auto& replica) {
    return replica.log_end_offset == partition.high_watermark && replica.last_fetch_timestamp > 0 &&
           replica.last_caught_up_timestamp > 0;
  };
  return std::ranges::all_of(partition.current_voters, is_level_with_it) &&
         std::ranges::all_of(partition.observers, is_level_with_it);
}

TEST(DescribeQuorumApi, EveryBrokerTellsOfAllVotersAndObserversAsTheLeaderSeesThem) {
  ClusterWorld w(three_and_an_observer());
  w.await_ready();
  for (int i = 1; i <= 4; ++i) {
    w.run_until("voters and observers level with the leader", [&](const ClusterClient& client) {
      Peer peer = client.to_broker(i);
      const auto answer = ask(peer, "__cluster_metadata", 0, 2);
      if (!is_level(answer.body, 1)) return false;
      EXPECT_EQ(answer.body.topics.at(0).partitions.at(0).observers.at(0).replica_id, 4);
      EXPECT_FALSE(answer.body.topics.at(0).partitions.at(0).observers.at(0).replica_directory_id.is_zero());
      EXPECT_EQ(answer.body.nodes.size(), 3U);
      for (const auto& node : answer.body.nodes) {
        EXPECT_EQ(node.listeners.size(), 1U);
        EXPECT_EQ(node.listeners.at(0).host, "n" + std::to_string(node.node_id));
        EXPECT_EQ(node.listeners.at(0).port, kControllerPort);
      }
      return true;
    });
  }
}

TEST(DescribeQuorumApi, OlderVersionsTellOfObserversWithoutTheirDirectories) {
  ClusterWorld w(three_and_an_observer());
  w.await_ready();
  w.run_until("voters and observers level with the leader", [&](const ClusterClient& client) {
    Peer peer = client.to_broker(4);
    return is_level(ask(peer, "__cluster_metadata", 0, 2).body, 1);
  });
  w.run([](const ClusterClient& client) {
    for (std::int16_t version = 0; version <= 1; ++version) {
      Peer peer = client.to_broker(4);
      const auto answer = ask(peer, "__cluster_metadata", 0, version);
      const auto& partition = answer.body.topics.at(0).partitions.at(0);
      EXPECT_EQ(partition.error_code, 0) << "version " << version;
      ASSERT_EQ(partition.observers.size(), 1U);
      EXPECT_EQ(partition.observers[0].replica_id, 4);
    }
  });
}

TEST(DescribeQuorumApi, AVoterThatIsGoneStaysBehindInWhatTheLeaderTells) {
  ClusterWorld w(three_and_an_observer());
  w.await_ready();
  w.world.crash(w.at(3).node);
  w.world.run_for(std::chrono::seconds(20));
  w.run_until("the dead voter's times", [&](const ClusterClient& client) {
    Peer peer = client.to_broker(1);
    const auto answer = ask(peer, "__cluster_metadata", 0, 2);
    const auto& partition = answer.body.topics.at(0).partitions.at(0);
    if (partition.error_code != 0 || partition.current_voters.size() != 3) return false;
    const auto& dead = partition.current_voters.at(2);
    EXPECT_EQ(dead.replica_id, 3);
    return dead.log_end_offset < partition.high_watermark &&
           dead.last_fetch_timestamp < partition.current_voters.at(0).last_fetch_timestamp;
  });
}

TEST(DescribeQuorumApi, AControllerThatDoesNotLeadSaysSoItself) {
  ClusterWorld w(three_and_an_observer());
  w.run([&](const ClusterClient& client) {
    int leaders = 0;
    for (int i = 1; i <= 3; ++i) {
      Peer controller = client.to_controller(i);
      const auto answer = ask(controller, "__cluster_metadata", 0, 2);
      const std::int16_t error = answer.body.topics.at(0).partitions.at(0).error_code;
      leaders += error == 0 ? 1 : 0;
      EXPECT_TRUE(error == 0 || error == code(ErrorCode::not_leader_or_follower)) << error;
    }
    EXPECT_EQ(leaders, 1);
  });
}

TEST(DescribeQuorumApi, OtherPartitionsHaveNone) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    EXPECT_EQ(ask(peer, "t", 0, 1).body.topics.at(0).partitions.at(0).error_code,
              code(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(ask(peer, "__cluster_metadata", 1, 1).body.topics.at(0).partitions.at(0).error_code,
              code(ErrorCode::unknown_topic_or_partition));
  });
}

}  // namespace
}  // namespace gregor::broker
