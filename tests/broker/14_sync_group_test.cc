// SyncGroup: everybody's part comes from the leader, however late.
#include <gtest/gtest.h>

#include "tests/broker/support/group_peer.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

wire::SyncGroupRequest sync_request(const Joined& as) {
  wire::SyncGroupRequest request;
  request.group_id = "g";
  request.generation_id = as.generation;
  request.member_id = as.member_id;
  request.protocol_type = "consumer";
  request.protocol_name = "range";
  return request;
}

TEST(SyncGroupApi, AFollowerWaitsForTheLeadersPlan) {
  NodeWorld w(group_settings({{"group.initial.rebalance.delay.ms", "300"}}), 2);
  w.run([&](const Client& client) {
    Peer one = client.connect();
    Peer two = client.connect();
    const auto [first, second] = join_together(client, one, two, "g");
    const bool first_leads = first.leader == first.member_id;
    Peer& leader = first_leads ? one : two;
    Peer& follower = first_leads ? two : one;
    const Joined& leading = first_leads ? first : second;
    const Joined& following = first_leads ? second : first;
    follower.send(sync_request(following), 5);
    client.sleep(Milliseconds(100));
    auto plan = sync_request(leading);
    plan.assignments = {{.member_id = leading.member_id, .assignment = bytes_of("mine")},
                        {.member_id = following.member_id, .assignment = bytes_of("yours")}};
    const auto led = leader.ask<wire::SyncGroupResponse>(plan, 5);
    EXPECT_EQ(text_of(led.body.assignment), "mine");
    const auto followed = follower.take<wire::SyncGroupResponse>(5);
    EXPECT_EQ(followed.body.error_code, 0);
    EXPECT_EQ(text_of(followed.body.assignment), "yours");
  });
}

TEST(SyncGroupApi, AGenerationThatIsNotIsRefused) {
  NodeWorld w(group_settings());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    find_group(client, peer, "g");
    Joined member = join(peer, "g");
    ++member.generation;
    EXPECT_EQ(sync(peer, "g", member), code(ErrorCode::illegal_generation));
    EXPECT_EQ(sync(peer, "", member), code(ErrorCode::invalid_group_id));
  });
}

}  // namespace
}  // namespace gregor::broker
