// What of a run is counted, and what a scenario may expect of it.
#include "scenarios/run_counts.h"

#include <gtest/gtest.h>

namespace gregor::scenarios {
namespace {

const TopicPartition kOrders{"orders", Uuid{1, 2}, PartitionIndex{0}};

class RunCountsTest : public ::testing::Test {
 protected:
  void change(std::int32_t partition_epoch, std::int32_t leader, std::vector<NodeId> isr,
              std::vector<NodeId> eligible = {}) {
    counts_.hear(observe::PartitionChanged{.partition = kOrders,
                                           .partition_epoch = partition_epoch,
                                           .leader = NodeId{leader},
                                           .leader_epoch = LeaderEpoch{0},
                                           .replicas = isr,
                                           .isr = isr,
                                           .eligible_leader_replicas = eligible});
  }
  RunCounts counts_;
};

TEST_F(RunCountsTest, WhatComesBeforeTheFaultsAndAfterThemDoesNotCount) {
  counts_.hear(observe::QuorumLeaderElected{NodeId{1}, LeaderEpoch{1}});
  change(0, 1, {NodeId{1}, NodeId{2}});
  change(1, 2, {NodeId{2}});
  for (std::size_t row = 0; row < kCountRows.size(); ++row) EXPECT_EQ(counts_.of(static_cast<Counted>(row)), 0U);
  counts_.begin();
  counts_.hear(observe::QuorumLeaderElected{NodeId{2}, LeaderEpoch{2}});
  counts_.end();
  counts_.hear(observe::QuorumLeaderElected{NodeId{1}, LeaderEpoch{3}});
  EXPECT_EQ(counts_.of(Counted::controller_elections), 1U);
}

TEST_F(RunCountsTest, AChangeOfVotersCountsOnceWhoeverTellsIt) {
  const auto name = [&](std::int64_t offset, std::initializer_list<std::int32_t> nodes) {
    observe::VotersNamed named{Offset{offset}, {}};
    for (const std::int32_t node : nodes) named.voters.push_back({NodeId{node}, Uuid{}});
    counts_.hear(named);
  };
  name(5, {1});
  counts_.begin();
  name(7, {1, 2});
  name(7, {1, 2});
  name(5, {1});
  name(9, {1, 2});  // a snapshot
  EXPECT_EQ(counts_.of(Counted::voter_changes), 1U);
}

TEST_F(RunCountsTest, AChangeOfAPartitionCountsOnceWhoeverTellsIt) {
  counts_.begin();
  change(0, 1, {NodeId{1}, NodeId{2}, NodeId{3}});
  change(1, 2, {NodeId{2}});
  change(1, 2, {NodeId{2}});
  EXPECT_EQ(counts_.of(Counted::isr_shrinks), 2U);
  EXPECT_EQ(counts_.of(Counted::leader_elections), 1U);
  change(2, -1, {}, {NodeId{2}});
  EXPECT_EQ(counts_.of(Counted::times_without_leader), 1U);
  EXPECT_EQ(counts_.of(Counted::eligible_replicas), 1U);
  change(3, 2, {NodeId{2}, NodeId{3}});
  EXPECT_EQ(counts_.of(Counted::leader_elections), 2U);
  EXPECT_EQ(counts_.of(Counted::isr_growths), 2U);
  EXPECT_EQ(counts_.of(Counted::isr_shrinks), 3U);
}

TEST_F(RunCountsTest, OtherEventsCountAsTheirRowsSay) {
  counts_.begin();
  counts_.hear(observe::LogOpened{kOrders, Offset{0}, Offset{5}, 0});
  counts_.hear(observe::LogOpened{kOrders, Offset{0}, Offset{5}, 70});
  counts_.hear(observe::LogTruncated{kOrders, Offset{3}});
  counts_.hear(observe::ProduceAcknowledged{kOrders, Offset{0}, Offset{0}, 7, -1, false});
  counts_.hear(observe::ProduceAcknowledged{kOrders, Offset{0}, Offset{0}, 7, -1, true});
  counts_.hear(observe::LogDirectoryFailed{"/x"});
  counts_.hear(observe::NodeReady{NodeId{1}, 9092});
  for (const Counted what : {Counted::recoveries_that_cut, Counted::truncations, Counted::duplicates_answered,
                             Counted::directory_failures, Counted::starts}) {
    EXPECT_EQ(counts_.of(what), 1U) << kCountRows[static_cast<std::size_t>(what)].name;
  }
}

TEST_F(RunCountsTest, AFaultCountsByItsKindOnlyWhereItWasCarriedOut) {
  counts_.begin();
  counts_.struck(FaultKind::pause, FaultOutcome::carried_out);
  counts_.struck(FaultKind::pause, FaultOutcome::node_was_down);
  counts_.struck(FaultKind::pause, FaultOutcome::over_budget);
  EXPECT_EQ(counts_.of(FaultKind::pause), 1U);
  EXPECT_EQ(counts_.find("pause"), 1U);
  EXPECT_EQ(counts_.find("faults_without_effect"), 1U);
  EXPECT_EQ(counts_.find("faults_left_out"), 1U);
  EXPECT_FALSE(counts_.find("meteors"));
}

TEST_F(RunCountsTest, WhatWasExpectedAndDidNotHappenIsTold) {
  Scenario scenario;
  scenario.expects = {{"truncations", 2}, {"pause", 1}};
  counts_.begin();
  counts_.struck(FaultKind::pause, FaultOutcome::carried_out);
  counts_.hear(observe::LogTruncated{kOrders, Offset{3}});
  EXPECT_EQ(unmet(scenario, counts_), std::vector<std::string>{"truncations: 1 of at least 2"});
  counts_.hear(observe::LogTruncated{kOrders, Offset{3}});
  EXPECT_TRUE(unmet(scenario, counts_).empty());
}

TEST(Expects, AScenarioNamesWhatIsCountedAndRefusesOthers) {
  Scenario scenario = draw_cluster_scenario(1);
  EXPECT_EQ(to_toml(scenario).find("expects"), std::string::npos);
  scenario.expects = {{"leader_elections", 2}, {"pause", 1}};
  const auto again = scenario_from_toml(to_toml(scenario));
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(again->expects, scenario.expects);
  const auto unknown = scenario_from_toml("[expects]\nmeteors = 1");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().text.find("meteors"), std::string::npos) << unknown.error().text;
  EXPECT_FALSE(scenario_from_toml("[expects]\npause = 0"));
  EXPECT_FALSE(scenario_from_toml("expects = 3"));
}

}  // namespace
}  // namespace gregor::scenarios
