// JoinGroup over the wire: each version lets a member in, the newer ones by an id that is asked for first.
#include <gtest/gtest.h>

#include "tests/broker/support/group_peer.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

TEST(JoinGroupApi, EveryVersionLetsAMemberIn) {
  NodeWorld w(group_settings());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (std::int16_t version = 0; version <= 9; ++version) {
      SCOPED_TRACE(version);
      const std::string group = "g" + std::to_string(version);
      find_group(client, peer, group);
      auto request = join_request(group, "");
      auto answer = peer.ask<wire::JoinGroupResponse>(request, version);
      if (version >= 4) {
        EXPECT_EQ(answer.body.error_code, code(ErrorCode::member_id_required));
        const std::string given(answer.body.member_id);
        EXPECT_TRUE(given.starts_with("test-")) << given;
        request.member_id = given;
        answer = peer.ask<wire::JoinGroupResponse>(request, version);
      }
      EXPECT_EQ(answer.body.error_code, 0);
      EXPECT_EQ(answer.body.generation_id, 1);
      EXPECT_EQ(answer.body.leader, answer.body.member_id);
      EXPECT_EQ(answer.body.members.size(), 1U);
    }
  });
}

TEST(JoinGroupApi, RefusalsNameTheirReason) {
  NodeWorld w(group_settings());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    find_group(client, peer, "g");
    EXPECT_EQ(join(peer, "").error, code(ErrorCode::invalid_group_id));
    EXPECT_EQ(join(peer, "g", "", Milliseconds(1)).error, code(ErrorCode::invalid_session_timeout));
    EXPECT_EQ(join(peer, "g", "nobody").error, code(ErrorCode::unknown_member_id));
  });
}

TEST(JoinGroupApi, NoTwoMembersGetOneId) {
  NodeWorld w(group_settings(), 2);
  w.run([&](const Client& client) {
    std::set<std::string> ids;
    for (int i = 0; i < 8; ++i) {
      Peer peer = client.connect();
      find_group(client, peer, "g");
      auto request = join_request("g", "");
      ids.insert(std::string(peer.ask<wire::JoinGroupResponse>(request, 5).body.member_id));
    }
    EXPECT_EQ(ids.size(), 8U);
  });
}

}  // namespace
}  // namespace gregor::broker
