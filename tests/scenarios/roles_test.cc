// Who is struck by a fault that is aimed at a part.
#include "scenarios/roles.h"

#include <gtest/gtest.h>

#include "scenarios/scenario.h"

namespace gregor::scenarios {
namespace {

const TopicPartition kOrders{"orders", Uuid{1, 2}, PartitionIndex{0}};

class RolesTest : public ::testing::Test {
 protected:
  void change(std::int32_t partition_epoch, std::int32_t leader, std::vector<NodeId> isr) {
    roles_.hear(NodeId{1}, observe::PartitionChanged{.partition = kOrders,
                                                     .partition_epoch = partition_epoch,
                                                     .leader = NodeId{leader},
                                                     .leader_epoch = LeaderEpoch{0},
                                                     .replicas = isr,
                                                     .isr = isr,
                                                     .eligible_leader_replicas = {}});
  }

  std::vector<std::pair<std::string, std::int32_t>> played_;
  Roles roles_{[this](std::string_view part, NodeId node) { played_.emplace_back(part, node.value()); }};
};

TEST_F(RolesTest, LeadersAndFollowersAreThoseOfTheNewestMetadata) {
  EXPECT_FALSE(roles_.find("leader:orders:0"));
  change(3, 2, {NodeId{1}, NodeId{2}});
  change(2, 1, {NodeId{1}});
  EXPECT_EQ(roles_.find("leader:orders:0"), NodeId{2}) << "what is older says nothing";
  EXPECT_EQ(roles_.find("follower:orders:0"), NodeId{1});
  EXPECT_FALSE(roles_.find("leader:orders:1"));
  change(4, -1, {});
  EXPECT_FALSE(roles_.find("leader:orders:0"));
  EXPECT_FALSE(roles_.find("follower:orders:0"));
}

TEST_F(RolesTest, WhoComesToPlayAPartIsToldAndFound) {
  EXPECT_FALSE(roles_.find("controller"));
  roles_.hear(NodeId{3}, observe::QuorumLeaderElected{NodeId{3}, LeaderEpoch{5}});
  roles_.hear(NodeId{1}, observe::QuorumLeaderElected{NodeId{1}, LeaderEpoch{4}});
  EXPECT_EQ(roles_.find("controller"), NodeId{3}) << "of an epoch that is over";
  roles_.hear(NodeId{2}, observe::LeadershipBegan{kOrders, LeaderEpoch{1}});
  roles_.hear(NodeId{2}, observe::ProduceAcknowledged{kOrders, Offset{0}, Offset{0}, 7, -1, false});
  change(1, 2, {NodeId{2}});
  change(2, 2, {NodeId{2}, NodeId{3}});
  EXPECT_EQ(roles_.find("acknowledger"), NodeId{2});
  EXPECT_EQ(roles_.find("newcomer"), NodeId{3});
  const std::vector<std::pair<std::string, std::int32_t>> expected = {
      {"controller", 3}, {"leader", 2}, {"acknowledger", 2}, {"newcomer", 3}};
  EXPECT_EQ(played_, expected);
}

TEST(Targets, OnlyPartsCanBeNamed) {
  for (const char* good : {"controller", "acknowledger", "newcomer", "everybody", "leader:orders:0", "follower:a:b:12",
                           "next controller", "next leader", "next acknowledger", "next newcomer"}) {
    EXPECT_TRUE(is_target(good)) << good;
  }
  for (const char* bad : {"", "leader", "leader:orders", "leader:orders:", "leader::0", "leader:orders:x", "next ",
                          "next follower", "next leader:orders:0", "somebody"}) {
    EXPECT_FALSE(is_target(bad)) << bad;
  }
  EXPECT_EQ(part_awaited("next leader"), "leader");
  EXPECT_FALSE(part_awaited("controller"));
}

TEST(Targets, AScenarioNamesThemAndRefusesOthers) {
  Scenario scenario = draw_cluster_scenario(1);
  scenario.faults = {{.kind = FaultKind::mute, .at = Milliseconds(5), .target = "next leader"}};
  const auto again = scenario_from_toml(to_toml(scenario));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, scenario);
  scenario.faults.front().target = "somebody";
  const auto refused = scenario_from_toml(to_toml(scenario));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("\"somebody\""), std::string::npos) << refused.error().text;
}

}  // namespace
}  // namespace gregor::scenarios
