// DescribeProducers: who writes to a partition, as the partition knows it.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/describe_producers.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

Answer<wire::DescribeProducersResponse> describe(Peer& peer, const std::string& topic,
                                                 const std::vector<std::int32_t>& partitions) {
  wire::DescribeProducersRequest request;
  request.topics.push_back({.name = topic, .partition_indexes = partitions});
  return peer.ask<wire::DescribeProducersResponse>(request, 0);
}

TEST(DescribeProducers, TellsEpochSequenceAndTime) {
  NodeWorld w({}, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    EXPECT_EQ(produce(peer, "orders", batch_of({{"a", "b"}, 7, 0, 3})).error, 0);
    EXPECT_EQ(produce(peer, "orders", batch_of({{"plain"}})).error, 0);
    const auto answer = describe(peer, "orders", {0});
    const auto& row = answer.body.topics.at(0).partitions.at(0);
    EXPECT_EQ(row.error_code, 0);
    EXPECT_FALSE(row.error_message);
    ASSERT_EQ(row.active_producers.size(), 1U);
    EXPECT_EQ(row.active_producers[0].producer_id, 7);
    EXPECT_EQ(row.active_producers[0].producer_epoch, 3);
    EXPECT_EQ(row.active_producers[0].last_sequence, 1);
    EXPECT_EQ(row.active_producers[0].last_timestamp, sim::kWorldBeginsMs);
    EXPECT_EQ(row.active_producers[0].coordinator_epoch, -1);
    EXPECT_EQ(row.active_producers[0].current_txn_start_offset, -1);
  });
}

TEST(DescribeProducers, AFaultOfATopicComesWithAMessageOneOfAPartitionWithout) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    const auto answer = describe(peer, "orders", {0, 5});
    EXPECT_EQ(answer.body.topics.at(0).partitions.at(1).error_code, code(ErrorCode::unknown_topic_or_partition));
    EXPECT_FALSE(answer.body.topics[0].partitions[1].error_message);
    const auto nobody = describe(peer, "nobody", {0});
    EXPECT_EQ(nobody.body.topics.at(0).partitions.at(0).error_code, code(ErrorCode::unknown_topic_or_partition));
    EXPECT_TRUE(nobody.body.topics[0].partitions[0].error_message);
    const auto bad = describe(peer, "bad name", {0});
    EXPECT_EQ(bad.body.topics.at(0).partitions.at(0).error_code, code(ErrorCode::invalid_topic_exception));
    EXPECT_TRUE(bad.body.topics[0].partitions[0].error_message);
  });
}

}  // namespace
}  // namespace gregor::broker
