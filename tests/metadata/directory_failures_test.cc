// Log directories that fail, and replicas that say where they are (KIP-858).
#include "metadata/directory_failures.h"

#include <gtest/gtest.h>

#include "metadata/alter_partition.h"
#include "metadata/brokers.h"
#include "metadata/directories.h"
#include "metadata/heartbeats.h"
#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

using wire::ErrorCode;

constexpr Uuid kFirst{5, 1};
constexpr Uuid kSecond{5, 2};

/// Broker 3 has two directories; "a" is on 3 and 1, "b" on 3 and 2.
struct Bench {
  Bench() : log(2) {
    RegisterBroker request{
        .id = NodeId{3}, .incarnation_id = {3, 3}, .cluster_id = kTestCluster, .log_dirs = {kFirst, kSecond}};
    request.features = supported_features();
    const auto registered =
        decide_register_broker(log.image(), log.rules, request, kTestCluster, log.next_offset(), false).value();
    epoch = registered.epoch;
    log.write(registered.records);
    log.write(decide_unfence_broker(log.image(), log.rules, NodeId{3}, epoch).value());
    a = log.create({.name = "a", .assignments = {{0, {NodeId{3}, NodeId{1}}}}}).id;
    b = log.create({.name = "b", .assignments = {{0, {NodeId{3}, NodeId{2}}}}}).id;
  }
  ErrorCode assign(const TopicId& topic, const Uuid& directory, int index = 0, NodeId broker = NodeId{3}) {
    const auto decision = decide_assign_replicas(log.image(), log.rules,
                                                 {.broker = broker,
                                                  .broker_epoch = log.image().find_broker(broker)->epoch,
                                                  .directories = {{directory, {{topic, {index}}}}}})
                              .value();
    log.write(decision.records);
    return decision.replies.at(0).topics.at(0).partitions.at(0).error;
  }
  void fail(const Uuid& directory) {
    log.write(records_for_offline_directories(log.image(), log.rules, NodeId{3}, {directory}));
  }
  void fence(NodeId broker) {
    log.write(decide_fence_broker(log.image(), log.rules, broker, log.image().find_broker(broker)->epoch).value());
  }
  [[nodiscard]] const Partition& partition(const TopicId& id) const {
    return *log.image().find_partition(id, PartitionIndex{0});
  }
  TestLog log;
  BrokerEpoch epoch{-1};
  TopicId a;
  TopicId b;
};

TEST(DirectoryFailures, ABrokerWithSeveralDirectoriesChoosesAndSaysWhich) {
  Bench bench;
  EXPECT_EQ(directory_of(bench.partition(bench.a), NodeId{3}), kUnassignedDirectory);
  EXPECT_EQ(directory_of(bench.partition(bench.a), NodeId{1}), (Uuid{2, 1})) << "it has but one";
  EXPECT_EQ(bench.assign(bench.a, kFirst), ErrorCode::none);
  EXPECT_EQ(directory_of(bench.partition(bench.a), NodeId{3}), kFirst);
  EXPECT_EQ(bench.partition(bench.a).leader, NodeId{3});
}

TEST(DirectoryFailures, OnlyWhatWasInTheFailedDirectoryMoves) {
  Bench bench;
  bench.assign(bench.a, kFirst);
  bench.assign(bench.b, kSecond);
  bench.fail(kFirst);
  EXPECT_EQ(bench.partition(bench.a).leader, NodeId{1});
  EXPECT_EQ(bench.partition(bench.a).isr, std::vector<NodeId>{NodeId{1}});
  EXPECT_EQ(bench.partition(bench.b).leader, NodeId{3});
  EXPECT_EQ(bench.log.image().find_broker(NodeId{3})->log_dirs, std::vector<Uuid>{kSecond});
  const Offset before = bench.log.next_offset();
  bench.fail(kFirst);
  EXPECT_EQ(bench.log.next_offset(), before) << "known already";
}

TEST(DirectoryFailures, AReplicaInAnOfflineDirectoryIsNotElected) {
  Bench bench;
  bench.assign(bench.a, kFirst);
  bench.fail(kFirst);
  bench.fence(NodeId{1});
  EXPECT_EQ(bench.partition(bench.a).leader, kNoLeader);
}

TEST(DirectoryFailures, NorIsItTakenBackIntoTheIsr) {
  Bench bench;
  bench.assign(bench.a, kFirst);
  bench.fail(kFirst);
  const Partition& partition = bench.partition(bench.a);
  AlterPartition::Partition asked{.index = 0,
                                  .leader_epoch = partition.leader_epoch,
                                  .partition_epoch = partition.partition_epoch,
                                  .isr = {{.id = NodeId{1}}, {.id = NodeId{3}}}};
  const AlterPartition request{.broker = NodeId{1},
                               .broker_epoch = bench.log.image().find_broker(NodeId{1})->epoch,
                               .topics = {{.id = bench.a, .partitions = {asked}}}};
  const auto decision = decide_alter_partition(bench.log.image(), bench.log.rules, request).value();
  EXPECT_EQ(decision.replies.at(0).partitions.at(0).error, ErrorCode::ineligible_replica);
  EXPECT_TRUE(decision.records.empty());
}

// A heartbeat may ask to be unfenced and tell of a failure at once.
TEST(DirectoryFailures, NothingIsElectedIntoADirectoryThatTheSameHeartbeatReports) {
  Bench bench;
  bench.assign(bench.a, kFirst);
  for (const NodeId id : {NodeId{1}, NodeId{3}}) bench.fence(id);
  const BrokerHeartbeats book{Milliseconds{9000}};
  const auto decision = decide_broker_heartbeat(bench.log.image(), book, bench.log.rules,
                                                {.id = NodeId{3},
                                                 .epoch = bench.epoch,
                                                 .current_metadata_offset = bench.log.next_offset(),
                                                 .offline_log_dirs = {kFirst}})
                            .value();
  EXPECT_FALSE(decision.is_fenced);
  bench.log.write(decision.records);
  EXPECT_EQ(bench.partition(bench.a).leader, kNoLeader);
  EXPECT_EQ(bench.partition(bench.b).leader, NodeId{2});
}

TEST(DirectoryFailures, AReplicaAssignedToAnOfflineDirectoryLeaves) {
  Bench bench;
  EXPECT_EQ(bench.assign(bench.b, kLostDirectory), ErrorCode::none);
  EXPECT_EQ(bench.partition(bench.b).leader, NodeId{2});
  EXPECT_EQ(bench.partition(bench.b).isr, std::vector<NodeId>{NodeId{2}});
}

// KIP-966: what a failed directory holds may come back, what was lost will not.
TEST(DirectoryFailures, AReplicaWhoseCopyIsLostIsEligibleNoMore) {
  Bench bench;
  bench.log.rules.min_insync_replicas = 2;
  bench.assign(bench.a, kFirst);
  bench.fail(kFirst);
  EXPECT_EQ(bench.partition(bench.a).eligible_leader_replicas, std::vector<NodeId>{NodeId{3}});
  EXPECT_EQ(bench.assign(bench.a, kLostDirectory), ErrorCode::none);
  EXPECT_TRUE(bench.partition(bench.a).eligible_leader_replicas.empty());
  EXPECT_EQ(bench.assign(bench.b, kLostDirectory), ErrorCode::none);
  EXPECT_TRUE(bench.partition(bench.b).eligible_leader_replicas.empty());
  EXPECT_EQ(bench.partition(bench.b).isr, std::vector<NodeId>{NodeId{2}});
}

// The disk of a directory was replaced, and the broker had stopped cleanly: what it holds now is empty.
TEST(DirectoryFailures, AReplicaThatBeginsAnewElsewhereIsEligibleNoMore) {
  Bench bench;
  bench.log.rules.min_insync_replicas = 2;
  bench.assign(bench.a, kFirst);
  bench.fail(kFirst);
  bench.fence(NodeId{1});
  ASSERT_EQ(bench.partition(bench.a).leader, kNoLeader);
  EXPECT_EQ(bench.assign(bench.a, kSecond), ErrorCode::none);
  EXPECT_EQ(bench.partition(bench.a).leader, kNoLeader) << "the other one has the records";
  EXPECT_EQ(bench.partition(bench.a).eligible_leader_replicas, std::vector<NodeId>{NodeId{1}});
}

TEST(DirectoryFailures, AReplicaThatIsMovedBetweenDirectoriesStaysInSync) {
  Bench bench;
  bench.log.rules.min_insync_replicas = 2;
  bench.assign(bench.a, kFirst);
  EXPECT_EQ(bench.assign(bench.a, kSecond), ErrorCode::none);
  EXPECT_EQ(bench.partition(bench.a).isr.size(), 2U);
  EXPECT_EQ(bench.partition(bench.a).leader, NodeId{3});
}

/// A sole replica whose disk was replaced: its directory of old is gone, and it says where it begins anew.
TEST(DirectoryFailures, ASoleReplicaLeadsAgainOnceItIsAssignedToADirectoryThatIsThere) {
  Bench bench;
  const TopicId alone = bench.log.create({.name = "alone", .assignments = {{0, {NodeId{3}}}}}).id;
  bench.assign(alone, kFirst);
  bench.fail(kFirst);
  EXPECT_EQ(bench.partition(alone).leader, kNoLeader);
  EXPECT_EQ(bench.assign(alone, kSecond), ErrorCode::none);
  EXPECT_EQ(bench.partition(alone).leader, NodeId{3});
  EXPECT_EQ(bench.partition(alone).isr, std::vector<NodeId>{NodeId{3}});
}

TEST(DirectoryFailures, OnlyReplicasAreAssigned) {
  Bench bench;
  EXPECT_EQ(bench.assign(bench.a, {2, 2}, 0, NodeId{2}), ErrorCode::not_leader_or_follower);
  EXPECT_EQ(bench.assign(bench.a, kFirst, 4), ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(bench.assign({9, 9}, kFirst), ErrorCode::unknown_topic_id);
  EXPECT_EQ(decide_assign_replicas(bench.log.image(), bench.log.rules,
                                   {.broker = NodeId{3}, .broker_epoch = BrokerEpoch{0}, .directories = {}})
                .error()
                .code,
            Errc::stale);
}

}  // namespace
}  // namespace gregor::metadata
