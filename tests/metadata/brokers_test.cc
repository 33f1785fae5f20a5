// A broker's life: registration, fencing, and what becomes of the partitions it led (KIP-631, KIP-380, KIP-966).
#include "metadata/brokers.h"

#include <gtest/gtest.h>

#include "metadata/metadata_version.h"
#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

const NodeId kOne{1};

RegisterBroker incarnation(std::uint64_t which) {
  return {.id = kOne,
          .incarnation_id = {1, which},
          .cluster_id = kTestCluster,
          .features = supported_features(),
          .log_dirs = {{2, 1}}};
}
const Partition& partition_of(const TestLog& log, const char* topic) {
  return *log.image().find_topic(topic)->partitions.find(PartitionIndex{0});
}

TEST(Brokers, ABrokersEpochIsTheOffsetOfItsRegistration) {
  TestLog log(0);
  const Offset at = log.next_offset();
  const BrokerEpoch epoch = log.register_broker(kOne, 1);
  EXPECT_EQ(epoch.value(), at.value());
  EXPECT_EQ(log.image().find_broker(kOne)->epoch, epoch);
  EXPECT_FALSE(log.image().find_broker(kOne)->fenced);
}

// KAFKA-7235: a bounce inside the session is noticed, for the epoch rises and what it led has no leader until it is
// back.
TEST(Brokers, ANewIncarnationIsFencedAndLeadsNothingUntilItIsUnfenced) {
  TestLog log;
  log.create({.name = "t"});
  const BrokerEpoch before = log.image().find_broker(kOne)->epoch;
  const BrokerEpoch after = log.register_broker(kOne, 2, /*unfenced=*/false);
  EXPECT_GT(after, before);
  EXPECT_TRUE(log.image().find_broker(kOne)->fenced);
  EXPECT_EQ(partition_of(log, "t").leader, kNoLeader);
  EXPECT_EQ(partition_of(log, "t").eligible_leader_replicas, std::vector<NodeId>{kOne}) << "it stays known";
  log.write(decide_unfence_broker(log.image(), log.rules, kOne, after).value());
  EXPECT_EQ(partition_of(log, "t").leader, kOne);
  EXPECT_EQ(partition_of(log, "t").leader_epoch, LeaderEpoch{2});
}

TEST(Brokers, AnotherProcessUnderALiveIdIsRefused) {
  TestLog log;
  const auto refused =
      decide_register_broker(log.image(), log.rules, incarnation(7), kTestCluster, log.next_offset(), true);
  EXPECT_EQ(refused.error().code, Errc::exists);
  EXPECT_TRUE(decide_register_broker(log.image(), log.rules, incarnation(1), kTestCluster, log.next_offset(), true));
}

TEST(Brokers, AForeignClusterOrAnOldVersionIsRefused) {
  TestLog log;
  EXPECT_EQ(
      decide_register_broker(log.image(), log.rules, incarnation(7), "other", log.next_offset(), false).error().code,
      Errc::invalid);
  RegisterBroker old = incarnation(7);
  old.features["metadata.version"] = {7, 12};
  EXPECT_EQ(decide_register_broker(log.image(), log.rules, old, kTestCluster, log.next_offset(), false).error().code,
            Errc::invalid);
}

TEST(Brokers, AStaleOrUnknownBrokerIsToldSo) {
  TestLog log;
  EXPECT_EQ(decide_unfence_broker(log.image(), log.rules, kOne, BrokerEpoch{99}).error().code, Errc::stale);
  EXPECT_EQ(decide_fence_broker(log.image(), log.rules, NodeId{9}, BrokerEpoch{0}).error().code, Errc::not_found);
}

TEST(Brokers, FencingMovesLeadershipToAnInSyncReplicaAndShrinksTheIsr) {
  TestLog log(2);
  log.defaults.replication_factor = 2;
  log.create({.name = "t"});
  const NodeId leader = partition_of(log, "t").leader;
  const NodeId other = leader == kOne ? NodeId{2} : kOne;
  log.write(decide_fence_broker(log.image(), log.rules, leader, log.image().find_broker(leader)->epoch).value());
  EXPECT_EQ(partition_of(log, "t").leader, other);
  EXPECT_EQ(partition_of(log, "t").isr, std::vector<NodeId>{other});
  log.write(decide_fence_broker(log.image(), log.rules, other, log.image().find_broker(other)->epoch).value());
  EXPECT_EQ(partition_of(log, "t").leader, kNoLeader);
  EXPECT_EQ(partition_of(log, "t").eligible_leader_replicas, std::vector<NodeId>{other});
  log.write(decide_unfence_broker(log.image(), log.rules, leader, log.image().find_broker(leader)->epoch).value());
  EXPECT_EQ(partition_of(log, "t").leader, kNoLeader) << "not in sync, so it may lack committed records";
}

// Kafka ends a clean life of one node with an empty ISR and the broker as eligible leader (KIP-966).
TEST(Brokers, AnEligibleReplicaLeadsWhereTheIsrIsEmpty) {
  TestLog log(2);
  const TopicId id = log.create({.name = "t", .assignments = {{0, {kOne, NodeId{2}}}}}).id;
  for (const NodeId id_ : {kOne, NodeId{2}}) log.register_broker(id_, 9, /*unfenced=*/false);
  wire::PartitionChangeRecord clean_end{.partition_id = 0, .topic_id = id, .leader = -1};
  clean_end.isr = std::vector<std::int32_t>{};
  clean_end.eligible_leader_replicas = std::vector<std::int32_t>{1};
  clean_end.last_known_elr = std::vector<std::int32_t>{1};
  log.write_one(clean_end, 2);
  const auto unfence = [&](NodeId id_) {
    log.write(decide_unfence_broker(log.image(), log.rules, id_, log.image().find_broker(id_)->epoch).value());
  };
  unfence(NodeId{2});
  EXPECT_EQ(partition_of(log, "t").leader, kNoLeader) << "2 is not eligible";
  unfence(kOne);
  EXPECT_EQ(partition_of(log, "t").leader, kOne);
  EXPECT_EQ(partition_of(log, "t").isr, std::vector<NodeId>{kOne});
  EXPECT_TRUE(partition_of(log, "t").eligible_leader_replicas.empty());
  EXPECT_TRUE(partition_of(log, "t").last_known_elr.empty());
}

TEST(Brokers, UnfencingTwiceWritesNothing) {
  TestLog log;
  log.create({.name = "t"});
  EXPECT_TRUE(
      decide_unfence_broker(log.image(), log.rules, kOne, log.image().find_broker(kOne)->epoch).value().empty());
}

}  // namespace
}  // namespace gregor::metadata
