// OffsetForLeaderEpoch: where an epoch ended, for readers that doubt their history.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/offset_for_leader_epoch.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;
using Row = wire::OffsetForLeaderEpochResponse::EpochEndOffset;

Row ask(Peer& peer, std::int32_t epoch, std::int16_t version = 4, std::int32_t current = -1, std::int32_t partition = 0,
        const std::string& topic = "orders") {
  wire::OffsetForLeaderEpochRequest request;
  request.replica_id = -1;
  request.topics.push_back({.topic = topic, .partitions = {}});
  request.topics[0].partitions.push_back(
      {.partition = partition, .current_leader_epoch = current, .leader_epoch = epoch});
  return peer.ask<wire::OffsetForLeaderEpochResponse>(request, version).body.topics.at(0).partitions.at(0);
}

TEST(OffsetForLeaderEpoch, ThePresentEpochEndsWhereTheLogDoes) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    EXPECT_EQ(produce(peer, "orders", batch_of({{"a", "b"}})).error, 0);
    for (const std::int16_t version : {std::int16_t{2}, std::int16_t{3}, std::int16_t{4}}) {
      EXPECT_EQ(ask(peer, 0, version).leader_epoch, 0);
      EXPECT_EQ(ask(peer, 0, version).end_offset, 2);
    }
    EXPECT_EQ(ask(peer, 0, 4, 0).end_offset, 2);
  });
}

TEST(OffsetForLeaderEpoch, NothingIsKnownOfEpochsToComeNorOfNone) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    for (const std::int32_t epoch : {5, -1}) {
      const Row row = ask(peer, epoch);
      EXPECT_EQ(row.error_code, 0);
      EXPECT_EQ(row.leader_epoch, -1);
      EXPECT_EQ(row.end_offset, -1);
    }
  });
}

TEST(OffsetForLeaderEpoch, AskersOfAnotherEpochAndOfOtherPlacesAreRefused) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    EXPECT_EQ(ask(peer, 0, 4, 3).error_code, code(ErrorCode::unknown_leader_epoch));
    EXPECT_EQ(ask(peer, 0, 4, -1, 8).error_code, code(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(ask(peer, 0, 4, -1, 0, "nobody").error_code, code(ErrorCode::unknown_topic_or_partition));
  });
}

}  // namespace
}  // namespace gregor::broker
