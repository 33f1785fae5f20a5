// WriteTxnMarkers: the end of transactions, as readers of committed records see it; zombies are fenced.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/fetch.h"
#include "wire/produce.h"
#include "wire/write_txn_markers.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

constexpr std::int64_t kProducer = 7;
const Settings kUnverified{{"transaction.partition.verification.enable", "false"}};

std::int16_t send(Peer& peer, const std::string& value, std::int32_t sequence, std::int16_t epoch = 0) {
  BatchOf wanted{{value}, kProducer, sequence, epoch};
  wanted.is_transactional = true;
  const ByteBuffer batch = batch_of(wanted);
  wire::ProduceRequest request;
  request.transactional_id = "txn";
  request.acks = -1;
  request.timeout_ms = 10'000;
  request.topic_data.push_back({.name = "orders", .partition_data = {}});
  request.topic_data[0].partition_data.push_back({.index = 0, .records = Bytes(batch)});
  return peer.ask<wire::ProduceResponse>(request, 11).body.responses.at(0).partition_responses.at(0).error_code;
}

wire::WriteTxnMarkersRequest::WritableTxnMarker marker(bool commits, std::int16_t epoch = 0,
                                                       std::int32_t coordinator_epoch = 0) {
  wire::WriteTxnMarkersRequest::WritableTxnMarker wanted{.producer_id = kProducer,
                                                         .producer_epoch = epoch,
                                                         .transaction_result = commits,
                                                         .topics = {},
                                                         .coordinator_epoch = coordinator_epoch};
  wanted.topics.push_back({.name = "orders", .partition_indexes = {0}});
  return wanted;
}

std::int16_t end(Peer& peer, bool commits, std::int16_t epoch = 0, std::int32_t coordinator_epoch = 0) {
  wire::WriteTxnMarkersRequest request;
  request.markers.push_back(marker(commits, epoch, coordinator_epoch));
  const auto answer = peer.ask<wire::WriteTxnMarkersResponse>(request, 1);
  EXPECT_EQ(answer.body.markers.at(0).producer_id, kProducer);
  return answer.body.markers[0].topics.at(0).partitions.at(0).error_code;
}

wire::FetchResponse::PartitionData read_committed(Peer& peer, std::int64_t from, std::int16_t version = 12) {
  wire::FetchRequest request;
  request.replica_id = -1;
  request.max_bytes = 1 << 20;
  request.isolation_level = 1;
  request.session_epoch = -1;
  request.topics.push_back({.topic = "orders", .partitions = {}});
  request.topics[0].partitions.push_back({.partition = 0, .fetch_offset = from, .partition_max_bytes = 1 << 20});
  return peer.ask<wire::FetchResponse>(request, version).body.responses.at(0).partitions.at(0);
}

TEST(WriteTxnMarkers, AnAbortEndsUpInTheListOfEveryFetchVersion) {
  NodeWorld w(kUnverified, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    EXPECT_EQ(send(peer, "a", 0), 0);
    EXPECT_EQ(read_committed(peer, 0).last_stable_offset, 0);
    EXPECT_TRUE(read_committed(peer, 0).records->empty());
    EXPECT_EQ(end(peer, false), 0);
    EXPECT_EQ(send(peer, "b", 1), 0);
    EXPECT_EQ(end(peer, true), 0);
    for (std::int16_t version = 4; version <= 12; ++version) {
      SCOPED_TRACE(version);
      const auto seen = read_committed(peer, 0, version);
      EXPECT_EQ(seen.last_stable_offset, 4);
      ASSERT_EQ(seen.aborted_transactions->size(), 1U);
      EXPECT_EQ(seen.aborted_transactions->at(0).producer_id, kProducer);
      EXPECT_EQ(seen.aborted_transactions->at(0).first_offset, 0);
    }
    EXPECT_TRUE(read_committed(peer, 2).aborted_transactions->empty());
  });
}

TEST(WriteTxnMarkers, ZombiesAreFenced) {
  NodeWorld w(kUnverified);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    EXPECT_EQ(end(peer, true, 3, 5), 0) << "a marker without a transaction is written";
    EXPECT_EQ(end(peer, true, 2, 5), code(ErrorCode::invalid_producer_epoch));
    EXPECT_EQ(end(peer, true, 3, 4), code(ErrorCode::transaction_coordinator_fenced));
  });
  w.crash_and_restart();
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_EQ(end(peer, true, 3, 4), code(ErrorCode::transaction_coordinator_fenced)) << "a restart forgets nothing";
  });
}

TEST(WriteTxnMarkers, EachPartitionIsAnsweredByProducer) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders", 2);
    wire::WriteTxnMarkersRequest request;
    EXPECT_TRUE(peer.ask<wire::WriteTxnMarkersResponse>(request, 1).body.markers.empty());
    request.markers.push_back(marker(false));
    request.markers[0].topics[0].partition_indexes = {1, 0, 7};
    request.markers[0].topics.push_back({.name = "nobody", .partition_indexes = {0}});
    const auto answer = peer.ask<wire::WriteTxnMarkersResponse>(request, 2);
    const auto& topics = answer.body.markers.at(0).topics;
    ASSERT_EQ(topics.size(), 2U);
    EXPECT_EQ(topics[0].partitions.at(0).error_code, code(ErrorCode::unknown_topic_or_partition));
    ASSERT_EQ(topics[1].partitions.size(), 3U);
    EXPECT_EQ(topics[1].partitions[0].error_code, 0);
    EXPECT_EQ(topics[1].partitions[1].error_code, 0);
    EXPECT_EQ(topics[1].partitions[2].error_code, code(ErrorCode::unknown_topic_or_partition));
  });
}

}  // namespace
}  // namespace gregor::broker
