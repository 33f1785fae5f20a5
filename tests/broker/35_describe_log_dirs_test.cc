// DescribeLogDirs: which partitions lie where, how large they are, and what the disk below has.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/describe_log_dirs.h"

namespace gregor::broker {
namespace {

using namespace test;

Answer<wire::DescribeLogDirsResponse> describe(Peer& peer, const wire::DescribeLogDirsRequest& request,
                                               std::int16_t version = 4) {
  return peer.ask<wire::DescribeLogDirsResponse>(request, version);
}
wire::DescribeLogDirsRequest everything() {
  wire::DescribeLogDirsRequest request;
  request.topics = std::nullopt;
  return request;
}

TEST(DescribeLogDirs, TellsSizesAndSpaceOfAllPartitions) {
  NodeWorld w({}, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders", 2);
    EXPECT_EQ(produce(peer, "orders", batch_of({{"a", "b"}})).error, 0);
    const auto answer = describe(peer, everything());
    EXPECT_EQ(answer.body.error_code, 0);
    ASSERT_EQ(answer.body.results.size(), 1U);
    const auto& result = answer.body.results[0];
    EXPECT_EQ(result.error_code, 0);
    EXPECT_GT(result.total_bytes, 0);
    EXPECT_GT(result.usable_bytes, 0);
    ASSERT_EQ(result.topics.size(), 1U);
    EXPECT_EQ(result.topics[0].name, "orders");
    ASSERT_EQ(result.topics[0].partitions.size(), 2U);
    EXPECT_EQ(result.topics[0].partitions[0].partition_index, 0);
    EXPECT_GT(result.topics[0].partitions[0].partition_size, 61);
    EXPECT_EQ(result.topics[0].partitions[1].partition_size, 0);
    EXPECT_EQ(result.topics[0].partitions[0].offset_lag, 0);
    EXPECT_FALSE(result.topics[0].partitions[0].is_future_key);
  });
}

TEST(DescribeLogDirs, LeavesOutWhatWasNotAskedFor) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders", 2);
    create_topic(peer, "others");
    wire::DescribeLogDirsRequest request;
    request.topics.emplace();
    EXPECT_TRUE(describe(peer, request).body.results.at(0).topics.empty());
    request.topics->push_back({.topic = "orders", .partitions = {1, 7}});
    request.topics->push_back({.topic = "nobody", .partitions = {0}});
    auto answer = describe(peer, request, 1);
    // The topic is made; its folders follow.
    for (int i = 0; i < 100 && answer.body.results.at(0).topics.empty(); ++i) answer = describe(peer, request, 1);
    ASSERT_EQ(answer.body.results.at(0).topics.size(), 1U);
    ASSERT_EQ(answer.body.results[0].topics[0].partitions.size(), 1U);
    EXPECT_EQ(answer.body.results[0].topics[0].partitions[0].partition_index, 1);
  });
}

}  // namespace
}  // namespace gregor::broker
