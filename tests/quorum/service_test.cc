// What a node answers to peers, asked directly.
#include "quorum/service.h"

#include <gtest/gtest.h>

#include "tests/quorum/support/with_leader.h"

namespace gregor::quorum {
namespace {

constexpr auto kInvalidRequest = wire_code(wire::ErrorCode::invalid_request);
raft::FetchRequest fetch_from(std::int64_t offset, int last_epoch, std::optional<raft::VoterKey> replica = {}) {
  return {replica, LeaderEpoch{1}, Offset{offset}, LeaderEpoch{last_epoch}, Offset{3}};
}

TEST(QuorumService, AnotherClusterOrPartitionIsRefused) {
  with_leader([](env::Fiber& self, Life& life, wire::Arena& arena) {
    Service& service = life.node->service();
    const raft::VoteRequest vote{{NodeId{2}, {}}, LeaderEpoch{5}, {NodeId{1}, {}}, {}, false};
    auto request = to_wire(vote, kContext);
    EXPECT_EQ(service.vote(self, request, arena).error_code, wire_code(wire::ErrorCode::inconsistent_cluster_id));
    request.cluster_id = life.identity.cluster_id;
    request.topics[0].topic_name = "mine";
    EXPECT_EQ(service.vote(self, request, arena).error_code, kInvalidRequest);
    request.topics.clear();
    EXPECT_EQ(service.vote(self, request, arena).error_code, kInvalidRequest);
    EXPECT_EQ(life.node->epoch(), LeaderEpoch{1}) << "the machine never heard of it";
  });
}

TEST(QuorumService, AFetchBringsTheLogAsItStandsAndItsHighWatermark) {
  with_leader([](env::Fiber& self, Life& life, wire::Arena& arena) {
    auto request = to_wire(fetch_from(0, 0), kContext);
    request.cluster_id = std::nullopt;
    const auto response = life.node->service().fetch(self, request, 18, arena);
    ASSERT_EQ(response.error_code, 0);
    const auto& partition = response.responses.at(0).partitions.at(0);
    EXPECT_EQ(partition.error_code, 0);
    EXPECT_EQ(partition.high_watermark, 3);
    EXPECT_EQ(partition.current_leader.leader_id, 1);
    const auto content = life.shard.disk.open(self, kFirstSegment, env::OpenMode::read_only);
    ASSERT_TRUE(content);
    ByteBuffer stands(partition.records->size());
    ASSERT_TRUE(env::read_exactly(self, **content, FilePosition{0}, stands));
    EXPECT_TRUE(std::equal(stands.begin(), stands.end(), partition.records->begin()));
  });
}

TEST(QuorumService, AFetchAtTheEndWaitsForNewsAndNoLongerThanItSays) {
  with_leader([](env::Fiber& self, Life& life, wire::Arena& arena) {
    auto request = to_wire(fetch_from(3, 1), kContext);
    request.cluster_id = std::nullopt;
    const MonotonicTime before = life.shard.clock.now();
    const auto empty = life.node->service().fetch(self, request, 18, arena);
    EXPECT_GE(life.shard.clock.now() - before, kContext.fetch_wait_max);
    EXPECT_TRUE(empty.responses.at(0).partitions.at(0).records->empty());
    life.shard.fibers.spawn("append", [&](env::Fiber& fiber) {
      env::sleep_for(fiber, life.shard.clock, Milliseconds(20));
      ASSERT_TRUE(life.node->append(fiber, values({"news"})));
    });
    const MonotonicTime then = life.shard.clock.now();
    const auto news = life.node->service().fetch(self, request, 18, arena);
    EXPECT_LT(life.shard.clock.now() - then, Milliseconds(100));
    EXPECT_FALSE(news.responses.at(0).partitions.at(0).records->empty());
    env::sleep_for(self, life.shard.clock, Milliseconds(100));  // the append comes to its end
  });
}

TEST(QuorumService, AFetchOfAnotherEpochIsFencedAndNamesTheLeader) {
  with_leader([](env::Fiber& self, Life& life, wire::Arena& arena) {
    auto request = to_wire(fetch_from(0, 0), kContext);
    request.cluster_id = std::nullopt;
    request.topics[0].partitions[0].current_leader_epoch = 0;
    const auto response = life.node->service().fetch(self, request, 18, arena);
    const auto& partition = response.responses.at(0).partitions.at(0);
    EXPECT_EQ(partition.error_code, wire_code(wire::ErrorCode::fenced_leader_epoch));
    EXPECT_EQ(partition.current_leader.leader_id, 1);
    EXPECT_EQ(partition.current_leader.leader_epoch, 1);
  });
}

TEST(QuorumService, AVoterOfAStaticListCannotBeAdded) {
  with_leader([](env::Fiber& self, Life& life, wire::Arena& arena) {
    wire::AddRaftVoterRequest request{.cluster_id = std::nullopt, .voter_id = 2, .voter_directory_id = Uuid{2, 2}};
    EXPECT_EQ(life.node->service().add_raft_voter(self, request, arena).error_code, kInvalidRequest) << "no address";
    request.listeners.push_back({.name = "CONTROLLER", .host = "two", .port = 1});
    EXPECT_EQ(life.node->service().add_raft_voter(self, request, arena).error_code,
              wire_code(wire::ErrorCode::unsupported_version));
  });
}

TEST(QuorumService, WhatIsNoSnapshotHereIsNotFound) {
  with_leader([](env::Fiber& self, Life& life, wire::Arena& arena) {
    wire::FetchSnapshotRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = kMetadataTopicName;
    topic.partitions.push_back({.current_leader_epoch = 1, .snapshot_id = {.end_offset = 2, .epoch = 1}});
    const auto response = life.node->service().fetch_snapshot(self, request, arena);
    EXPECT_EQ(response.topics.at(0).partitions.at(0).error_code, wire_code(wire::ErrorCode::snapshot_not_found));
  });
}

}  // namespace
}  // namespace gregor::quorum
