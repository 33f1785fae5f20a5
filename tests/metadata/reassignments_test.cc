// Moving replicas: begun, listed, finished, taken back (KIP-455, KIP-860).
#include "metadata/reassignments.h"

#include <gtest/gtest.h>

#include "metadata/node_ids.h"
#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

using wire::ErrorCode;
using Replicas = std::optional<std::vector<NodeId>>;

Replicas to(const std::vector<std::int32_t>& ids) {
  return nodes_of(ids);
}

struct Bench {
  Bench() : log(5) { log.create({.name = "t", .assignments = {{0, *to({1, 2, 3})}}}); }
  ErrorCode ask(Replicas replicas, bool may_change_factor = true, int index = 0) {
    const auto decision = decide_alter_reassignments(
        log.image(), log.rules,
        {.topics = {{"t", {{index, std::move(replicas)}}}}, .allow_replication_factor_change = may_change_factor});
    log.write(decision.records);
    return decision.replies.at(0).partitions.at(0).error;
  }
  [[nodiscard]] const Partition& partition() const {
    return *log.image().find_topic("t")->partitions.find(PartitionIndex{0});
  }
  TestLog log;
};

TEST(Reassignments, NewReplicasAreAddedAndOldOnesWaitToGo) {
  Bench bench;
  EXPECT_EQ(bench.ask(to({4, 5, 1})), ErrorCode::none);
  EXPECT_EQ(bench.partition().replicas, nodes_of({4, 5, 1, 2, 3}));
  EXPECT_EQ(bench.partition().adding_replicas, nodes_of({4, 5}));
  EXPECT_EQ(bench.partition().removing_replicas, nodes_of({2, 3}));
  EXPECT_EQ(bench.partition().directories.size(), 5u);
  const auto listed = list_reassignments(bench.log.image(), std::nullopt);
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].partitions.at(0).adding, nodes_of({4, 5}));
  EXPECT_EQ(listed[0].partitions.at(0).removing, nodes_of({2, 3}));
  EXPECT_TRUE(list_reassignments(bench.log.image(), {{{"t", {7}}, {"nope", {0}}}}).empty());
}

TEST(Reassignments, TakenBackNothingIsLeftOfIt) {
  Bench bench;
  EXPECT_EQ(bench.ask(std::nullopt), ErrorCode::no_reassignment_in_progress);
  bench.ask(to({4, 5, 1}));
  bench.ask(to({4, 2}));
  EXPECT_EQ(bench.partition().adding_replicas, nodes_of({4, 5})) << "both were added since the partition stood still";
  EXPECT_EQ(bench.ask(std::nullopt), ErrorCode::none);
  EXPECT_EQ(bench.partition().replicas.size(), 3u);
  EXPECT_TRUE(holds_all(bench.partition().replicas, nodes_of({1, 2, 3})));
  EXPECT_EQ(bench.partition().isr, nodes_of({1, 2, 3}));
  EXPECT_TRUE(list_reassignments(bench.log.image(), std::nullopt).empty());
}

TEST(Reassignments, TakingBackMayNotCostRecords) {
  Bench bench;
  bench.ask(to({4}));
  wire::PartitionChangeRecord only_new{
      .partition_id = 0, .topic_id = bench.log.image().find_topic("t")->id, .leader = 4};
  only_new.isr = std::vector<std::int32_t>{4};
  bench.log.write_one(only_new, 2);
  EXPECT_EQ(bench.ask(std::nullopt), ErrorCode::invalid_replica_assignment);
  bench.log.rules.unclean_leader_election = true;
  EXPECT_EQ(bench.ask(std::nullopt), ErrorCode::none);
  EXPECT_EQ(bench.partition().leader_recovery_state, 1);
}

TEST(Reassignments, AnotherOrderIsThereAtOnce) {
  Bench bench;
  EXPECT_EQ(bench.ask(to({3, 2, 1})), ErrorCode::none);
  EXPECT_EQ(bench.partition().replicas, nodes_of({3, 2, 1}));
  EXPECT_TRUE(list_reassignments(bench.log.image(), std::nullopt).empty());
}

TEST(Reassignments, FewerReplicasAreThereAtOnceWhereThoseThatStayAreInSync) {
  Bench bench;
  EXPECT_EQ(bench.ask(to({2, 3})), ErrorCode::none);
  EXPECT_EQ(bench.partition().replicas, nodes_of({2, 3}));
  EXPECT_EQ(bench.partition().leader, NodeId{2});
}

TEST(Reassignments, WhatCannotBeIsRefused) {
  Bench bench;
  EXPECT_EQ(bench.ask(to({1, 9})), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(bench.ask(to({1, 1})), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(bench.ask(to({})), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(bench.ask(to({1, 2}), /*may_change_factor=*/false), ErrorCode::invalid_replication_factor);
  EXPECT_EQ(bench.ask(to({1, 2, 4}), false), ErrorCode::none);
  EXPECT_EQ(bench.ask(to({1}), true, /*index=*/7), ErrorCode::unknown_topic_or_partition);
}

}  // namespace
}  // namespace gregor::metadata
