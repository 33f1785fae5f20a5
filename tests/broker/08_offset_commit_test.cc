// OffsetCommit: what does not exist is refused here, the rest is kept, at every version.
#include <gtest/gtest.h>

#include "tests/broker/support/group_peer.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

TEST(OffsetCommitApi, EveryVersionCommits) {
  NodeWorld w(group_settings(), 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const TopicId id = create_topic(peer, "t");
    find_group(client, peer, "g");
    for (std::int16_t version = 2; version <= 10; ++version) {
      SCOPED_TRACE(version);
      wire::OffsetCommitRequest request;
      request.group_id = "g";
      request.topics.push_back({.partitions = {{.partition_index = 0, .committed_offset = 100 + version}}});
      version >= 10 ? void(request.topics[0].topic_id = id) : void(request.topics[0].name = "t");
      const auto answer = peer.ask<wire::OffsetCommitResponse>(request, version);
      ASSERT_EQ(answer.body.topics.size(), 1U);
      EXPECT_EQ(answer.body.topics[0].partitions.at(0).error_code, 0);
      EXPECT_EQ(committed(peer, "g", "t"), 100 + version);
    }
  });
}

TEST(OffsetCommitApi, WhatDoesNotExistIsRefusedBesideWhatDoes) {
  NodeWorld w(group_settings());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    find_group(client, peer, "g");
    wire::OffsetCommitRequest request;
    request.group_id = "g";
    request.topics.push_back({.name = "nope", .partitions = {{.partition_index = 0, .committed_offset = 1}}});
    request.topics.push_back(
        {.name = "t",
         .partitions = {{.partition_index = 9, .committed_offset = 1}, {.partition_index = 0, .committed_offset = 7}}});
    const auto answer = peer.ask<wire::OffsetCommitResponse>(request, 8);
    ASSERT_EQ(answer.body.topics.size(), 2U);
    EXPECT_EQ(answer.body.topics[0].partitions.at(0).error_code, code(ErrorCode::unknown_topic_or_partition));
    ASSERT_EQ(answer.body.topics[1].partitions.size(), 2U);
    EXPECT_EQ(answer.body.topics[1].partitions[0].error_code, code(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(answer.body.topics[1].partitions[1].error_code, 0);
    EXPECT_EQ(committed(peer, "g", "t"), 7);
  });
}

TEST(OffsetCommitApi, AnUnknownIdHasACodeOfItsOwn) {
  NodeWorld w(group_settings());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    wire::OffsetCommitRequest request;
    request.group_id = "g";
    request.topics.push_back({.topic_id = {1, 2}, .partitions = {{.partition_index = 0, .committed_offset = 1}}});
    const auto answer = peer.ask<wire::OffsetCommitResponse>(request, 10);
    EXPECT_EQ(answer.body.topics.at(0).topic_id, (TopicId{1, 2}));
    EXPECT_EQ(answer.body.topics[0].partitions.at(0).error_code, code(ErrorCode::unknown_topic_id));
  });
}

TEST(OffsetCommitApi, ANoteThatIsTooLongIsRefused) {
  NodeWorld w(group_settings({{"offset.metadata.max.bytes", "10"}}));
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    find_group(client, peer, "g");
    wire::OffsetCommitRequest request;
    request.group_id = "g";
    request.topics.push_back(
        {.name = "t",
         .partitions = {{.partition_index = 0, .committed_offset = 1, .committed_metadata = "longer than ten"}}});
    const auto answer = peer.ask<wire::OffsetCommitResponse>(request, 8);
    EXPECT_EQ(answer.body.topics.at(0).partitions.at(0).error_code, code(ErrorCode::offset_metadata_too_large));
  });
}

TEST(OffsetCommitApi, AGenerationThatIsOverCommitsNothing) {
  NodeWorld w(group_settings());
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    find_group(client, peer, "g");
    Joined member = join(peer, "g");
    ASSERT_EQ(sync(peer, "g", member), 0);
    EXPECT_EQ(commit(peer, "g", "t", 5, member), 0);
    EXPECT_EQ(commit(peer, "g", "t", 6), code(ErrorCode::unknown_member_id)) << "an outsider, while there are members";
    member.generation = 0;
    EXPECT_EQ(commit(peer, "g", "t", 7, member), code(ErrorCode::illegal_generation));
    EXPECT_EQ(committed(peer, "g", "t"), 5);
  });
}

}  // namespace
}  // namespace gregor::broker
