// DescribeGroups: what a group is, and what it means that it is not.
#include <gtest/gtest.h>

#include "tests/broker/support/group_peer.h"
#include "wire/describe_groups.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

TEST(DescribeGroupsApi, MembersAndOperationsOfEachVersion) {
  NodeWorld w(group_settings(), 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    find_group(client, peer, "g");
    const Joined member = join(peer, "g");
    ASSERT_EQ(sync(peer, "g", member), 0);
    for (std::int16_t version = 0; version <= 6; ++version) {
      SCOPED_TRACE(version);
      wire::DescribeGroupsRequest request;
      request.groups = {"g", "nobody"};
      request.include_authorized_operations = version >= 3;
      const auto answer = peer.ask<wire::DescribeGroupsResponse>(request, version);
      ASSERT_EQ(answer.body.groups.size(), 2U);
      const auto& group = answer.body.groups[0];
      EXPECT_EQ(group.group_state, "Stable");
      EXPECT_EQ(group.protocol_data, "range");
      ASSERT_EQ(group.members.size(), 1U);
      EXPECT_EQ(group.members[0].member_id, member.member_id);
      EXPECT_EQ(group.members[0].client_id, "test");
      EXPECT_TRUE(group.members[0].client_host.starts_with("/10.")) << group.members[0].client_host;
      EXPECT_EQ(text_of(group.members[0].member_assignment), "plan");
      if (version >= 3) {
        EXPECT_EQ(group.authorized_operations, 3400);
      }
      EXPECT_EQ(answer.body.groups[1].group_state, "Dead");
      EXPECT_EQ(answer.body.groups[1].error_code, version >= 6 ? code(ErrorCode::group_id_not_found) : 0);
    }
  });
}

}  // namespace
}  // namespace gregor::broker
