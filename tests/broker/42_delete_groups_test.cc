// DeleteGroups: who has members stays, who has none goes with its offsets, for good.
#include <gtest/gtest.h>

#include "tests/broker/support/group_peer.h"
#include "wire/delete_groups.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

TEST(DeleteGroupsApi, TakesEmptyGroupsAndTheirOffsets) {
  NodeWorld w(group_settings(), 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    for (const char* group : {"empty", "alive"}) find_group(client, peer, group);
    ASSERT_EQ(commit(peer, "empty", "t", 5), 0);
    ASSERT_EQ(join(peer, "alive").error, 0);
    wire::DeleteGroupsRequest request;
    request.groups_names = {"empty", "alive", "nobody"};
    const auto answer = peer.ask<wire::DeleteGroupsResponse>(request, 2);
    ASSERT_EQ(answer.body.results.size(), 3U);
    EXPECT_EQ(answer.body.results[0].error_code, 0);
    EXPECT_EQ(answer.body.results[1].error_code, code(ErrorCode::non_empty_group));
    EXPECT_EQ(answer.body.results[2].error_code, code(ErrorCode::group_id_not_found));
    EXPECT_EQ(committed(peer, "empty", "t"), -1);
  });
  w.crash_and_restart();
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    find_group(client, peer, "empty");
    EXPECT_EQ(committed(peer, "empty", "t"), -1);
  });
}

}  // namespace
}  // namespace gregor::broker
