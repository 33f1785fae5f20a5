// A leader with followers: fencing, admission of writes, acknowledgement, what new leaders may say.
#include <gtest/gtest.h>

#include "replica/replica.h"
#include "tests/replica/support/brokers.h"

namespace gregor::replica {
namespace {

constexpr NodeId kL{0};
constexpr NodeId kF{1};
constexpr MonotonicTime kNow{};

PartitionState led_by(NodeId leader, int epoch, std::vector<NodeId> isr) {
  return {.leader = leader,
          .leader_epoch = LeaderEpoch{epoch},
          .partition_epoch = PartitionEpoch{epoch * 10},
          .replicas = {kL, kF},
          .isr = std::move(isr)};
}

/// Leads in epoch 3 over [0, 10), high watermark 4.
class ReplicaLeads : public testing::Test {
 protected:
  void SetUp() override {
    replica_.set_min_insync_replicas(2);
    ASSERT_EQ(replica_.apply(led_by(kL, 3, {kL, kF}), kNow), RoleChange::leads);
  }
  FetchRuling fetch(std::int64_t offset, int epoch = 3, int last_epoch = 3) {
    return replica_.on_follower_fetch({.replica = kF,
                                       .broker_epoch = BrokerEpoch{5},
                                       .current_leader_epoch = LeaderEpoch{epoch},
                                       .offset = Offset{offset},
                                       .last_fetched_epoch = LeaderEpoch{last_epoch}},
                                      history_, kNow);
  }

  Replica replica_{Offset{0}, Offset{10}, Offset{4}, Durability::written, {.self = kL}};
  std::vector<EpochEntry> history_{{LeaderEpoch{1}, Offset{0}}, {LeaderEpoch{3}, Offset{10}}};
};

TEST_F(ReplicaLeads, CommitsWhatTheFollowerHasFetchedInThisEpochAlone) {
  EXPECT_EQ(fetch(8, 2, 1).verdict, ReplicaVerdict::fenced_leader_epoch);
  EXPECT_EQ(fetch(8, 4, 1).verdict, ReplicaVerdict::unknown_leader_epoch);
  EXPECT_EQ(replica_.high_watermark(), Offset{4});
  EXPECT_TRUE(fetch(8, 3, 1).high_watermark_moved);
  EXPECT_EQ(replica_.high_watermark(), Offset{8});
}

TEST_F(ReplicaLeads, DoesNotCountWhoseHistoryDiffers) {
  EXPECT_TRUE(fetch(8, 3, 2).diverging.has_value());
  EXPECT_EQ(replica_.high_watermark(), Offset{4});
}

TEST_F(ReplicaLeads, SaysNoLatestOffsetBeforeTheHighWatermarkReachesTheEpochsStart) {
  EXPECT_EQ(replica_.latest_offset().verdict, ReplicaVerdict::offset_not_available);
  fetch(10, 3, 1);
  EXPECT_EQ(replica_.latest_offset().offset, Offset{10});
}

TEST_F(ReplicaLeads, RefusesAcksAllBelowMinInsyncReplicasBeforeAndAfterTheWrite) {
  fetch(10, 3, 1);
  EXPECT_EQ(replica_.admits_append(true), ReplicaVerdict::served);
  PartitionState alone = led_by(kL, 3, {kL});
  alone.partition_epoch = PartitionEpoch{31};
  ASSERT_EQ(replica_.apply(alone, kNow), RoleChange::updated);
  EXPECT_EQ(replica_.admits_append(true), ReplicaVerdict::not_enough_replicas);
  EXPECT_EQ(replica_.admits_append(false), ReplicaVerdict::served);
  EXPECT_EQ(replica_.acknowledges(Offset{10}, LeaderEpoch{3}), ReplicaVerdict::not_enough_replicas_after_append);
  replica_.on_written(Offset{12});
  EXPECT_EQ(replica_.high_watermark(), Offset{10}) << "the ELR must not miss what is committed (KIP-966)";
}

TEST_F(ReplicaLeads, IgnoresMetadataThatIsNotNewer) {
  PartitionState older = led_by(kF, 4, {kF});
  older.partition_epoch = PartitionEpoch{29};
  EXPECT_EQ(replica_.apply(older, kNow), RoleChange::ignored);
  EXPECT_EQ(replica_.role(), Role::leader);
}

TEST_F(ReplicaLeads, TheIsrShrinksByAProposalThatTheControllerAccepts) {
  const MonotonicTime later = kNow + Milliseconds(40'000);
  const auto proposal = replica_.take_alter_partition(Brokers(), later);
  ASSERT_TRUE(proposal);
  EXPECT_EQ(proposal->isr.size(), 1U);
  EXPECT_FALSE(replica_.take_alter_partition(Brokers(), later)) << "one at a time";
  replica_.on_alter_partition({.request = proposal->request,
                               .verdict = AlterPartitionVerdict::accepted,
                               .leader_epoch = LeaderEpoch{3},
                               .partition_epoch = PartitionEpoch{31},
                               .isr = {kL}},
                              later);
  EXPECT_EQ(replica_.partition_epoch(), PartitionEpoch{31});
  replica_.set_min_insync_replicas(1);
  EXPECT_EQ(replica_.high_watermark(), Offset{10});
}

TEST_F(ReplicaLeads, OffersItselfAndTheInSyncFollowersThatHoldTheOffsetToReaders) {
  fetch(8, 3, 1);
  EXPECT_EQ(replica_.read_candidates(Offset{8}, kNow).size(), 2U);
  EXPECT_EQ(replica_.read_candidates(Offset{9}, kNow).size(), 1U);
}

}  // namespace
}  // namespace gregor::replica
