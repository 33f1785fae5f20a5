// Each rule of the replicas' watch is shown one small history that breaks it, and one that does not.
#include "properties/always/replica_watch.h"

#include <gtest/gtest.h>

namespace gregor::properties {
namespace {

using observe::Event;
using observe::HighWatermarkMoved;

const TopicPartition kPartition{"orders", Uuid{1, 2}, PartitionIndex{0}};

/// Three brokers that hold one partition; two replicas in sync are asked for.
class Replicas : public ::testing::Test {
 protected:
  Replicas() {
    for (std::int32_t node = 1; node <= 3; ++node) {
      ghosts_.push_back(std::make_unique<GhostLog>(GhostLog::Rules{}, unheard_, [] { return MonotonicTime{}; }));
      watch_.of(NodeId{node}, *ghosts_.back());
      tell(node, observe::LogOpened{kPartition, Offset{0}, Offset{0}, 0});
      is_ready(node);
    }
    change(0, 0, {1, 2, 3});
  }
  void tell(std::int32_t node, const Event& event) {
    GhostLog& ghost = *ghosts_[static_cast<std::size_t>(node - 1)];
    ghost.on(event);
    watch_.of(NodeId{node}, ghost).on(event);
  }
  void is_ready(std::int32_t node) { tell(node, observe::NodeReady{NodeId{node}, 9092}); }
  void append(std::initializer_list<std::int32_t> nodes, std::int64_t base, std::uint32_t crc = 7,
              std::int32_t epoch = 0) {
    for (const std::int32_t node : nodes) {
      tell(node, observe::BatchAppended{kPartition, Offset{base}, Offset{base}, LeaderEpoch{epoch}, crc, kNoProducerId,
                                        ProducerEpoch{-1}, Sequence{-1}});
    }
  }
  void high_watermark(std::int32_t node, std::int64_t to) { tell(node, HighWatermarkMoved{kPartition, Offset{to}}); }
  void lead(std::int32_t node, std::int32_t epoch) {
    tell(node, observe::LeadershipBegan{kPartition, LeaderEpoch{epoch}});
  }
  void change(std::int32_t partition_epoch, std::int32_t leader_epoch, std::vector<std::int32_t> isr,
              std::vector<std::int32_t> eligible = {}) {
    const std::vector<NodeId> replicas = {NodeId{1}, NodeId{2}, NodeId{3}};
    const std::vector<NodeId> in_sync(isr.begin(), isr.end());
    const std::vector<NodeId> others(eligible.begin(), eligible.end());
    tell(1, observe::PartitionChanged{.partition = kPartition,
                                      .partition_epoch = partition_epoch,
                                      .leader = NodeId{1},
                                      .leader_epoch = LeaderEpoch{leader_epoch},
                                      .replicas = replicas,
                                      .isr = in_sync,
                                      .eligible_leader_replicas = others});
  }
  std::string first_broken() const { return verdict_.holds() ? "" : verdict_.violations().front().invariant; }

  Verdict unheard_;
  Verdict verdict_;
  std::vector<std::unique_ptr<GhostLog>> ghosts_;
  ReplicaWatch watch_{{.min_insync_replicas = 2}, verdict_, [] { return MonotonicTime{}; }};
};

using ReplicaWatchTest = Replicas;

TEST_F(ReplicaWatchTest, ReplicasThatFollowEachOtherBreakNothing) {
  lead(1, 0);
  append({1, 2, 3}, 0);
  high_watermark(1, 1);
  tell(1, observe::ProduceAcknowledged{kPartition, Offset{0}, Offset{0}, 7, -1, false});
  high_watermark(2, 1);
  append({1}, 1);
  lead(2, 1);
  change(1, 1, {2, 3});
  tell(1, observe::LogTruncated{kPartition, Offset{1}});
  append({2, 1, 3}, 1, 8, 1);
  high_watermark(2, 2);
  high_watermark(3, 2);
  change(2, 1, {1, 2, 3});
  EXPECT_EQ(first_broken(), "");
  EXPECT_TRUE(watch_.is_level());
}

TEST_F(ReplicaWatchTest, AnotherBatchBelowTheHighWatermarkIsFound) {
  append({1, 2}, 0);
  append({3}, 0, 9);
  high_watermark(1, 1);
  EXPECT_EQ(first_broken(), "");
  high_watermark(3, 1);
  EXPECT_EQ(first_broken(), "R1");
}

TEST_F(ReplicaWatchTest, TheSameRecordsOfAnotherEpochAreAnotherBatch) {
  append({1, 2}, 0);
  append({3}, 0, 7, 1);
  high_watermark(1, 1);
  high_watermark(3, 1);
  EXPECT_EQ(first_broken(), "R1");
}

TEST_F(ReplicaWatchTest, ALeaderWithoutWhatIsCommittedIsFound) {
  append({1, 2}, 0);
  high_watermark(1, 1);
  lead(3, 1);
  EXPECT_EQ(first_broken(), "R2");
}

TEST_F(ReplicaWatchTest, AMemberOfTheIsrOrAnEligibleOneWithoutWhatIsCommittedIsFound) {
  change(1, 0, {1, 2});
  append({1, 2}, 0);
  high_watermark(1, 1);
  EXPECT_EQ(first_broken(), "");
  change(2, 0, {1}, {3});
  EXPECT_EQ(first_broken(), "R3");
}

TEST_F(ReplicaWatchTest, WhatTooFewHoldMayNotBeCommitted) {
  append({1}, 0);
  high_watermark(1, 1);
  EXPECT_EQ(first_broken(), "R5");
}

TEST_F(ReplicaWatchTest, WhoTookItAndLostItSinceWasAHolderForItsLeader) {
  append({1, 2}, 0);
  watch_.lost_content(NodeId{2});
  ghosts_[1]->node_died(Death::replaced);
  high_watermark(1, 1);
  EXPECT_EQ(first_broken(), "");
}

TEST_F(ReplicaWatchTest, AnEpochHasOneLeader) {
  lead(1, 3);
  lead(2, 3);
  EXPECT_EQ(first_broken(), "R6");
}

TEST_F(ReplicaWatchTest, AnAcknowledgementOfWhatIsNotCommittedIsFound) {
  append({1, 2, 3}, 0);
  tell(1, observe::ProduceAcknowledged{kPartition, Offset{0}, Offset{0}, 7, -1, false});
  EXPECT_EQ(first_broken(), "R7");
}

TEST_F(ReplicaWatchTest, WhoLostPowerIsTrustedAgainOnceItIsInSync) {
  append({1, 2, 3}, 0);
  high_watermark(1, 1);
  EXPECT_TRUE(watch_.has_another(NodeId{1}));
  watch_.lost_content(NodeId{2});
  watch_.node_ended(NodeId{2});
  change(1, 0, {1, 3});
  EXPECT_TRUE(watch_.any_suspect());
  EXPECT_TRUE(watch_.has_another(NodeId{1})) << "the third has it";
  watch_.node_ended(NodeId{3});
  EXPECT_FALSE(watch_.has_another(NodeId{1}));
  tell(2, observe::LogOpened{kPartition, Offset{0}, Offset{0}, 0});
  is_ready(2);
  change(2, 0, {1, 2, 3});
  EXPECT_TRUE(watch_.any_suspect()) << "it is named in sync and holds nothing";
  EXPECT_EQ(first_broken(), "") << "what is in doubt owes nothing";
  append({2}, 0);
  change(3, 0, {1, 2, 3});
  EXPECT_FALSE(watch_.any_suspect());
}

TEST_F(ReplicaWatchTest, WhoCameBackCountsWhenItIsRegistered) {
  append({1, 2}, 0);
  high_watermark(1, 1);
  change(1, 0, {1, 2});
  watch_.node_ended(NodeId{2});
  tell(2, observe::LogOpened{kPartition, Offset{0}, Offset{1}, 0});
  EXPECT_FALSE(watch_.has_another(NodeId{1})) << "named in sync, but registering may end that";
  is_ready(2);
  EXPECT_TRUE(watch_.has_another(NodeId{1}));
}

TEST_F(ReplicaWatchTest, WhoMayHaltDoesNotCountHoweverOftenItComesBack) {
  append({1, 2}, 0);
  high_watermark(1, 1);
  change(1, 0, {1, 2});
  watch_.may_halt(NodeId{2}, true);
  EXPECT_FALSE(watch_.has_another(NodeId{1}));
  watch_.node_ended(NodeId{2});
  is_ready(2);
  EXPECT_FALSE(watch_.has_another(NodeId{1}));
  watch_.may_halt(NodeId{2}, false);
  EXPECT_TRUE(watch_.has_another(NodeId{1}));
}

TEST(UncleanReplicaWatch, WhereElectionsMayBeUncleanOneLeaderAnEpochIsAllThatIsAsked) {
  Verdict verdict;
  const auto now = [] { return MonotonicTime{}; };
  GhostLog first(GhostLog::Rules{.may_give_up = true}, verdict, now);
  GhostLog second(GhostLog::Rules{.may_give_up = true}, verdict, now);
  ReplicaWatch watch({.min_insync_replicas = 2, .elects_unclean = true}, verdict, now);
  const auto tell = [&](std::int32_t node, const Event& event) {
    GhostLog& ghost = node == 1 ? first : second;
    ghost.on(event);
    watch.of(NodeId{node}, ghost).on(event);
  };
  for (const std::int32_t node : {1, 2}) tell(node, observe::LogOpened{kPartition, Offset{0}, Offset{0}, 0});
  tell(1, observe::BatchAppended{kPartition, Offset{0}, Offset{0}, LeaderEpoch{0}, 7, kNoProducerId, ProducerEpoch{-1},
                                 Sequence{-1}});
  tell(1, HighWatermarkMoved{kPartition, Offset{1}});
  tell(2, observe::LeadershipBegan{kPartition, LeaderEpoch{1}});
  tell(1, observe::LogTruncated{kPartition, Offset{0}});
  EXPECT_TRUE(verdict.holds());
  tell(1, observe::LeadershipBegan{kPartition, LeaderEpoch{1}});
  ASSERT_FALSE(verdict.holds());
  EXPECT_STREQ(verdict.violations().front().invariant.c_str(), "R6");
}

}  // namespace
}  // namespace gregor::properties
