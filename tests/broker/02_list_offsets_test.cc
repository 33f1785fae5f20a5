// ListOffsets: the offset that belongs to a time or to an end of the log; specials only from the version that has them.
#include <gtest/gtest.h>

#include <map>

#include "sim/node_clock.h"
#include "tests/broker/support/node_world.h"
#include "wire/list_offsets.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;
using Row = wire::ListOffsetsResponse::ListOffsetsPartitionResponse;

constexpr std::int64_t kNow = sim::kWorldBeginsMs;

Row ask(Peer& peer, std::int64_t timestamp, std::int16_t version = 11, const std::string& topic = "orders",
        std::int32_t partition = 0, std::int32_t epoch = -1) {
  wire::ListOffsetsRequest request;
  request.replica_id = -1;
  request.topics.push_back({.name = topic, .partitions = {}});
  request.topics[0].partitions.push_back(
      {.partition_index = partition, .current_leader_epoch = epoch, .timestamp = timestamp});
  const auto answer = peer.ask<wire::ListOffsetsResponse>(request, version);
  return answer.body.topics.at(0).partitions.at(0);
}

struct ListOffsetsApi : testing::Test {
  /// Three batches of one record, a second apart; the middle one is the youngest.
  void with(const std::function<void(const Client&, Peer&)>& body, std::size_t shards = 1) {
    NodeWorld w({}, shards);
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      create_topic(peer, "orders", 2);
      for (const std::int64_t at : {kNow - 3'000, kNow - 1'000, kNow - 2'000}) {
        BatchOf batch{{"x"}};
        batch.timestamp_ms = at;
        ASSERT_EQ(produce(peer, "orders", batch_of(batch)).error, 0);
      }
      body(client, peer);
    });
  }
};

TEST_F(ListOffsetsApi, EndsOfTheLogAreToldAtEveryVersion) {
  for (const std::size_t shards : {std::size_t{1}, std::size_t{3}}) {
    with(
        [](const Client&, Peer& peer) {
          for (std::int16_t version = 1; version <= 11; ++version) {
            SCOPED_TRACE(version);
            EXPECT_EQ(ask(peer, -1, version).offset, 3);
            EXPECT_EQ(ask(peer, -2, version).offset, 0);
            EXPECT_EQ(ask(peer, -1, version).timestamp, -1);
            EXPECT_EQ(ask(peer, -1, version).leader_epoch >= 0, version >= 4);
            EXPECT_EQ(ask(peer, -1, version, "orders", 1).offset, 0) << "of an empty partition";
          }
        },
        shards);
  }
}

TEST_F(ListOffsetsApi, ATimeFindsTheFirstRecordThatIsNotOlder) {
  with([](const Client&, Peer& peer) {
    EXPECT_EQ(ask(peer, 0).offset, 0);
    EXPECT_EQ(ask(peer, kNow - 3'000).offset, 0);
    EXPECT_EQ(ask(peer, kNow - 2'999).offset, 1);
    EXPECT_EQ(ask(peer, kNow - 2'999).timestamp, kNow - 1'000);
    EXPECT_EQ(ask(peer, kNow - 1'000).offset, 1);
    const Row none = ask(peer, kNow);
    EXPECT_EQ(none.error_code, 0);
    EXPECT_EQ(none.offset, -1);
    EXPECT_EQ(none.timestamp, -1);
  });
}

TEST_F(ListOffsetsApi, TheGreatestTimestampIsFoundWhereverItStands) {
  with([](const Client&, Peer& peer) {
    const Row found = ask(peer, -3);
    EXPECT_EQ(found.offset, 1);
    EXPECT_EQ(found.timestamp, kNow - 1'000);
    EXPECT_EQ(ask(peer, -3, 11, "orders", 1).offset, -1);
  });
}

TEST_F(ListOffsetsApi, SpecialsAreServedFromTheirVersionOn) {
  with([](const Client&, Peer& peer) {
    const std::map<std::int64_t, std::int16_t> first = {{-3, 7}, {-4, 8}, {-5, 9}, {-6, 11}};
    for (const auto& [special, version] : first) {
      SCOPED_TRACE(special);
      EXPECT_EQ(ask(peer, special, static_cast<std::int16_t>(version - 1)).error_code,
                code(ErrorCode::unsupported_version));
      EXPECT_EQ(ask(peer, special, version).error_code, 0);
    }
    EXPECT_EQ(ask(peer, -4).offset, 0) << "all of the log is local";
    EXPECT_EQ(ask(peer, -5).offset, -1) << "nothing is tiered";
    EXPECT_EQ(ask(peer, -7).error_code, code(ErrorCode::unsupported_version));
    EXPECT_EQ(ask(peer, -7, 11, "nobody").error_code, code(ErrorCode::unsupported_version)) << "looked at first";
  });
}

TEST_F(ListOffsetsApi, WhatIsNotThereAndWhoIsNotMeantAreErrors) {
  with([](const Client&, Peer& peer) {
    EXPECT_EQ(ask(peer, -1, 11, "nobody").error_code, code(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(ask(peer, -1, 11, "orders", 2).error_code, code(ErrorCode::unknown_topic_or_partition));
    const std::int32_t epoch = ask(peer, -1).leader_epoch;
    EXPECT_EQ(ask(peer, -1, 11, "orders", 0, epoch).error_code, 0);
    EXPECT_EQ(ask(peer, -1, 11, "orders", 0, epoch + 1).error_code, code(ErrorCode::unknown_leader_epoch));
    EXPECT_TRUE(epoch == 0 ||
                ask(peer, -1, 11, "orders", 0, epoch - 1).error_code == code(ErrorCode::fenced_leader_epoch));
    const Row refused = ask(peer, -1, 11, "nobody");
    EXPECT_EQ(refused.offset, -1);
    EXPECT_EQ(refused.timestamp, -1);
  });
}

TEST_F(ListOffsetsApi, APartitionNamedTwiceIsRefusedAndTheOthersAreAnswered) {
  with([](const Client&, Peer& peer) {
    wire::ListOffsetsRequest request;
    request.topics.push_back({.name = "orders", .partitions = {}});
    for (const std::int32_t partition : {0, 1, 0}) {
      request.topics[0].partitions.push_back({.partition_index = partition, .timestamp = -1});
    }
    const auto answer = peer.ask<wire::ListOffsetsResponse>(request, 11);
    for (const Row& row : answer.body.topics.at(0).partitions) {
      EXPECT_EQ(row.error_code, row.partition_index == 0 ? code(ErrorCode::invalid_request) : 0);
    }
  });
}

}  // namespace
}  // namespace gregor::broker
