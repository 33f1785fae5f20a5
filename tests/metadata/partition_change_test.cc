// The builder of partition changes: who is elected, who stays eligible (KIP-966), which epochs rise. What topics'
// settings say of it, by layers.
#include "metadata/partition_change.h"

#include <gtest/gtest.h>

#include "metadata/node_ids.h"
#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

using Nodes = std::vector<NodeId>;

Nodes nodes(const std::vector<std::int32_t>& ids) {
  return nodes_of(ids);
}

/// One partition of topic "t" on brokers 1, 2, 3, of which two must be in sync.
struct Bench {
  Bench() : log(4) {
    log.rules.min_insync_replicas = 2;
    log.create({.name = "t", .assignments = {{0, nodes({1, 2, 3})}}});
  }
  PartitionChangeBuilder change() { return {log.image(), log.rules, *log.image().find_topic("t"), PartitionIndex{0}}; }
  const Partition& apply(PartitionChangeBuilder builder) {
    RecordList records;
    builder.add_to(records);
    log.write(records);
    return partition();
  }
  const Partition& shrink_to(const std::vector<std::int32_t>& isr, const std::vector<std::int32_t>& down = {}) {
    PartitionChangeBuilder builder = change();
    builder.set_isr(nodes(isr));
    builder.accept_leaders([down = nodes(down)](NodeId id) { return !holds(down, id); });
    return apply(std::move(builder));
  }
  [[nodiscard]] const Partition& partition() const {
    return *log.image().find_topic("t")->partitions.find(PartitionIndex{0});
  }
  TestLog log;
};

TEST(PartitionChange, WhereNothingChangesNothingIsWritten) {
  Bench bench;
  EXPECT_FALSE(bench.change().build());
}

TEST(PartitionChange, WhoLeavesBelowMinInsyncReplicasStaysEligible) {
  Bench bench;
  EXPECT_TRUE(bench.shrink_to({1, 2}).eligible_leader_replicas.empty()) << "two are enough";
  EXPECT_EQ(bench.shrink_to({1}).eligible_leader_replicas, nodes({2})) << "3 may lack what 1 and 2 committed";
  const Partition& gone = bench.shrink_to({}, {1, 2, 3});
  EXPECT_EQ(gone.leader, kNoLeader);
  EXPECT_EQ(gone.eligible_leader_replicas, nodes({1, 2}));
  EXPECT_EQ(gone.last_known_elr, nodes({1}));
  const Partition& back = bench.shrink_to({}, {1, 3});
  EXPECT_EQ(back.leader, NodeId{2});
  EXPECT_EQ(back.isr, nodes({2}));
  EXPECT_EQ(back.eligible_leader_replicas, nodes({1}));
  EXPECT_TRUE(back.last_known_elr.empty());
  EXPECT_EQ(back.leader_recovery_state, kRecovered);
  EXPECT_TRUE(bench.shrink_to({2, 3}).eligible_leader_replicas.empty()) << "from here on they commit without 1";
}

TEST(PartitionChange, WhoEndedUncleanlyIsEligibleNoMore) {
  Bench bench;
  bench.shrink_to({1, 2});
  bench.shrink_to({1});
  PartitionChangeBuilder builder = bench.change();
  builder.drop_unclean(NodeId{1});
  builder.accept_leaders([](NodeId id) { return id != NodeId{1}; });
  const Partition& partition = bench.apply(std::move(builder));
  EXPECT_EQ(partition.leader, NodeId{2}) << "eligible, and complete";
  EXPECT_EQ(partition.isr, nodes({2}));
  EXPECT_TRUE(partition.eligible_leader_replicas.empty());
}

TEST(PartitionChange, TheLastLeaderMayLeadAgainWhenAllEligibleAreLostButOnlyAlive) {
  Bench bench;
  const auto drop = [&](int id) {
    PartitionChangeBuilder builder = bench.change();
    builder.drop_unclean(NodeId{id});
    builder.accept_leaders([id](NodeId replica) { return replica != NodeId{id}; });
    bench.apply(std::move(builder));
  };
  for (const int id : {3, 2, 1}) drop(id);
  EXPECT_TRUE(bench.partition().isr.empty());
  EXPECT_TRUE(bench.partition().eligible_leader_replicas.empty());
  const NodeId last = bench.partition().last_known_elr.at(0);
  EXPECT_EQ(bench.shrink_to({}, {last.value()}).leader, kNoLeader) << "it is dead: others are no better";
  const Partition& back = bench.shrink_to({});
  EXPECT_EQ(back.leader, last);
  EXPECT_EQ(back.leader_recovery_state, kRecovering);
  EXPECT_TRUE(back.last_known_elr.empty());
}

TEST(PartitionChange, AnUncleanElectionIsMadeOnlyWhereTheTopicAllowsIt) {
  Bench bench;
  bench.shrink_to({1, 2});
  const auto elect_three = [&](bool is_allowed) {
    bench.log.rules.unclean_leader_election = is_allowed;
    PartitionChangeBuilder builder = bench.change();
    builder.set_election_allowed();
    builder.accept_leaders([](NodeId id) { return id == NodeId{3}; });
    return bench.apply(std::move(builder));
  };
  EXPECT_EQ(elect_three(false).leader, kNoLeader);
  const Partition led = elect_three(true);
  EXPECT_EQ(led.leader, NodeId{3});
  EXPECT_EQ(led.isr, nodes({3}));
  EXPECT_EQ(led.leader_recovery_state, kRecovering);
}

TEST(PartitionChange, APreferredElectionKeepsTheLeaderWhereTheFirstReplicaMayNotLead) {
  Bench bench;
  bench.shrink_to({2, 3}, {1});
  PartitionChangeBuilder builder = bench.change();
  builder.set_election(Election::preferred);
  EXPECT_FALSE(builder.build());
}

TEST(PartitionChange, EpochsRiseWithWhatFollowersMustNotice) {
  Bench bench;
  const Partition before = bench.partition();
  const Partition shrunk = bench.shrink_to({1, 2});
  EXPECT_EQ(shrunk.leader_epoch, before.leader_epoch) << "a shrinking ISR needs no new epoch since 3.6";
  EXPECT_EQ(shrunk.partition_epoch, before.partition_epoch + 1);
  PartitionChangeBuilder builder = bench.change();
  builder.set_replicas(nodes({1, 2}));
  const Partition moved = bench.apply(std::move(builder));
  EXPECT_EQ(moved.leader_epoch, ++LeaderEpoch{before.leader_epoch}) << "who lost a replica forgets what it knew of it";
  bench.log.write_one(wire::FeatureLevelRecord{.name = kEligibleLeaderReplicas, .feature_level = 0}, 0);
  bench.log.write_one(wire::FeatureLevelRecord{.name = kMetadataVersion, .feature_level = 11}, 0);
  EXPECT_GT(bench.shrink_to({1}).leader_epoch, moved.leader_epoch) << "before 3.6 a shrinking ISR does";
}

TEST(PartitionChange, AReassignmentEndsWhenAllNewReplicasAreInSync) {
  Bench bench;
  PartitionChangeBuilder builder = bench.change();
  builder.set_replicas(nodes({4, 2, 1, 3}));
  builder.set_adding(nodes({4}));
  builder.set_removing(nodes({1, 3}));
  EXPECT_EQ(bench.apply(std::move(builder)).replicas, nodes({4, 2, 1, 3}));
  const Partition done = bench.shrink_to({1, 2, 3, 4});
  EXPECT_EQ(done.replicas, nodes({4, 2}));
  EXPECT_EQ(done.isr, nodes({2, 4}));
  EXPECT_EQ(done.leader, NodeId{4});
  EXPECT_TRUE(done.adding_replicas.empty() && done.removing_replicas.empty());
  EXPECT_EQ(done.directories.size(), 2u);
}

TEST(PartitionChange, TheTopicsSettingsStandOverTheClustersAndThoseOverTheFiles) {
  TestLog log;
  log.create({.name = "t"});
  const auto set = [&](std::int8_t type, const char* name, const char* key, const char* value) {
    log.write_one(
        wire::ConfigRecord{.resource_type = type, .resource_name = name, .name = key, .value = std::string_view(value)},
        0);
  };
  EXPECT_EQ(election_rules_of(log.image(), "t", {3, true}), (ElectionRules{3, true}));
  set(ConfigResource::kBroker, "", "min.insync.replicas", "2");
  EXPECT_EQ(election_rules_of(log.image(), "t", {3, true}), (ElectionRules{2, true}));
  set(ConfigResource::kTopic, "t", "min.insync.replicas", "1");
  set(ConfigResource::kTopic, "t", "unclean.leader.election.enable", "false");
  EXPECT_EQ(election_rules_of(log.image(), "t", {3, true}), (ElectionRules{1, false}));
}

}  // namespace
}  // namespace gregor::metadata
