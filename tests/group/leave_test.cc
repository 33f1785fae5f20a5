// Heartbeat and LeaveGroup. Source: Kafka 4.3's answers (conformance, groups/), KIP-345.
#include "tests/group/support/group_rig.h"

namespace gregor::group {
namespace {

TEST(Heartbeat, ErrorsAreKafkas) {
  GroupRig rig;
  EXPECT_EQ(rig.heartbeat("m", 1), ErrorCode::unknown_member_id);
  const std::string member = rig.settled_member();
  EXPECT_EQ(rig.heartbeat(member, 1), ErrorCode::none);
  EXPECT_EQ(rig.heartbeat(member, 2), ErrorCode::illegal_generation);
  EXPECT_EQ(rig.heartbeat("stranger", 1), ErrorCode::unknown_member_id);
}

TEST(Leave, GoesAloneOrInNumbers) {
  GroupRig rig;
  EXPECT_EQ(rig.leave({{"nobody", {}}}, 2).members.at(0).error, ErrorCode::unknown_member_id);
  const LeaveReply none = rig.leave({{"nobody", {}}, {"", "i"}});
  EXPECT_EQ(none.error, ErrorCode::none);
  EXPECT_EQ(none.members.at(0).error, ErrorCode::unknown_member_id);
  EXPECT_EQ(none.members.at(1).error, ErrorCode::unknown_member_id);
  const std::string member = rig.settled_member();
  EXPECT_EQ(rig.leave({{member, {}}}, 2).members.at(0).error, ErrorCode::none);
  EXPECT_EQ(rig.describe().state, "Empty");
}

TEST(Leave, StaticMembersGoByInstanceAndTheirOldSelvesAreFenced) {
  GroupRig rig;
  const std::string old_self = rig.settled_member({.instance = "i"});
  rig.join({.instance = "i", .version = 5});
  EXPECT_EQ(rig.leave({{old_self, "i"}}).members.at(0).error, ErrorCode::fenced_instance_id);
  const LeaveReply reply = rig.leave({{"", "i"}, {"", "i9"}});
  EXPECT_EQ(reply.members.at(0).error, ErrorCode::none);
  EXPECT_EQ(reply.members.at(0).member_id, "") << "named as it was asked";
  EXPECT_EQ(reply.members.at(1).error, ErrorCode::unknown_member_id);
}

TEST(Leave, AMemberThatWaitsIsToldToStartOver) {
  GroupRig rig;
  rig.settled_member();
  const Token waiting = rig.join({.version = 3});
  EXPECT_TRUE(rig.waits(waiting));
  const std::string id = rig.describe().members.back().member_id;
  rig.leave({{id, {}}});
  ASSERT_FALSE(rig.waits(waiting));
  EXPECT_EQ(rig.joined(waiting).error, ErrorCode::unknown_member_id);
}

TEST(Leave, AnIdGivenOutCanBeGivenBack) {
  GroupRig rig;
  const std::string id = rig.joined(rig.join({.version = 4})).member_id;
  EXPECT_EQ(rig.leave({{id, {}}}).members.at(0).error, ErrorCode::none);
  EXPECT_EQ(rig.joined(rig.join({.member = id, .version = 4})).error, ErrorCode::unknown_member_id);
}

}  // namespace
}  // namespace gregor::group
