// JoinGroup: new members, members that come back, static members. Source: Kafka 4.3's answers (conformance, groups/).
#include "tests/group/support/group_rig.h"

namespace gregor::group {
namespace {

TEST(Join, OldVersionsJoinAtOnceNewOnesAfterTheyWereGivenAnId) {
  GroupRig rig;
  const Token first = rig.join({.version = 4});
  EXPECT_EQ(rig.joined(first).error, ErrorCode::member_id_required);
  const std::string id = rig.joined(first).member_id;
  EXPECT_EQ(id, "app-00000000-0000-0000-0000-000000000001");
  EXPECT_EQ(rig.log.size(), 1U) << "the group is stored, so that it outlives a restart";

  const Token second = rig.join({.member = id, .version = 4});
  EXPECT_TRUE(rig.waits(second)) << "the first rebalance is held back";
  rig.pass(Milliseconds(3'000));
  EXPECT_EQ(rig.joined(second).error, ErrorCode::none);
  EXPECT_EQ(rig.joined(second).generation, 1);
  EXPECT_EQ(rig.joined(second).leader, id);
  EXPECT_EQ(rig.joined(second).members,
            (std::vector<JoinedMember>{{.member_id = id, .metadata = ByteBuffer{std::byte{'m'}}}}));
}

TEST(Join, RefusalsLeaveNoGroupBehind) {
  GroupRig rig;
  EXPECT_EQ(rig.joined(rig.join({.member = "stranger", .version = 5})).error, ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.joined(rig.join({.protocols = {}})).error, ErrorCode::inconsistent_group_protocol);
  EXPECT_EQ(rig.joined(rig.join({.type = ""})).error, ErrorCode::inconsistent_group_protocol);
  EXPECT_EQ(rig.machine.counts().groups, 0U);
}

TEST(Join, MembersMustShareTypeAndAProtocol) {
  GroupRig rig;
  rig.settled_member({.protocols = {"range", "sticky"}});
  EXPECT_EQ(rig.joined(rig.join({.protocols = {"other"}})).error, ErrorCode::inconsistent_group_protocol);
  EXPECT_EQ(rig.joined(rig.join({.type = "connect"})).error, ErrorCode::inconsistent_group_protocol);
  EXPECT_TRUE(rig.waits(rig.join({.protocols = {"sticky"}})));
}

TEST(Join, AnIdThatIsNotUsedInTimeIsGivenUp) {
  GroupRig rig;
  const std::string id = rig.joined(rig.join({.version = 4, .session_ms = 6'000})).member_id;
  rig.pass(Milliseconds(6'001));
  EXPECT_EQ(rig.joined(rig.join({.member = id, .version = 4})).error, ErrorCode::unknown_member_id);
}

TEST(Join, AFollowerWithNothingNewIsToldThePresentGeneration) {
  GroupRig rig;
  const std::string leader = rig.settled_member();
  const Token new_one = rig.join({});
  EXPECT_EQ(rig.heartbeat(leader, 1), ErrorCode::rebalance_in_progress);
  const Token old_one = rig.join({.member = leader});
  const std::string follower = rig.joined(new_one).member_id;
  EXPECT_EQ(rig.joined(old_one).members.size(), 2U);
  EXPECT_TRUE(rig.joined(new_one).members.empty());
  rig.sync(leader, 2, {{leader, "a"}, {follower, "b"}});
  rig.sync(follower, 2);

  const Token again = rig.join({.member = follower});
  EXPECT_EQ(rig.joined(again).generation, 2);
  EXPECT_EQ(rig.describe().state, "Stable");
  EXPECT_TRUE(rig.waits(rig.join({.member = leader}))) << "a leader that comes back wants a rebalance";
}

TEST(Join, TheGroupIsFullAtItsSize) {
  GroupRig rig({.members_max = 1});
  rig.settled_member();
  EXPECT_EQ(rig.joined(rig.join({})).error, ErrorCode::group_max_size_reached);
}

TEST(Join, ARequestRepeatedOverAnotherConnectionEndsTheFormer) {
  GroupRig rig;
  const std::string leader = rig.settled_member();
  rig.join({});
  const Token former = rig.join({.member = leader, .metadata = "n"});
  EXPECT_FALSE(rig.waits(former)) << "all have joined";
  const Token third = rig.join({});
  const Token parked = rig.join({.member = leader, .metadata = "n"});
  EXPECT_TRUE(rig.waits(parked));
  rig.join({.member = leader, .metadata = "n"});
  EXPECT_EQ(rig.joined(parked).error, ErrorCode::rebalance_in_progress);
  EXPECT_TRUE(rig.waits(third));
}

TEST(StaticJoin, ARestartKeepsPlaceAndGenerationAndFencesTheOldSelf) {
  GroupRig rig;
  const std::string old_self = rig.settled_member({.instance = "i", .version = 5});
  const std::size_t stored = rig.log.size();
  const Token restart = rig.join({.instance = "i", .version = 5});
  const std::string new_self = rig.joined(restart).member_id;
  EXPECT_NE(new_self, old_self);
  EXPECT_EQ(rig.joined(restart).generation, 1);
  EXPECT_EQ(rig.joined(restart).leader, old_self) << "below version 9 it must not take itself for the leader";
  EXPECT_TRUE(rig.joined(restart).members.empty());
  EXPECT_EQ(rig.log.size(), stored + 1) << "the new id is stored";
  EXPECT_EQ(rig.heartbeat(old_self, 1, "i"), ErrorCode::fenced_instance_id);
  EXPECT_EQ(rig.heartbeat(new_self, 1, "i"), ErrorCode::none);
  EXPECT_EQ(rig.heartbeat(new_self, 1, "j"), ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.joined(rig.join({.member = old_self, .instance = "i", .version = 5})).error,
            ErrorCode::fenced_instance_id);
  EXPECT_EQ(rig.machine.difference_from(rig.reloaded()), "");
}

TEST(StaticJoin, FromVersionNineALeaderIsToldNotToAssign) {
  GroupRig rig;
  rig.settled_member({.instance = "i"});
  const Token restart = rig.join({.instance = "i", .version = 9});
  EXPECT_TRUE(rig.joined(restart).skip_assignment);
  EXPECT_EQ(rig.joined(restart).leader, rig.joined(restart).member_id);
  EXPECT_EQ(rig.joined(restart).members.size(), 1U);
}

// KAFKA-9801: the leader would assign to an id that is gone.
TEST(StaticJoin, ARestartBetweenJoinAndSyncStartsTheRoundAnew) {
  GroupRig rig;
  const Token leader = rig.join({});
  const Token twin = rig.join({.instance = "i"});
  rig.pass(Milliseconds(6'000));
  ASSERT_EQ(rig.joined(leader).generation, 1);
  ASSERT_EQ(rig.joined(twin).generation, 1);
  const Token restart = rig.join({.instance = "i"});
  EXPECT_TRUE(rig.waits(restart));
  EXPECT_EQ(rig.describe().state, "PreparingRebalance");
  rig.join({.member = rig.joined(leader).member_id});
  EXPECT_EQ(rig.joined(restart).generation, 2);
}

TEST(StaticJoin, AnOldSelfThatWaitsIsFencedAtOnce) {
  GroupRig rig;
  const Token old_self = rig.join({.instance = "i", .version = 5});
  const Token new_self = rig.join({.instance = "i", .version = 5});
  EXPECT_EQ(rig.joined(old_self).error, ErrorCode::fenced_instance_id);
  EXPECT_TRUE(rig.waits(new_self));
}

}  // namespace
}  // namespace gregor::group
