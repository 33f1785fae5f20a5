// What the fault budget allows in each durability mode: one partition on nodes 1 to 3, which vote too.
#include "scenarios/fault_budget.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "quorum/new_directory.h"
#include "sim/disk_law.h"
#include "storage/meta_properties.h"

namespace gregor::scenarios {
namespace {

const TopicPartition kPartition{"orders", Uuid{1, 2}, PartitionIndex{0}};
constexpr NodeId kFirst{1};
constexpr NodeId kSecond{2};
constexpr NodeId kThird{3};

struct Mode {
  bool flushes = false;
  bool elects_unclean = false;
  bool tracks_elr = true;
  std::int16_t in_sync = 2;
};

Scenario mode(const Mode& wanted) {
  Scenario scenario;
  scenario.brokers = 3;
  scenario.replication_factor = 3;
  scenario.min_insync_replicas = wanted.in_sync;
  scenario.flush_before_acknowledge = wanted.flushes;
  scenario.elects_unclean = wanted.elects_unclean;
  scenario.tracks_elr = wanted.tracks_elr;
  return scenario;
}

/// A disk whose directory votes, or is new and does not.
sim::DiskImage formatted(bool votes, Uuid directory = Uuid{7, 8}) {
  sim::DiskImage disk(sim::usual_disk_law());
  storage::MetaProperties meta{.cluster_id = "c", .node_id = kThird, .directory_id = directory, .others = {}};
  if (!votes) meta.others[quorum::kNewDirectoryKey] = "true";
  disk.put_file("/broker-log/meta.properties", storage::format_meta_properties(meta));
  return disk;
}

/// All three are in sync and hold one committed record.
struct Cluster {
  explicit Cluster(Scenario wanted) : scenario(std::move(wanted)) {
    for (const NodeId node : {kFirst, kSecond, kThird}) {
      ghosts.push_back(std::make_unique<properties::GhostLog>(properties::GhostLog::Rules{}, verdict,
                                                              [] { return MonotonicTime{}; }));
      tell(node, observe::LogOpened{kPartition, Offset{0}, Offset{0}, 0});
      tell(node, observe::NodeReady{node, 9092});
      tell(node, observe::BatchAppended{kPartition, Offset{0}, Offset{0}, LeaderEpoch{0}, 7, kNoProducerId,
                                        ProducerEpoch{-1}, Sequence{-1}});
    }
    tell(kFirst, observe::HighWatermarkMoved{kPartition, Offset{1}});
    in_sync({kFirst, kSecond, kThird});
    for (const NodeId node : {kFirst, kSecond, kThird}) budget.add_voter(node, disk_of(node));
  }
  void tell(NodeId node, const observe::Event& event) {
    auto& ghost = *ghosts.at(static_cast<std::size_t>(node.value() - 1));
    ghost.on(event);
    replicas.of(node, ghost).on(event);
  }
  void in_sync(const std::vector<NodeId>& isr) {
    const std::vector<NodeId> all{kFirst, kSecond, kThird};
    tell(kFirst, observe::PartitionChanged{.partition = kPartition,
                                           .partition_epoch = ++partition_epoch,
                                           .leader = kFirst,
                                           .leader_epoch = LeaderEpoch{0},
                                           .replicas = all,
                                           .isr = isr,
                                           .eligible_leader_replicas = {}});
  }
  void lose_disk(NodeId node) {
    replicas.node_ended(node);
    budget.lost_disk(node);
  }
  sim::DiskImage& disk_of(NodeId node) { return disks.at(static_cast<std::size_t>(node.value() - 1)); }

  Scenario scenario;
  properties::Verdict verdict;
  std::vector<std::unique_ptr<properties::GhostLog>> ghosts;
  properties::ReplicaWatch replicas{{.min_insync_replicas = 2}, verdict, [] { return MonotonicTime{}; }};
  std::vector<sim::DiskImage> disks{3, formatted(true)};
  properties::QuorumWatch quorum{{}, verdict, [] { return MonotonicTime{}; }};
  FaultBudget budget{scenario, replicas, quorum};
  std::int32_t partition_epoch = 0;
};

TEST(FaultBudget, WithAFlushPowerCostsNothing) {
  Cluster cluster(mode({.flushes = true}));
  for (const NodeId node : {kSecond, kThird}) {
    cluster.replicas.node_ended(node);
    cluster.budget.lost_power(node);
  }
  EXPECT_TRUE(cluster.budget.allows(FaultKind::power_loss, kFirst));
  EXPECT_TRUE(cluster.budget.allows(FaultKind::crash, kFirst));
}

TEST(FaultBudget, WithoutOnePowerWantsAnotherGoodCopy) {
  Cluster cluster(mode({}));
  EXPECT_TRUE(cluster.budget.allows(FaultKind::power_loss, kFirst));
  for (const NodeId node : {kSecond, kThird}) {
    cluster.replicas.node_ended(node);
    cluster.budget.lost_power(node);
  }
  EXPECT_FALSE(cluster.budget.allows(FaultKind::power_loss, kFirst));
  EXPECT_FALSE(cluster.budget.allows(FaultKind::crash, kFirst)) << "the last good copy, while others are in doubt";
  EXPECT_TRUE(cluster.budget.allows(FaultKind::pause, kFirst));
  EXPECT_FALSE(Cluster(mode({.tracks_elr = false})).budget.allows(FaultKind::pause, kFirst)) << "D2";
}

// Found by simulation (R3): the one lost what it had not flushed, and the other was killed before anybody knew.
TEST(FaultBudget, WhileADiskFailsNobodyElseWhoIsTheLastGoodOneIsKilled) {
  for (const bool flushes : {false, true}) {
    Cluster cluster(mode({.flushes = flushes}));
    cluster.in_sync({kFirst, kSecond});
    cluster.replicas.may_halt(kSecond, true);
    EXPECT_EQ(cluster.budget.allows(FaultKind::crash, kFirst), flushes);
    cluster.replicas.may_halt(kSecond, false);
    EXPECT_TRUE(cluster.budget.allows(FaultKind::crash, kFirst));
  }
}

TEST(FaultBudget, AnEmptyDiskWantsAnotherGoodCopyEvenWhereAllIsFlushed) {
  Cluster cluster(mode({.flushes = true}));
  EXPECT_TRUE(cluster.budget.allows(FaultKind::wiped_disk, kThird));
  cluster.lose_disk(kThird);
  cluster.replicas.node_ended(kSecond);
  EXPECT_FALSE(cluster.budget.allows(FaultKind::wiped_disk, kFirst));
  EXPECT_FALSE(cluster.budget.allows(FaultKind::crash, kFirst)) << "the last good copy";
  cluster.tell(kSecond, observe::NodeReady{kSecond, 9092});
  EXPECT_TRUE(cluster.budget.allows(FaultKind::crash, kFirst));
  EXPECT_FALSE(Cluster(mode({.flushes = true, .in_sync = 1})).budget.allows(FaultKind::wiped_disk, kFirst)) << "D1";
}

// KIP-966: when the only eligible one comes back without its clean shutdown, the last known leader is elected.
TEST(FaultBudget, ACopyOutOfSyncMayBeTheLastOneWhileNobodyInSyncRuns) {
  Cluster cluster(mode({.flushes = true}));
  cluster.in_sync({kSecond});
  EXPECT_TRUE(cluster.budget.allows(FaultKind::wiped_disk, kFirst));
  cluster.replicas.node_ended(kSecond);
  EXPECT_FALSE(cluster.budget.allows(FaultKind::wiped_disk, kFirst));
}

TEST(FaultBudget, FewerCopiesThanTheLeastInSyncMayBeInDoubt) {
  Cluster cluster(mode({.flushes = true}));
  EXPECT_TRUE(cluster.budget.allows(FaultKind::bit_rot, kFirst));
  EXPECT_FALSE(Cluster(mode({.flushes = true, .elects_unclean = true})).budget.allows(FaultKind::bit_rot, kFirst));
  const auto struck = cluster.ghosts.at(2)->rotted("orders-0");
  ASSERT_EQ(struck, std::vector<TopicPartition>{kPartition});
  cluster.replicas.lost_copy(kThird, kPartition);
  EXPECT_FALSE(cluster.budget.allows(FaultKind::bit_rot, kFirst)) << "the second may be fenced before anybody knows";
  EXPECT_TRUE(cluster.budget.allows(FaultKind::bit_rot, kThird)) << "the same copy again";
  cluster.tell(kThird, observe::LogOpened{kPartition, Offset{0}, Offset{0}, 1});
  cluster.tell(kThird, observe::BatchAppended{kPartition, Offset{0}, Offset{0}, LeaderEpoch{0}, 7, kNoProducerId,
                                              ProducerEpoch{-1}, Sequence{-1}});
  cluster.in_sync({kFirst, kSecond, kThird});
  EXPECT_TRUE(cluster.budget.allows(FaultKind::bit_rot, kFirst)) << "it was fetched again";
}

TEST(FaultBudget, OverBudgetNothingIsLeftOut) {
  Scenario scenario = mode({.in_sync = 1});
  scenario.over_budget = true;
  Cluster cluster(std::move(scenario));
  cluster.replicas.node_ended(kSecond);
  cluster.replicas.node_ended(kThird);
  for (const FaultKind kind : {FaultKind::power_loss, FaultKind::wiped_disk, FaultKind::fail_flushes})
    EXPECT_TRUE(cluster.budget.allows(kind, kFirst)) << name_of(kind);
}

TEST(FaultBudget, WhereVotersJoinTheyAreThoseThatTheLogNames) {
  Scenario joined = mode({.flushes = true, .elects_unclean = true});
  joined.voters_join = true;
  Cluster cluster(std::move(joined));
  const auto name = [&](const std::vector<NodeId>& nodes) {
    observe::VotersNamed named{kNoOffset, {}};
    for (const NodeId node : nodes) named.voters.push_back({node, Uuid{7, 8}});
    cluster.quorum.of(kFirst, *cluster.ghosts.front()).on(named);
  };
  EXPECT_FALSE(cluster.budget.allows(FaultKind::wiped_disk, kThird)) << "nobody knows who votes";
  name({kFirst, kSecond});
  EXPECT_FALSE(cluster.budget.allows(FaultKind::wiped_disk, kThird)) << "two voters can spare nobody";
  EXPECT_FALSE(cluster.budget.all_have_joined());
  name({kFirst, kSecond, kThird});
  EXPECT_TRUE(cluster.budget.all_have_joined());
  EXPECT_TRUE(cluster.budget.allows(FaultKind::wiped_disk, kFirst));
  cluster.disk_of(kThird) = formatted(true, Uuid{7, 9});
  EXPECT_FALSE(cluster.budget.all_have_joined()) << "under its former directory";
  EXPECT_FALSE(cluster.budget.allows(FaultKind::wiped_disk, kFirst));
  EXPECT_TRUE(cluster.budget.allows(FaultKind::wiped_disk, kThird)) << "again";
}

TEST(FaultBudget, OneOfThreeVotersMayHaveLostItsVoteAtATime) {
  Cluster cluster(mode({.flushes = true, .elects_unclean = true}));
  cluster.disk_of(kThird) = formatted(false);
  EXPECT_FALSE(cluster.budget.allows(FaultKind::wiped_disk, kFirst)) << "even where elections may be unclean";
  EXPECT_TRUE(cluster.budget.allows(FaultKind::wiped_disk, kThird)) << "again";
  cluster.disk_of(kThird).wipe();
  EXPECT_FALSE(cluster.budget.allows(FaultKind::wiped_disk, kFirst)) << "not even formatted";
  cluster.disk_of(kThird) = formatted(true);
  EXPECT_TRUE(cluster.budget.allows(FaultKind::wiped_disk, kFirst));
}

}  // namespace
}  // namespace gregor::scenarios
