// OffsetFetch: one group or many, some partitions or all, by name or by id.
#include <gtest/gtest.h>

#include "tests/broker/support/group_peer.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

TEST(OffsetFetchApi, OneGroupUpToVersionSevenManyFromEightOn) {
  NodeWorld w(group_settings(), 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const TopicId id = create_topic(peer, "t", 2);
    for (const char* group : {"g", "h"}) find_group(client, peer, group);
    ASSERT_EQ(commit(peer, "g", "t", 5), 0);
    ASSERT_EQ(commit(peer, "h", "t", 6), 0);
    for (std::int16_t version = 1; version <= 7; ++version) {
      SCOPED_TRACE(version);
      wire::OffsetFetchRequest request;
      request.group_id = "g";
      request.topics = {{.name = "t", .partition_indexes = {0, 1}}};
      const auto answer = peer.ask<wire::OffsetFetchResponse>(request, version);
      ASSERT_EQ(answer.body.topics.at(0).partitions.size(), 2U);
      EXPECT_EQ(answer.body.topics[0].partitions[0].committed_offset, 5);
      EXPECT_EQ(answer.body.topics[0].partitions[1].committed_offset, -1);
    }
    for (std::int16_t version = 8; version <= 10; ++version) {
      SCOPED_TRACE(version);
      wire::OffsetFetchRequest request;
      for (const char* group : {"g", "h"}) {
        request.groups.push_back({.group_id = group});
        request.groups.back().topics.emplace();
        request.groups.back().topics->push_back({.partition_indexes = {0}});
        auto& topic = request.groups.back().topics->back();
        version >= 10 ? void(topic.topic_id = id) : void(topic.name = "t");
      }
      const auto answer = peer.ask<wire::OffsetFetchResponse>(request, version);
      ASSERT_EQ(answer.body.groups.size(), 2U);
      EXPECT_EQ(answer.body.groups[0].topics.at(0).partitions.at(0).committed_offset, 5);
      EXPECT_EQ(answer.body.groups[1].topics.at(0).partitions.at(0).committed_offset, 6);
      if (version >= 10) {
        EXPECT_EQ(answer.body.groups[1].topics[0].topic_id, id);
      }
    }
  });
}

TEST(OffsetFetchApi, EverythingOfAGroupByNameAndById) {
  NodeWorld w(group_settings());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const TopicId id = create_topic(peer, "t");
    find_group(client, peer, "g");
    ASSERT_EQ(commit(peer, "g", "t", 5), 0);
    for (std::int16_t version = 8; version <= 10; ++version) {
      wire::OffsetFetchRequest request;
      request.groups.push_back({.group_id = "g", .topics = std::nullopt});
      const auto answer = peer.ask<wire::OffsetFetchResponse>(request, version);
      const auto& topic = answer.body.groups.at(0).topics.at(0);
      EXPECT_EQ(topic.partitions.at(0).committed_offset, 5);
      if (version >= 10) {
        EXPECT_EQ(topic.topic_id, id);
      }
      if (version < 10) {
        EXPECT_EQ(topic.name, "t");
      }
    }
  });
}

TEST(OffsetFetchApi, AnUnknownIdIsSaidForEachPartition) {
  NodeWorld w(group_settings());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    find_group(client, peer, "g");
    wire::OffsetFetchRequest request;
    request.groups.push_back({.group_id = "g"});
    request.groups[0].topics.emplace();
    request.groups[0].topics->push_back({.topic_id = {1, 2}, .partition_indexes = {0}});
    const auto answer = peer.ask<wire::OffsetFetchResponse>(request, 10);
    EXPECT_EQ(answer.body.groups.at(0).error_code, 0);
    EXPECT_EQ(answer.body.groups[0].topics.at(0).partitions.at(0).error_code, code(ErrorCode::unknown_topic_id));
  });
}

}  // namespace
}  // namespace gregor::broker
