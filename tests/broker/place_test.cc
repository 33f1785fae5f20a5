// Where a named partition is, by one image, or which error says that it is nowhere.
#include "broker/api/place.h"

#include <gtest/gtest.h>

#include "tests/broker/support/shard_bench.h"

namespace gregor::broker {
namespace {

using namespace test;

TEST(Place, IsFoundByNameAndByIdOnTheShardThatOwnsIt) {
  on_shard(4, [](ShardBench& bench) {
    const TopicId id = bench.images.add_topic("orders", std::vector<Placed>(8));
    const auto& image = bench.images.image();
    for (std::int32_t index = 0; index < 8; ++index) {
      const api::Place by_name = api::find_place(bench.shard, image, "orders", index);
      const api::Place by_id = api::find_place(bench.shard, image, id, index);
      for (const api::Place& place : {by_name, by_id}) {
        EXPECT_EQ(place.error, wire::ErrorCode::none);
        EXPECT_EQ(place.topic->id, id);
        EXPECT_EQ(place.partition, image.find_partition(id, PartitionIndex{index}));
        EXPECT_EQ(place.index, PartitionIndex{index});
        EXPECT_EQ(place.owner, partition::shard_of(id, PartitionIndex{index}, 4));
      }
    }
  });
}

TEST(Place, WhatIsMissingIsSaidInTheWordsOfTheQuestion) {
  on_shard(1, [](ShardBench& bench) {
    const TopicId id = bench.images.add_topic("orders", {Placed{}});
    const auto& image = bench.images.image();
    using wire::ErrorCode;
    EXPECT_EQ(api::find_place(bench.shard, image, "nobody", 0).error, ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(api::find_place(bench.shard, image, Uuid{9, 9}, 0).error, ErrorCode::unknown_topic_id);
    EXPECT_EQ(api::find_place(bench.shard, image, TopicId{}, 0).error, ErrorCode::unknown_topic_id);
    for (const std::int32_t index : {1, -1, INT32_MAX, INT32_MIN}) {
      EXPECT_EQ(api::find_place(bench.shard, image, "orders", index).error, ErrorCode::unknown_topic_or_partition);
      EXPECT_EQ(api::find_place(bench.shard, image, id, index).error, ErrorCode::unknown_topic_or_partition);
    }
  });
}

}  // namespace
}  // namespace gregor::broker
