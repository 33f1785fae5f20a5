// The coordinators of a node over its lives: what restarts keep, what stops end, on whatever shard they live.
#include "broker/group_shard.h"

#include <gtest/gtest.h>

#include "tests/broker/support/group_peer.h"
#include "wire/delete_topics.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

TEST(GroupShard, CommitsAndMembersOutliveACrash) {
  NodeWorld w(group_settings(), 2);
  std::vector<Joined> members(6);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::string group = "g" + std::to_string(i);
      find_group(client, peer, group);
      members[i] = join(peer, group);
      ASSERT_EQ(members[i].error, 0);
      ASSERT_EQ(sync(peer, group, members[i]), 0);
      ASSERT_EQ(commit(peer, group, "t", static_cast<std::int64_t>(10 + i), members[i]), 0);
    }
  });
  w.crash_and_restart();
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::string group = "g" + std::to_string(i);
      find_group(client, peer, group);
      EXPECT_EQ(committed(peer, group, "t"), static_cast<std::int64_t>(10 + i));
      EXPECT_EQ(heartbeat(peer, group, members[i]), 0) << "the member is in the generation that it knows";
    }
  });
}

TEST(GroupShard, AStopEndsAJoinThatWaits) {
  NodeWorld w(group_settings({{"group.initial.rebalance.delay.ms", "60000"}}));
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    find_group(client, peer, "g");
    peer.send(join_request("g", ""), 3);
    client.sleep(Milliseconds(100));
  });
  const auto before = w.world.now();
  w.restart();
  EXPECT_LT(w.world.now() - before, std::chrono::seconds(4));
}

TEST(GroupShard, OffsetsOfADeletedTopicAreForgotten) {
  NodeWorld w(group_settings(), 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    create_topic(peer, "kept");
    find_group(client, peer, "g");
    ASSERT_EQ(commit(peer, "g", "t", 5), 0);
    ASSERT_EQ(commit(peer, "g", "kept", 6), 0);
    wire::DeleteTopicsRequest remove;
    remove.topic_names = {"t"};
    remove.timeout_ms = 1000;
    ASSERT_EQ(peer.ask<wire::DeleteTopicsResponse>(remove, 5).body.responses.at(0).error_code, 0);
    client.sleep(Milliseconds(100));
    EXPECT_EQ(committed(peer, "g", "t"), -1);
    EXPECT_EQ(committed(peer, "g", "kept"), 6);
  });
}

TEST(GroupShard, ASessionThatEndsEmptiesTheGroup) {
  NodeWorld w(group_settings());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    find_group(client, peer, "g");
    const Joined member = join(peer, "g", "", Milliseconds(300));
    ASSERT_EQ(sync(peer, "g", member), 0);
    client.sleep(Milliseconds(200));
    EXPECT_EQ(heartbeat(peer, "g", member), 0);
    client.sleep(Milliseconds(400));
    EXPECT_EQ(heartbeat(peer, "g", member), code(ErrorCode::unknown_member_id));
  });
}

}  // namespace
}  // namespace gregor::broker
