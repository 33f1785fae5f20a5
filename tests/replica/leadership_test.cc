// Who enters and leaves the ISR, and what is committed meanwhile (KIP-497, 841, 903, 966; KAFKA-7128).
#include "replica/leadership.h"

#include <gtest/gtest.h>

#include "tests/replica/support/brokers.h"

namespace gregor::replica {
namespace {

constexpr NodeId kL{0};
constexpr NodeId kF{1};
constexpr NodeId kG{2};
constexpr Offset kStart{10};

MonotonicTime at(int ms) {
  return MonotonicTime(Milliseconds(ms));
}

class LeadershipTest : public testing::Test {
 protected:
  void begin(std::vector<NodeId> isr) {
    leadership_.begin({.leader = kL,
                       .leader_epoch = LeaderEpoch{3},
                       .partition_epoch = PartitionEpoch{7},
                       .replicas = {kL, kF, kG},
                       .isr = std::move(isr)},
                      kStart, at(0));
  }
  void fetch(NodeId replica, std::int64_t offset, int ms, std::int64_t log_start = 0) {
    leadership_.note(
        {.replica = replica, .broker_epoch = BrokerEpoch{50}, .offset = Offset{offset}, .log_start = Offset{log_start}},
        Offset{20}, at(ms));
  }
  std::optional<AlterPartition> propose(int ms, std::int64_t high_watermark = 8, std::int64_t log_start = 0) {
    return leadership_.propose(brokers_, {Offset{high_watermark}, Offset{log_start}, Offset{20}}, at(ms));
  }

  Leadership leadership_{kL, Milliseconds(100), Milliseconds(50)};
  Brokers brokers_;
};

TEST_F(LeadershipTest, CommitsWhatEveryMemberOfTheMaximalIsrHolds) {
  begin({kL, kF});
  EXPECT_EQ(leadership_.committed_end(Offset{20}, 1), kNoOffset) << "a member that has not fetched holds nothing known";
  fetch(kF, 15, 1);
  EXPECT_EQ(leadership_.committed_end(Offset{20}, 1), Offset{15});
  fetch(kG, 12, 1);
  EXPECT_EQ(leadership_.committed_end(Offset{20}, 1), Offset{15});
  ASSERT_TRUE(propose(2));
  EXPECT_EQ(leadership_.committed_end(Offset{20}, 1), Offset{12}) << "it may be in the ISR by now";
}

TEST_F(LeadershipTest, CommitsNothingBelowMinInsyncReplicasOfWhichThereAreAtMostAllReplicas) {
  begin({kL});
  EXPECT_EQ(leadership_.committed_end(Offset{20}, 2), std::nullopt);
  Leadership alone{kL, Milliseconds(100), Milliseconds(50)};
  alone.begin({.leader = kL,
               .leader_epoch = LeaderEpoch{0},
               .partition_epoch = PartitionEpoch{0},
               .replicas = {kL},
               .isr = {kL}},
              kStart, at(0));
  EXPECT_EQ(alone.committed_end(Offset{20}, 2), Offset{20});
}

TEST_F(LeadershipTest, AFollowerEntersAtTheEpochsStartNotAtALaggingHighWatermark) {
  begin({kL});
  fetch(kF, 9, 1);
  EXPECT_FALSE(propose(2, 8)) << "above the high watermark, below the epoch's start";
  fetch(kF, 10, 3);
  const auto proposal = propose(4, 8);
  ASSERT_TRUE(proposal);
  EXPECT_EQ(proposal->isr, (std::vector<IsrMember>{{kL, BrokerEpoch{100}}, {kF, BrokerEpoch{50}}}));
}

TEST_F(LeadershipTest, AFollowerThatWouldShowDeletedRecordsAgainDoesNotEnter) {
  begin({kL});
  fetch(kF, 20, 1, 4);
  EXPECT_FALSE(propose(2, 8, 5)) << "what lies below 5 may have been deleted with an acknowledgement";
  fetch(kF, 20, 3, 5);
  EXPECT_TRUE(propose(4, 8, 5));
}

TEST_F(LeadershipTest, AFencedFollowerDoesNotEnter) {
  begin({kL});
  brokers_.fenced.insert(kF);
  fetch(kF, 20, 1);
  EXPECT_FALSE(propose(2));
}

TEST_F(LeadershipTest, ASilentFollowerLeavesAfterTheLagTimeAndNotBefore) {
  begin({kL, kF});
  fetch(kF, 15, 10);
  EXPECT_EQ(leadership_.next_tick(Offset{20}), at(100) + Nanoseconds(1));
  EXPECT_FALSE(propose(100));
  const auto proposal = propose(101);
  ASSERT_TRUE(proposal);
  EXPECT_EQ(proposal->isr, (std::vector<IsrMember>{{kL, BrokerEpoch{100}}}));
}

TEST_F(LeadershipTest, NothingIsDueWhileAProposalIsUnderWayNorWhenThereIsNothingToPropose) {
  begin({kL, kF});
  fetch(kF, 15, 10);
  const auto proposal = propose(101);
  ASSERT_TRUE(proposal);
  EXPECT_EQ(leadership_.next_tick(Offset{20}), at(151)) << "when it is given up, though the follower has lagged since";
  leadership_.on_answer({.request = proposal->request, .verdict = AlterPartitionVerdict::refused}, at(110));
  EXPECT_EQ(leadership_.next_tick(Offset{20}), at(160)) << "when the next may be made";
  fetch(kF, 20, 120);
  EXPECT_FALSE(propose(160));
  EXPECT_EQ(leadership_.next_tick(Offset{20}), kForever);
}

TEST_F(LeadershipTest, WhoHoldsEverythingStaysThoughSilent) {
  begin({kL, kF});
  fetch(kF, 20, 1);
  EXPECT_FALSE(propose(10'000));
}

TEST_F(LeadershipTest, AnIsrThatIsNotKnownIsAskedForThoughNothingShouldChange) {
  begin({kL});
  fetch(kF, 20, 1);
  ASSERT_TRUE(propose(2));
  brokers_.fenced.insert(kF);
  const auto again = propose(60);  // the first one timed out
  ASSERT_TRUE(again);
  EXPECT_EQ(again->isr.size(), 1U);
  leadership_.on_answer({.request = again->request,
                         .verdict = AlterPartitionVerdict::accepted,
                         .leader_epoch = LeaderEpoch{3},
                         .partition_epoch = PartitionEpoch{8},
                         .isr = {kL}},
                        at(61));
  EXPECT_EQ(leadership_.isr().maximal(), std::vector{kL});
}

}  // namespace
}  // namespace gregor::replica
