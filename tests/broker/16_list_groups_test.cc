// ListGroups: the groups of all partitions on all shards, by state and type where asked.
#include <gtest/gtest.h>

#include "tests/broker/support/group_peer.h"
#include "wire/list_groups.h"

namespace gregor::broker {
namespace {

using namespace test;

TEST(ListGroupsApi, FindsTheGroupsOfEveryPartition) {
  NodeWorld w(group_settings(), 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    for (int i = 0; i < 6; ++i) {
      const std::string group = "g" + std::to_string(i);
      find_group(client, peer, group);
      ASSERT_EQ(commit(peer, group, "t", i), 0);
    }
    for (std::int16_t version = 0; version <= 5; ++version) {
      SCOPED_TRACE(version);
      const auto answer = peer.ask<wire::ListGroupsResponse>(wire::ListGroupsRequest{}, version);
      EXPECT_EQ(answer.body.error_code, 0);
      EXPECT_EQ(answer.body.groups.size(), 6U);
      if (version >= 4) {
        EXPECT_EQ(answer.body.groups.at(0).group_state, "Empty");
      }
      if (version >= 5) {
        EXPECT_EQ(answer.body.groups.at(0).group_type, "classic");
      }
    }
    wire::ListGroupsRequest stable;
    stable.states_filter = {"Stable"};
    EXPECT_TRUE(peer.ask<wire::ListGroupsResponse>(stable, 5).body.groups.empty());
  });
}

}  // namespace
}  // namespace gregor::broker
