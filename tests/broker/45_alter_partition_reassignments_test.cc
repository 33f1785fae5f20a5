// Reassignments on one node: they have nowhere to go, but what is wrong with them can be said.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/alter_partition_reassignments.h"
#include "wire/list_partition_reassignments.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

std::int16_t reassign(Peer& peer, std::string_view topic, std::int32_t partition,
                      const std::optional<std::vector<std::int32_t>>& replicas, bool factor_may_change = true) {
  wire::AlterPartitionReassignmentsRequest request;
  request.allow_replication_factor_change = factor_may_change;
  request.topics.push_back({.name = topic, .partitions = {{.partition_index = partition, .replicas = replicas}}});
  const auto answer = peer.ask<wire::AlterPartitionReassignmentsResponse>(request, 1);
  EXPECT_EQ(answer.body.error_code, 0);
  EXPECT_EQ(answer.body.error_message, std::nullopt);
  EXPECT_EQ(answer.body.responses.at(0).name, topic);
  return answer.body.responses.at(0).partitions.at(0).error_code;
}

TEST(AlterPartitionReassignmentsApi, SaysWhatIsWrongPartitionByPartition) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    using Replicas = std::vector<std::int32_t>;
    const auto bad = code(ErrorCode::invalid_replica_assignment);
    EXPECT_EQ(reassign(peer, "t", 0, Replicas{1}), 0) << "where it is already";
    EXPECT_EQ(reassign(peer, "t", 0, std::nullopt), code(ErrorCode::no_reassignment_in_progress));
    EXPECT_EQ(reassign(peer, "t", 0, Replicas{99}), bad);
    EXPECT_EQ(reassign(peer, "t", 0, Replicas{1, 1}), bad);
    EXPECT_EQ(reassign(peer, "t", 0, Replicas{}), bad);
    EXPECT_EQ(reassign(peer, "t", 0, Replicas{-1}), bad);
    EXPECT_EQ(reassign(peer, "t", 0, Replicas{1, 99}, false), bad);
    EXPECT_EQ(reassign(peer, "t", 4, Replicas{1}), code(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(reassign(peer, "nope", 0, Replicas{1}), code(ErrorCode::unknown_topic_or_partition));
  });
}

TEST(ListPartitionReassignmentsApi, ListsNothingWhereNothingMoves) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    wire::ListPartitionReassignmentsRequest all;
    wire::ListPartitionReassignmentsRequest named;
    named.topics = {{.name = "t", .partition_indexes = {0, 5}}, {.name = "nope", .partition_indexes = {0}}};
    for (const auto& request : {all, named}) {
      const auto answer = peer.ask<wire::ListPartitionReassignmentsResponse>(request, 0);
      EXPECT_EQ(answer.body.error_code, 0);
      EXPECT_EQ(answer.body.error_message, std::nullopt);
      EXPECT_TRUE(answer.body.topics.empty());
    }
  });
}

}  // namespace
}  // namespace gregor::broker
