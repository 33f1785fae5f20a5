// LeaveGroup: one member below version 3, any of them from there on.
#include <gtest/gtest.h>

#include "tests/broker/support/group_peer.h"
#include "wire/leave_group.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

TEST(LeaveGroupApi, EveryVersionLetsGo) {
  NodeWorld w(group_settings());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (std::int16_t version = 0; version <= 5; ++version) {
      SCOPED_TRACE(version);
      find_group(client, peer, "g");
      const Joined member = join(peer, "g");
      ASSERT_EQ(sync(peer, "g", member), 0);
      wire::LeaveGroupRequest request;
      request.group_id = "g";
      if (version < 3) request.member_id = member.member_id;
      if (version >= 3) request.members = {{.member_id = member.member_id}, {.member_id = "nobody"}};
      const auto answer = peer.ask<wire::LeaveGroupResponse>(request, version);
      EXPECT_EQ(answer.body.error_code, 0);
      if (version >= 3) {
        ASSERT_EQ(answer.body.members.size(), 2U);
        EXPECT_EQ(answer.body.members[0].error_code, 0);
        EXPECT_EQ(answer.body.members[1].error_code, code(ErrorCode::unknown_member_id));
      }
      EXPECT_EQ(heartbeat(peer, "g", member), code(ErrorCode::unknown_member_id));
    }
  });
}

}  // namespace
}  // namespace gregor::broker
