// OffsetDelete: single offsets of a group that does not read the topic.
#include <gtest/gtest.h>

#include "tests/broker/support/group_peer.h"
#include "wire/offset_delete.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

TEST(OffsetDeleteApi, ForgetsWhatIsThereAndNamesWhatIsNot) {
  NodeWorld w(group_settings());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t", 2);
    find_group(client, peer, "g");
    ASSERT_EQ(commit(peer, "g", "t", 5, {}, 0), 0);
    ASSERT_EQ(commit(peer, "g", "t", 6, {}, 1), 0);
    wire::OffsetDeleteRequest request;
    request.group_id = "g";
    request.topics = {{.name = "t", .partitions = {{.partition_index = 0}}},
                      {.name = "nope", .partitions = {{.partition_index = 0}}}};
    const auto answer = peer.ask<wire::OffsetDeleteResponse>(request, 0);
    EXPECT_EQ(answer.body.error_code, 0);
    for (const auto& topic : answer.body.topics) {
      const std::int16_t expected = topic.name == "t" ? 0 : code(ErrorCode::unknown_topic_or_partition);
      EXPECT_EQ(topic.partitions.at(0).error_code, expected) << topic.name;
    }
    EXPECT_EQ(committed(peer, "g", "t", 0), -1);
    EXPECT_EQ(committed(peer, "g", "t", 1), 6);
    request.group_id = "nobody";
    find_group(client, peer, "nobody");
    EXPECT_EQ(peer.ask<wire::OffsetDeleteResponse>(request, 0).body.error_code, code(ErrorCode::group_id_not_found));
  });
}

}  // namespace
}  // namespace gregor::broker
