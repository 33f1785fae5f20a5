// DescribeQuorum, asked of a leader directly.
#include <gtest/gtest.h>

#include "tests/quorum/support/with_leader.h"

namespace gregor::quorum {
namespace {

TEST(QuorumServiceDescribe, ALeaderTellsHowFarVotersAndObserversAre) {
  with_leader([](env::Fiber& self, Life& life, wire::Arena& arena) {
    const raft::FetchRequest at_the_end{raft::VoterKey{NodeId{7}, Uuid{7, 7}}, LeaderEpoch{1}, Offset{3},
                                        LeaderEpoch{1}, Offset{3}};
    auto fetch = to_wire(at_the_end, kContext);
    fetch.cluster_id = std::nullopt;
    life.node->service().fetch(self, fetch, 18, arena);
    wire::DescribeQuorumRequest request;
    request.topics.push_back({.topic_name = kMetadataTopicName, .partitions = {{.partition_index = 0}}});
    const auto response = life.node->service().describe_quorum(request, arena);
    const auto& partition = response.topics.at(0).partitions.at(0);
    EXPECT_EQ(partition.high_watermark, 3);
    ASSERT_EQ(partition.current_voters.size(), 1U);
    EXPECT_EQ(partition.current_voters[0].log_end_offset, 3);
    ASSERT_EQ(partition.observers.size(), 1U);
    EXPECT_EQ(partition.observers[0].replica_id, 7);
    EXPECT_EQ(partition.observers[0].replica_directory_id, (Uuid{7, 7}));
    EXPECT_EQ(partition.observers[0].log_end_offset, 3);
    EXPECT_GT(partition.observers[0].last_caught_up_timestamp, 0);
  });
}

TEST(QuorumServiceDescribe, EveryPartitionOfAnythingElseIsUnknown) {
  with_leader([](env::Fiber&, Life& life, wire::Arena& arena) {
    wire::DescribeQuorumRequest request;
    request.topics.push_back({.topic_name = "t", .partitions = {{.partition_index = 3}, {.partition_index = 4}}});
    const auto response = life.node->service().describe_quorum(request, arena);
    EXPECT_EQ(response.error_code, 0);
    ASSERT_EQ(response.topics.at(0).partitions.size(), 2U);
    EXPECT_EQ(response.topics[0].topic_name, "t");
    EXPECT_EQ(response.topics[0].partitions[1].partition_index, 4);
    EXPECT_EQ(response.topics[0].partitions[1].error_code, wire_code(wire::ErrorCode::unknown_topic_or_partition));
  });
}

}  // namespace
}  // namespace gregor::quorum
