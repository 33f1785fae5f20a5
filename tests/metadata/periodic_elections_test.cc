// Elections that nobody asked for: back to preferred replicas; of anyone, where a topic allows it.
#include "metadata/periodic_elections.h"

#include <gtest/gtest.h>

#include "metadata/brokers.h"
#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

struct Bench {
  Bench() : log(2) { id = log.create({.name = "t", .assignments = {{0, {NodeId{1}, NodeId{2}}}}}).id; }
  void change(wire::PartitionChangeRecord record) {
    record.partition_id = 0;
    record.topic_id = id;
    log.write_one(record, 2);
  }
  [[nodiscard]] const Partition& partition() const { return *log.image().find_partition(id, PartitionIndex{0}); }
  TestLog log;
  TopicId id;
};

TEST(PeriodicElections, LeadershipGoesBackToThePreferredReplica) {
  Bench bench;
  EXPECT_TRUE(decide_preferred_leaders(bench.log.image(), bench.log.rules).records.empty());
  bench.change({.leader = 2});
  const PeriodicElections elections = decide_preferred_leaders(bench.log.image(), bench.log.rules);
  EXPECT_FALSE(elections.may_have_more);
  bench.log.write(elections.records);
  EXPECT_EQ(bench.partition().leader, NodeId{1});
}

TEST(PeriodicElections, NotToOneThatIsBehind) {
  Bench bench;
  bench.change({.isr = std::vector<std::int32_t>{2}, .leader = 2});
  EXPECT_TRUE(decide_preferred_leaders(bench.log.image(), bench.log.rules).records.empty());
}

TEST(PeriodicElections, WithoutLeaderAnyoneLeadsWhereTheTopicAllowsIt) {
  Bench bench;
  bench.log.write(decide_fence_broker(bench.log.image(), bench.log.rules, NodeId{2},
                                      bench.log.image().find_broker(NodeId{2})->epoch)
                      .value());
  bench.change({.isr = std::vector<std::int32_t>{2}, .leader = -1});
  EXPECT_TRUE(decide_unclean_leaders(bench.log.image(), bench.log.rules).records.empty());
  bench.log.write_one(wire::ConfigRecord{.resource_type = ConfigResource::kTopic,
                                         .resource_name = "t",
                                         .name = "unclean.leader.election.enable",
                                         .value = "true"},
                      0);
  bench.log.write(decide_unclean_leaders(bench.log.image(), bench.log.rules).records);
  EXPECT_EQ(bench.partition().leader, NodeId{1});
  EXPECT_EQ(bench.partition().leader_recovery_state, 1);
}

}  // namespace
}  // namespace gregor::metadata
