// Rebalances: delays, time-outs, leaders, generations. Source: KIP-62, KIP-134 and Kafka 4.3's answers.
#include "tests/group/support/group_rig.h"

namespace gregor::group {
namespace {

TEST(Rebalance, TheFirstIsHeldBackWhileMembersKeepComing) {
  GroupRig rig;
  const Token first = rig.join({});
  rig.pass(Milliseconds(2'000));
  const Token second = rig.join({});
  rig.pass(Milliseconds(2'000));
  EXPECT_TRUE(rig.waits(first)) << "someone came within the delay: it starts over, up to the rebalance timeout";
  rig.pass(Milliseconds(1'000));
  EXPECT_EQ(rig.joined(first).generation, 1);
  EXPECT_EQ(rig.joined(second).generation, 1);
}

TEST(Rebalance, WhoDoesNotComeBackInTimeIsOut) {
  GroupRig rig;
  const std::string lazy = rig.settled_member();
  const Token eager = rig.join({});
  rig.pass(Milliseconds(4'999));
  EXPECT_TRUE(rig.waits(eager));
  rig.heartbeat(lazy, 1);
  rig.pass(Milliseconds(1));
  EXPECT_EQ(rig.joined(eager).generation, 2);
  EXPECT_EQ(rig.joined(eager).leader, rig.joined(eager).member_id) << "the leader that stayed away leads no more";
  EXPECT_EQ(rig.heartbeat(lazy, 1), ErrorCode::unknown_member_id);
}

TEST(Rebalance, ASilentMemberIsDroppedAndTheOthersRebalance) {
  GroupRig rig;
  const std::string alive = rig.settled_member();
  const Token joined = rig.join({});
  rig.join({.member = alive});
  const std::string silent = rig.joined(joined).member_id;
  rig.sync(alive, 2, {{alive, "a"}, {silent, "b"}});
  rig.sync(silent, 2);
  for (int beat = 0; beat < 4; ++beat) {
    rig.pass(Milliseconds(2'400));
    EXPECT_EQ(rig.heartbeat(alive, 2), ErrorCode::none);
  }
  rig.pass(Milliseconds(500));
  EXPECT_EQ(rig.heartbeat(alive, 2), ErrorCode::rebalance_in_progress);
  EXPECT_EQ(rig.heartbeat(silent, 2), ErrorCode::unknown_member_id);
}

TEST(Rebalance, TheLastToGoLeavesAnEmptyStoredGroup) {
  GroupRig rig;
  rig.settled_member();
  rig.pass(Milliseconds(10'000));
  const DescribedGroup group = rig.describe();
  EXPECT_EQ(group.state, "Empty");
  EXPECT_EQ(group.protocol_type, "consumer");
  EXPECT_EQ(rig.machine.difference_from(rig.reloaded()), "");
  EXPECT_EQ(rig.joined([&] {
                 const Token again = rig.join({});
                 rig.pass(Milliseconds(3'000));
                 return again;
               }())
                .generation,
            3)
      << "generations go on where they were";
}

TEST(Rebalance, WhoJoinedButDoesNotSyncIsDropped) {
  GroupRig rig;
  const Token token = rig.join({.rebalance_ms = 5'000});
  rig.pass(Milliseconds(3'000));
  const std::string id = rig.joined(token).member_id;
  for (int beat = 0; beat < 4; ++beat) {
    rig.pass(Milliseconds(1'200));
    EXPECT_EQ(rig.heartbeat(id, 1), ErrorCode::none) << "it is alive, but holds up everyone";
  }
  rig.pass(Milliseconds(400));
  EXPECT_EQ(rig.heartbeat(id, 1), ErrorCode::unknown_member_id);
}

TEST(Rebalance, TheProtocolIsTheOneMostVoteFor) {
  GroupRig rig;
  const Token a = rig.join({.protocols = {"sticky", "range"}});
  const Token b = rig.join({.protocols = {"range", "sticky"}});
  const Token c = rig.join({.protocols = {"sticky", "range"}});
  rig.pass(Milliseconds(8'000));
  EXPECT_EQ(rig.joined(a).protocol_name, "sticky");
  EXPECT_EQ(rig.joined(b).protocol_name, "sticky");
  EXPECT_EQ(rig.joined(c).protocol_name, "sticky");
}

TEST(Rebalance, AnIdGivenOutHoldsTheRoundUntilItExpires) {
  GroupRig rig;
  const std::string member = rig.settled_member();
  rig.join({.version = 4, .session_ms = 6'000});
  const Token rejoined = rig.join({.member = member, .metadata = "n", .rebalance_ms = 60'000});
  EXPECT_TRUE(rig.waits(rejoined));
  rig.pass(Milliseconds(6'000));
  EXPECT_EQ(rig.joined(rejoined).generation, 2);
}

TEST(Rebalance, StaticMembersStayThoughTheyDoNotComeUntilTheirSessionEnds) {
  GroupRig rig;
  rig.settled_member({.instance = "i", .session_ms = 30'000});
  const Token newcomer = rig.join({.instance = "j", .session_ms = 30'000});
  rig.pass(Milliseconds(5'000));
  EXPECT_EQ(rig.joined(newcomer).generation, 2);
  EXPECT_EQ(rig.joined(newcomer).members.size(), 2U) << "the other is restarting, perhaps";
}

}  // namespace
}  // namespace gregor::group
