// The way of a request to its group: to whatever shard, back to its connection, and no longer than that lives.
#include <gtest/gtest.h>

#include "tests/broker/support/group_peer.h"
#include "wire/list_groups.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

TEST(GroupRequest, WithoutTheTopicNobodyCoordinates) {
  NodeWorld w(group_settings());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_EQ(join(peer, "g").error, code(ErrorCode::not_coordinator));
    EXPECT_EQ(heartbeat(peer, "g", {}), code(ErrorCode::not_coordinator));
    EXPECT_TRUE(peer.ask<wire::ListGroupsResponse>(wire::ListGroupsRequest{}, 4).body.groups.empty());
  });
}

TEST(GroupRequest, AConnectionThatGoesTakesItsWaitAlong) {
  NodeWorld w(group_settings({{"group.initial.rebalance.delay.ms", "2000"}}));
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    find_group(client, peer, "g");
    {
      Peer gone = client.connect();
      gone.send(join_request("g", ""), 3);
      client.sleep(Milliseconds(100));
    }
    const Joined other = join(peer, "g");
    EXPECT_EQ(other.error, 0);
    EXPECT_EQ(other.generation, 1);
  });
}

TEST(GroupRequest, TwoMembersMeetFromTwoConnections) {
  NodeWorld w(group_settings({{"group.initial.rebalance.delay.ms", "500"}}), 3);
  w.run([&](const Client& client) {
    Peer one = client.connect();
    Peer two = client.connect();
    const auto [first, second] = join_together(client, one, two, "g");
    EXPECT_EQ(first.error, 0);
    EXPECT_EQ(second.error, 0);
    EXPECT_EQ(first.generation, second.generation);
    EXPECT_EQ(first.leader, second.leader);
    EXPECT_NE(first.member_id, second.member_id);
    EXPECT_EQ(first.members + second.members, 2U) << "the leader alone is told of all";
  });
}

}  // namespace
}  // namespace gregor::broker
