// SyncGroup: assignments, and who may have one. Source: Kafka 4.3's answers (conformance, groups/).
#include "tests/group/support/group_rig.h"

namespace gregor::group {
namespace {

struct Pair {
  std::string leader;
  std::string follower;
};

/// Two members that have joined generation 2, and not synced.
Pair joined_pair(GroupRig& rig) {
  const std::string leader = rig.settled_member();
  const Token token = rig.join({});
  rig.join({.member = leader});
  return {leader, rig.joined(token).member_id};
}

TEST(Sync, FollowersWaitForTheLeadersAssignment) {
  GroupRig rig;
  const Pair pair = joined_pair(rig);
  const Token waiting = rig.sync(pair.follower, 2);
  EXPECT_TRUE(rig.waits(waiting));
  const Token leading = rig.sync(pair.leader, 2, {{pair.leader, "a"}, {pair.follower, "b"}});
  EXPECT_EQ(text_of(rig.synced(leading).assignment), "a");
  EXPECT_EQ(text_of(rig.synced(waiting).assignment), "b");
  EXPECT_EQ(rig.synced(waiting).protocol_name, "range");
  EXPECT_EQ(rig.describe().state, "Stable");
  EXPECT_EQ(text_of(rig.synced(rig.sync(pair.follower, 2)).assignment), "b") << "asked again, told again";
  EXPECT_EQ(rig.machine.difference_from(rig.reloaded()), "");
}

TEST(Sync, WhoIsForgottenByTheLeaderGetsNothing) {
  GroupRig rig;
  const Pair pair = joined_pair(rig);
  rig.sync(pair.leader, 2, {{pair.leader, "a"}, {"gone", "c"}});
  EXPECT_TRUE(rig.synced(rig.sync(pair.follower, 2)).assignment.empty());
}

TEST(Sync, ErrorsAreKafkas) {
  GroupRig rig;
  EXPECT_EQ(rig.synced(rig.sync("m", 1)).error, ErrorCode::unknown_member_id) << "no such group";
  const Pair pair = joined_pair(rig);
  EXPECT_EQ(rig.synced(rig.sync("stranger", 2)).error, ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.synced(rig.sync(pair.follower, 1)).error, ErrorCode::illegal_generation);
  rig.join({});
  EXPECT_EQ(rig.synced(rig.sync(pair.follower, 2)).error, ErrorCode::rebalance_in_progress);
}

TEST(Sync, ARebalanceEndsThoseWhoWait) {
  GroupRig rig;
  const Pair pair = joined_pair(rig);
  const Token waiting = rig.sync(pair.follower, 2);
  rig.join({});
  EXPECT_EQ(rig.synced(waiting).error, ErrorCode::rebalance_in_progress);
}

TEST(Sync, AGroupTooBigForARecordIsRefusedAndRebalances) {
  GroupRig rig({.append_bytes_max = 500});
  const Token token = rig.join({});
  rig.pass(Milliseconds(3'000));
  const std::string member = rig.joined(token).member_id;
  const std::size_t stored = rig.log.size();
  EXPECT_EQ(rig.synced(rig.sync(member, 1, {{member, std::string(400, 'x')}})).error, ErrorCode::unknown_server_error);
  EXPECT_EQ(rig.log.size(), stored);
  EXPECT_EQ(rig.heartbeat(member, 1), ErrorCode::rebalance_in_progress);
}

}  // namespace
}  // namespace gregor::group
