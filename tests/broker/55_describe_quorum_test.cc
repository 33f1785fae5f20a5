// DescribeQuorum: this node leads the quorum of one; no other topic has one.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
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
