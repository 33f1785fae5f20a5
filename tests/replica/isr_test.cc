// KIP-497: one proposal at a time, and nobody uncounted who may have been admitted.
#include "replica/isr.h"

#include <gtest/gtest.h>

namespace gregor::replica {
namespace {

constexpr NodeId kA{0};
constexpr NodeId kB{1};
constexpr NodeId kC{2};
constexpr LeaderEpoch kEpoch{4};
constexpr Nanoseconds kTimeout = Milliseconds(100);

MonotonicTime at(int ms) {
  return MonotonicTime(Milliseconds(ms));
}
Isr committed(std::vector<NodeId> isr) {
  Isr fresh;
  fresh.commit(isr, PartitionEpoch{5});
  return fresh;
}
AlterPartition proposing(std::vector<NodeId> isr) {
  AlterPartition proposal;
  for (const NodeId node : isr) proposal.isr.push_back({node, BrokerEpoch{1}});
  return proposal;
}
AlterPartitionAnswer accepted(int partition_epoch, std::vector<NodeId> isr, LeaderEpoch epoch = kEpoch) {
  return {.request = 1,
          .verdict = AlterPartitionVerdict::accepted,
          .leader_epoch = epoch,
          .partition_epoch = PartitionEpoch{partition_epoch},
          .isr = std::move(isr)};
}

TEST(Isr, WhoIsProposedCountsAtOnceAndWhoIsDroppedCountsUntilTheAnswer) {
  Isr isr = committed({kA, kB});
  const AlterPartition sent = isr.propose(proposing({kA, kC}), at(0), kTimeout);
  EXPECT_EQ(sent.partition_epoch, PartitionEpoch{5});
  EXPECT_EQ(isr.maximal(), (std::vector{kA, kB, kC}));
  EXPECT_FALSE(isr.may_propose(at(0)));
  EXPECT_TRUE(isr.on_answer(accepted(6, {kA, kC}), kEpoch, at(1)));
  EXPECT_EQ(isr.maximal(), (std::vector{kA, kC}));
  EXPECT_TRUE(isr.may_propose(at(1)));
}

TEST(Isr, ARefusedProposalHasNoEffectAndALostOneMay) {
  Isr refused = committed({kA});
  refused.propose(proposing({kA, kB}), at(0), kTimeout);
  refused.on_answer({.request = 1, .verdict = AlterPartitionVerdict::refused}, kEpoch, at(1));
  EXPECT_EQ(refused.maximal(), std::vector{kA});

  Isr lost = committed({kA});
  lost.propose(proposing({kA, kB}), at(0), kTimeout);
  lost.expire(at(99));
  EXPECT_TRUE(lost.is_in_flight());
  lost.expire(at(100));
  EXPECT_TRUE(lost.may_propose(at(100)));
  EXPECT_EQ(lost.maximal(), (std::vector{kA, kB})) << "it may still arrive";
  lost.propose(proposing({kA, kB}), at(100), kTimeout);
  lost.on_answer({.request = 2, .verdict = AlterPartitionVerdict::refused}, kEpoch, at(101));
  EXPECT_TRUE(lost.is_unsettled()) << "the first one is still on its way";
  lost.commit(std::vector{kA}, PartitionEpoch{6});
  EXPECT_EQ(lost.maximal(), std::vector{kA});
}

TEST(Isr, AnErrorEndsTheProposalAndTheNextWaitsAMoment) {
  Isr isr = committed({kA});
  isr.propose(proposing({kA, kB}), at(0), kTimeout);
  isr.on_answer({.request = 1, .verdict = AlterPartitionVerdict::fenced}, kEpoch, at(10));
  EXPECT_FALSE(isr.is_in_flight());
  EXPECT_FALSE(isr.may_propose(at(59)));
  EXPECT_TRUE(isr.may_propose(at(60)));
  EXPECT_EQ(isr.next_tick(), at(60));
}

TEST(Isr, NewerMetadataWinsOverAnOlderAnswer) {
  Isr isr = committed({kA});
  isr.propose(proposing({kA, kB}), at(0), kTimeout);
  isr.commit(std::vector{kA, kB, kC}, PartitionEpoch{9});
  EXPECT_FALSE(isr.on_answer(accepted(6, {kA, kB}), kEpoch, at(1)));
  EXPECT_EQ(isr.committed(), (std::vector{kA, kB, kC}));
  EXPECT_EQ(isr.partition_epoch(), PartitionEpoch{9});
}

TEST(Isr, AnAnswerForAnotherLeaderEpochIsNotTaken) {
  Isr isr = committed({kA});
  isr.propose(proposing({kA, kB}), at(0), kTimeout);
  EXPECT_FALSE(isr.on_answer(accepted(6, {kC}, LeaderEpoch{5}), kEpoch, at(1)));
  EXPECT_EQ(isr.maximal(), (std::vector{kA, kB}));
}

}  // namespace
}  // namespace gregor::replica
