// A leader asks for another ISR: what it must know, and whom it may bring in (KIP-497, KIP-841, KIP-903).
#include "metadata/alter_partition.h"

#include <gtest/gtest.h>

#include "metadata/brokers.h"
#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

using wire::ErrorCode;

struct Bench {
  Bench() : log(3) { id = log.create({.name = "t", .assignments = {{0, {NodeId{1}, NodeId{2}, NodeId{3}}}}}).id; }
  [[nodiscard]] const Partition& partition() const { return *log.image().find_partition(id, PartitionIndex{0}); }
  [[nodiscard]] AlterPartition ask(std::vector<std::int32_t> isr) const {
    AlterPartition::Partition asked{
        .index = 0, .leader_epoch = partition().leader_epoch, .partition_epoch = partition().partition_epoch};
    for (const std::int32_t member : isr) {
      const BrokerRegistration* broker = log.image().find_broker(NodeId{member});
      asked.isr.push_back({.id = NodeId{member}, .epoch = broker == nullptr ? BrokerEpoch{0} : broker->epoch});
    }
    return {.broker = partition().leader,
            .broker_epoch = log.image().find_broker(NodeId{1})->epoch,
            .topics = {{.id = id, .partitions = {asked}}}};
  }
  AlteredPartitions::Partition take(const AlterPartition& request) {
    const auto decision = decide_alter_partition(log.image(), log.rules, request).value();
    log.write(decision.records);
    return decision.replies.at(0).partitions.at(0);
  }
  ErrorCode outcome(const AlterPartition& request) { return take(request).error; }
  static AlterPartition::Partition& of(AlterPartition& request) { return request.topics.at(0).partitions.at(0); }
  TestLog log;
  TopicId id;
};

TEST(AlterPartition, TheIsrShrinksAndGrowsAndTheAnswerTellsTheNewEpoch) {
  Bench bench;
  const auto shrunk = bench.take(bench.ask({1, 2}));
  EXPECT_EQ(shrunk.error, ErrorCode::none);
  EXPECT_EQ(shrunk.isr, (std::vector<NodeId>{NodeId{1}, NodeId{2}}));
  EXPECT_EQ(shrunk.partition_epoch, bench.partition().partition_epoch);
  EXPECT_EQ(bench.outcome(bench.ask({1, 2, 3})), ErrorCode::none);
  EXPECT_EQ(bench.partition().isr.size(), 3u);
}

// As Apache Kafka 4.3.1 does it: a change of nothing is no record, and so no epoch.
TEST(AlterPartition, TheSameIsrIsAcceptedAndChangesNothing) {
  Bench bench;
  const auto before = bench.partition().partition_epoch;
  const auto same = bench.take(bench.ask({1, 2, 3}));
  EXPECT_EQ(same.error, ErrorCode::none);
  EXPECT_EQ(same.partition_epoch, before);
  EXPECT_EQ(bench.partition().partition_epoch, before);
}

TEST(AlterPartition, EpochsOfTheFutureMeanThatThisControllerIsDeposed) {
  Bench bench;
  AlterPartition request = bench.ask({1, 2});
  ++Bench::of(request).leader_epoch;
  EXPECT_EQ(bench.outcome(request), ErrorCode::not_controller);
  request = bench.ask({1, 2});
  ++Bench::of(request).partition_epoch;
  EXPECT_EQ(bench.outcome(request), ErrorCode::not_controller);
}

TEST(AlterPartition, StaleEpochsAreToldApart) {
  Bench bench;
  const AlterPartition early = bench.ask({1, 3});
  bench.take(bench.ask({1, 2}));
  EXPECT_EQ(bench.outcome(early), ErrorCode::invalid_update_version);
  bench.log.write_one(wire::PartitionChangeRecord{.partition_id = 0, .topic_id = bench.id, .leader = 2}, 2);
  EXPECT_EQ(bench.outcome(early), ErrorCode::fenced_leader_epoch);
  AlterPartition foreign = bench.ask({1, 2});
  foreign.broker = NodeId{1};
  EXPECT_EQ(bench.outcome(foreign), ErrorCode::invalid_request) << "1 does not lead";
  AlterPartition stale = bench.ask({1, 2});
  stale.broker_epoch = BrokerEpoch{0};
  EXPECT_EQ(decide_alter_partition(bench.log.image(), bench.log.rules, stale).error().code, Errc::stale);
}

TEST(AlterPartition, TheIsrIsOfReplicasAndHoldsTheLeader) {
  Bench bench;
  EXPECT_EQ(bench.outcome(bench.ask({2, 3})), ErrorCode::invalid_request);
  EXPECT_EQ(bench.outcome(bench.ask({1, 9})), ErrorCode::invalid_request);
  EXPECT_EQ(bench.outcome(bench.ask({1, 2, 2})), ErrorCode::invalid_request);
  EXPECT_EQ(bench.outcome(bench.ask({})), ErrorCode::invalid_request);
  AlterPartition request = bench.ask({1});
  Bench::of(request).leader_recovery_state = 1;
  EXPECT_EQ(bench.outcome(request), ErrorCode::invalid_request) << "who has recovered does not go back";
}

TEST(AlterPartition, FencedOnesAndFormerLivesStayOut) {
  Bench bench;
  bench.take(bench.ask({1}));
  const AlterPartition early = bench.ask({1, 2});
  const AlterPartition untold = [&] {
    AlterPartition request = early;
    for (auto& member : Bench::of(request).isr) member.epoch = BrokerEpoch{-1};
    return request;
  }();
  bench.log.register_broker(NodeId{2}, 22, /*unfenced=*/false);
  EXPECT_EQ(bench.outcome(bench.ask({1, 2})), ErrorCode::ineligible_replica) << "2 is fenced";
  bench.log.write(decide_unfence_broker(bench.log.image(), bench.log.rules, NodeId{2},
                                        bench.log.image().find_broker(NodeId{2})->epoch)
                      .value());
  EXPECT_EQ(bench.outcome(early), ErrorCode::ineligible_replica) << "the leader knew 2's former life";
  EXPECT_EQ(bench.outcome(untold), ErrorCode::none) << "v2 tells no epochs";
  bench.log.write(decide_controlled_shutdown(bench.log.image(), bench.log.rules, NodeId{3},
                                             bench.log.image().find_broker(NodeId{3})->epoch)
                      .value());
  EXPECT_EQ(bench.outcome(bench.ask({1, 2, 3})), ErrorCode::ineligible_replica) << "3 is on its way out";
}

TEST(AlterPartition, WhatEndsAReassignmentMayDeposeTheAsker) {
  Bench bench;
  wire::PartitionChangeRecord moving{.partition_id = 0, .topic_id = bench.id};
  moving.removing_replicas = std::vector<std::int32_t>{1};
  bench.log.write_one(moving, 2);
  EXPECT_EQ(bench.outcome(bench.ask({1, 2, 3})), ErrorCode::new_leader_elected);
  EXPECT_EQ(bench.partition().leader, NodeId{2});
  EXPECT_EQ(bench.partition().replicas, (std::vector<NodeId>{NodeId{2}, NodeId{3}}));
}

TEST(AlterPartition, UnknownOnesAreToldApart) {
  Bench bench;
  AlterPartition request = bench.ask({1});
  Bench::of(request).index = 7;
  EXPECT_EQ(bench.outcome(request), ErrorCode::unknown_topic_or_partition);
  request.topics.at(0).id = {9, 9};
  EXPECT_EQ(bench.outcome(request), ErrorCode::unknown_topic_id);
}

}  // namespace
}  // namespace gregor::metadata
