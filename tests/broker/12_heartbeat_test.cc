// Heartbeat: members of the present generation live, others are told what they are.
#include <gtest/gtest.h>

#include "tests/broker/support/group_peer.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

TEST(HeartbeatApi, TellsAMemberWhatBecameOfIt) {
  NodeWorld w(group_settings());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    find_group(client, peer, "g");
    Joined member = join(peer, "g");
    ASSERT_EQ(sync(peer, "g", member), 0);
    EXPECT_EQ(heartbeat(peer, "g", member), 0);
    Peer other = client.connect();
    other.send(join_request("g", ""), 3);
    client.sleep(Milliseconds(50));
    EXPECT_EQ(heartbeat(peer, "g", member), code(ErrorCode::rebalance_in_progress));
    ++member.generation;
    EXPECT_EQ(heartbeat(peer, "g", member), code(ErrorCode::illegal_generation));
    EXPECT_EQ(heartbeat(peer, "", member), code(ErrorCode::invalid_group_id));
  });
}

TEST(HeartbeatApi, WhileTheGroupIsLoadedAllIsWell) {
  NodeWorld w(group_settings());
  Joined member;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    find_group(client, peer, "g");
    member = join(peer, "g");
    ASSERT_EQ(sync(peer, "g", member), 0);
  });
  w.crash_and_restart();
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(heartbeat(peer, "g", member), 0) << "loading or loaded, it is a member";
  });
}

}  // namespace
}  // namespace gregor::broker
