// DeleteRecords: what is deleted is gone for every reader and every later life; what may not be deleted is not.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/delete_records.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;
using Row = wire::DeleteRecordsResponse::DeleteRecordsPartitionResult;

Row remove(Peer& peer, const std::string& topic, std::int64_t offset, std::int16_t version = 2,
           std::int32_t partition = 0) {
  wire::DeleteRecordsRequest request;
  request.timeout_ms = 1'000;
  request.topics.push_back({.name = topic, .partitions = {}});
  request.topics[0].partitions.push_back({.partition_index = partition, .offset = offset});
  return peer.ask<wire::DeleteRecordsResponse>(request, version).body.topics.at(0).partitions.at(0);
}

TEST(DeleteRecords, MovesTheLogStartAndNeverBack) {
  NodeWorld w({}, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    EXPECT_EQ(produce(peer, "orders", batch_of({{"a", "b", "c"}})).error, 0);
    EXPECT_EQ(remove(peer, "orders", 1, 0).low_watermark, 1);
    EXPECT_EQ(remove(peer, "orders", 0, 1).low_watermark, 1);
    EXPECT_EQ(fetch(peer, "orders", 0).error, code(ErrorCode::offset_out_of_range));
    EXPECT_EQ(fetch(peer, "orders", 1).log_start_offset, 1);
    EXPECT_EQ(remove(peer, "orders", -1).low_watermark, 3) << "-1 is the high watermark";
  });
  w.lose_power_and_restart();
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_EQ(produce(peer, "orders", batch_of({{"d"}})).log_start_offset, 3);
  });
}

TEST(DeleteRecords, RefusesOffsetsThatDoNotStand) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    EXPECT_EQ(produce(peer, "orders", batch_of({{"a"}})).error, 0);
    for (const std::int64_t offset : {std::int64_t{2}, std::int64_t{-2}, INT64_MAX, INT64_MIN}) {
      const Row row = remove(peer, "orders", offset);
      EXPECT_EQ(row.error_code, code(ErrorCode::offset_out_of_range)) << offset;
      EXPECT_EQ(row.low_watermark, -1);
    }
  });
}

TEST(DeleteRecords, RefusesPlacesThatAreNotTheirs) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    create_topic(peer, "keys", 1, {{"cleanup.policy", "compact"}});
    create_topic(peer, "both", 1, {{"cleanup.policy", "compact,delete"}});
    EXPECT_EQ(remove(peer, "orders", 0, 2, 7).error_code, code(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(remove(peer, "nobody", 0).error_code, code(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(remove(peer, "keys", 9).error_code, code(ErrorCode::policy_violation)) << "before the offset is judged";
    EXPECT_EQ(remove(peer, "both", 0).error_code, 0);
  });
}

}  // namespace
}  // namespace gregor::broker
