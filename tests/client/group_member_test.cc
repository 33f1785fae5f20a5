// A member of a group against a coordinator that says what the test wants: whom it believes, and what it does then.
#include "client/group_member.h"

#include <gtest/gtest.h>

#include "tests/client/support/coordinator.h"

namespace gregor::client {
namespace {

using namespace test;
using wire::ErrorCode;

/// Runs `body` with a member of group "g" that reads topic "t".
void with_member(Coordinator& coordinator, const std::function<void(env::Fiber&, GroupMember&, Cluster&)>& body) {
  ScriptWorld w([&](Line& line, int) { coordinator.serve(line); });
  w.run([&](env::Fiber& self, env::Shard& shard) {
    ClusterSettings settings;
    settings.bootstrap = {{"10.0.0.1", kScriptPort}};
    Cluster cluster(shard, settings);
    GroupMember member(cluster, {.group_id = "g", .topics = {"t"}});
    body(self, member, cluster);
    cluster.close();
  });
}

TEST(GroupMember, ComesBackWithTheIdThatItWasGiven) {
  Coordinator coordinator;
  coordinator.joins = {ErrorCode::member_id_required};
  with_member(coordinator, [](env::Fiber& self, GroupMember& member, Cluster& cluster) {
    ASSERT_TRUE(member.join(self, cluster.deadline_in(Milliseconds(1000))));
    EXPECT_EQ(member.member_id(), "me");
    EXPECT_EQ(member.generation(), 7);
    EXPECT_EQ(member.assignment(), (Assignment{{"t", {3}}}));
  });
  EXPECT_EQ(coordinator.count(wire::ApiKey::join_group), 2U);
}

TEST(GroupMember, JoinsAgainWhereTheGenerationEndsBeforeItsPlan) {
  Coordinator coordinator;
  coordinator.syncs = {ErrorCode::rebalance_in_progress, ErrorCode::unknown_member_id};
  with_member(coordinator, [](env::Fiber& self, GroupMember& member, Cluster& cluster) {
    EXPECT_TRUE(member.join(self, cluster.deadline_in(Milliseconds(1000))));
  });
  EXPECT_EQ(coordinator.count(wire::ApiKey::join_group), 3U);
}

TEST(GroupMember, LooksForTheCoordinatorAgainWhereItIsNone) {
  Coordinator coordinator;
  coordinator.joins = {ErrorCode::not_coordinator, ErrorCode::coordinator_load_in_progress};
  with_member(coordinator, [](env::Fiber& self, GroupMember& member, Cluster& cluster) {
    EXPECT_TRUE(member.join(self, cluster.deadline_in(Milliseconds(5000))));
  });
  EXPECT_EQ(coordinator.count(wire::ApiKey::find_coordinator), 2U) << "loading is no reason to look elsewhere";
}

TEST(GroupMember, GivesUpWhereItIsFenced) {
  Coordinator coordinator;
  coordinator.joins = {ErrorCode::fenced_instance_id};
  with_member(coordinator, [](env::Fiber& self, GroupMember& member, Cluster& cluster) {
    const auto joined = member.join(self, cluster.deadline_in(Milliseconds(1000)));
    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error().code, ErrorCode::fenced_instance_id);
  });
}

TEST(GroupMember, AHeartbeatTellsLifeFromItsEnd) {
  Coordinator coordinator;
  coordinator.beats = {ErrorCode::none, ErrorCode::rebalance_in_progress, ErrorCode::not_coordinator};
  with_member(coordinator, [](env::Fiber& self, GroupMember& member, Cluster& cluster) {
    ASSERT_TRUE(member.join(self, cluster.deadline_in(Milliseconds(1000))));
    EXPECT_TRUE(member.heartbeat(self).value());
    EXPECT_FALSE(member.heartbeat(self).value());
    EXPECT_FALSE(member.heartbeat(self)) << "nothing is known of the membership";
  });
}

}  // namespace
}  // namespace gregor::client
