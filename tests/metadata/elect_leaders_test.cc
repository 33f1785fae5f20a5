// Elections on request: the preferred replica if it is in sync; anyone who lives if the client accepts the loss.
#include "metadata/elect_leaders.h"

#include <gtest/gtest.h>

#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

using wire::ErrorCode;

struct Bench {
  Bench() : log(3) {
    NewTopic topic{.name = "t"};
    topic.assignments = {{.partition_index = 0, .broker_ids = {NodeId{1}, NodeId{2}, NodeId{3}}},
                         {.partition_index = 1, .broker_ids = {NodeId{2}, NodeId{3}, NodeId{1}}}};
    EXPECT_EQ(log.create(topic).error, ErrorCode::none);
  }
  void change(wire::PartitionChangeRecord record) {
    record.topic_id = log.image().find_topic("t")->id;
    log.write_one(record, 2);
  }
  std::vector<ElectedLeaders> ask(ElectionType type, std::optional<std::vector<ElectLeaders::Topic>> topics) {
    auto decision = decide_elect_leaders(log.image(), log.rules, {.type = type, .topics = std::move(topics)});
    log.write(decision.records);
    return decision.replies;
  }
  ErrorCode elect(ElectionType type, std::int32_t index = 0) {
    return ask(type, {{{.name = "t", .partitions = {index}}}}).at(0).partitions.at(0).error;
  }
  [[nodiscard]] const Partition& partition(int index = 0) const {
    return *log.image().find_topic("t")->partitions.find(PartitionIndex{index});
  }
  TestLog log;
};

TEST(ElectLeaders, ThePreferredReplicaTakesOver) {
  Bench bench;
  bench.change({.partition_id = 0, .leader = 2});
  const LeaderEpoch before = bench.partition().leader_epoch;
  EXPECT_EQ(bench.elect(ElectionType::preferred), ErrorCode::none);
  EXPECT_EQ(bench.partition().leader, NodeId{1});
  EXPECT_GT(bench.partition().leader_epoch, before);
  EXPECT_EQ(bench.elect(ElectionType::preferred), ErrorCode::election_not_needed);
}

TEST(ElectLeaders, ThePreferredReplicaMustBeInSync) {
  Bench bench;
  bench.change({.partition_id = 0, .isr = std::vector<std::int32_t>{2, 3}, .leader = 2});
  EXPECT_EQ(bench.elect(ElectionType::preferred), ErrorCode::preferred_leader_not_available);
  EXPECT_EQ(bench.partition().leader, NodeId{2});
}

TEST(ElectLeaders, AnUncleanElectionIsOnlyForPartitionsWithoutLeader) {
  Bench bench;
  EXPECT_EQ(bench.elect(ElectionType::unclean), ErrorCode::election_not_needed);
  bench.change({.partition_id = 0, .isr = std::vector<std::int32_t>{3}, .leader = -1});
  EXPECT_EQ(bench.elect(ElectionType::unclean), ErrorCode::none);
  EXPECT_EQ(bench.partition().leader, NodeId{3}) << "one in sync stands before all others";
  EXPECT_EQ(bench.partition().leader_recovery_state, 0);
}

TEST(ElectLeaders, WhereNobodyInSyncLivesAnyoneMayLead) {
  Bench bench;
  bench.log.write(decide_fence_broker(bench.log.image(), bench.log.rules, NodeId{3},
                                      bench.log.image().find_broker(NodeId{3})->epoch)
                      .value());
  bench.change({.partition_id = 0, .isr = std::vector<std::int32_t>{3}, .leader = -1});
  EXPECT_EQ(bench.elect(ElectionType::unclean), ErrorCode::none);
  EXPECT_EQ(bench.partition().leader, NodeId{1});
  EXPECT_EQ(bench.partition().isr, std::vector<NodeId>{NodeId{1}});
  EXPECT_EQ(bench.partition().leader_recovery_state, 1) << "what it lacks is lost, and known to be";
}

TEST(ElectLeaders, AnEligibleReplicaLosesNothing) {
  Bench bench;
  bench.log.rules.min_insync_replicas = 2;
  bench.change({.partition_id = 0,
                .isr = std::vector<std::int32_t>{},
                .leader = -1,
                .eligible_leader_replicas = std::vector<std::int32_t>{2, 3}});
  EXPECT_EQ(bench.elect(ElectionType::unclean), ErrorCode::none);
  EXPECT_EQ(bench.partition().leader, NodeId{2});
  EXPECT_EQ(bench.partition().leader_recovery_state, 0);
  EXPECT_EQ(bench.partition().eligible_leader_replicas, std::vector<NodeId>{NodeId{3}});
}

TEST(ElectLeaders, UnknownOnesAreToldApart) {
  Bench bench;
  EXPECT_EQ(bench.elect(ElectionType::preferred, 7), ErrorCode::unknown_topic_or_partition);
  const auto replies = bench.ask(ElectionType::preferred, {{{.name = "nope", .partitions = {0}}}});
  EXPECT_EQ(replies.at(0).partitions.at(0).error, ErrorCode::unknown_topic_or_partition);
}

TEST(ElectLeaders, AskedForAllOnlyElectionsAreTold) {
  Bench bench;
  bench.change({.partition_id = 1, .leader = 3});
  const auto replies = bench.ask(ElectionType::preferred, std::nullopt);
  ASSERT_EQ(replies.size(), 1U);
  ASSERT_EQ(replies[0].partitions.size(), 1U);
  EXPECT_EQ(replies[0].partitions[0].index, 1);
  EXPECT_EQ(bench.partition(1).leader, NodeId{2});
}

}  // namespace
}  // namespace gregor::metadata
