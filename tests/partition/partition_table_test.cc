// A shard's partitions as a whole: who owns what, and that all of them open, close and go.
#include "partition/partition_table.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/partition/support/bench_top.h"

namespace gregor::partition {
namespace {

using test::BenchTop;

TopicPartition orders(std::int32_t partition) {
  TopicPartition id = test::kOrders;
  id.partition = PartitionIndex{partition};
  return id;
}

TEST(ShardOf, IsStableAndSpreadsPartitions) {
  const TopicId topic{1, 2};
  EXPECT_EQ(shard_of(topic, PartitionIndex{5}, 1), ShardId{0});
  std::set<ShardId> used;
  for (int i = 0; i < 32; ++i) {
    EXPECT_EQ(shard_of(topic, PartitionIndex{i}, 4), shard_of(topic, PartitionIndex{i}, 4));
    used.insert(shard_of(topic, PartitionIndex{i}, 4));
  }
  EXPECT_EQ(used.size(), 4U);
}

TEST(PartitionTable, ManyPartitionsOpenAFewAtATimeAndAllOfThem) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    for (int i = 0; i < 100; ++i) top.table.create(orders(i), {});
    EXPECT_LT(shard.fibers.live_count(), 20U);
    ASSERT_TRUE(top.table.settle_all(self));
    EXPECT_EQ(top.table.checkpoint_lines().size(), 100U);
    EXPECT_TRUE(top.table.close_all(self));
  });
}

TEST(PartitionTable, CreatingTwiceIsTheSamePartition) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    EXPECT_EQ(top.table.create(orders(0), {}), top.table.create(orders(0), {}));
    EXPECT_EQ(top.table.find(orders(0).topic_id, PartitionIndex{1}), nullptr);
    ASSERT_TRUE(top.table.settle_all(self));
  });
}

TEST(PartitionTable, CloseAllWaitsForThoseThatAreBeingRemoved) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    top.table.create(orders(0), {});
    ASSERT_TRUE(top.table.settle_all(self));
    top.table.remove(orders(0).topic_id, orders(0).partition, PartitionError::unknown_topic_or_partition);
    EXPECT_EQ(top.table.size(), 0U);
    EXPECT_TRUE(top.table.close_all(self));
    EXPECT_FALSE(shard.disk.status(self, "data/orders-0"));
  });
}

// Found by simulation: the list of them grew while it was gone through.
TEST(PartitionTable, CloseAllWaitsForThoseTooThatAreRemovedMeanwhile) {
  const auto disk = std::make_shared<sim::DiskImage>(sim::usual_disk_law());
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    constexpr int kCount = 40;
    BenchTop top(self, shard);
    for (int i = 0; i < kCount; ++i) top.table.create(orders(i), {});
    ASSERT_TRUE(top.table.settle_all(self));
    const auto remove = [&](int index) {
      top.table.remove(orders(index).topic_id, orders(index).partition, PartitionError::unknown_topic_or_partition);
    };
    for (int i = 0; i < 4; ++i) remove(i);
    shard.fibers.spawn("remover", [&](env::Fiber& fiber) {
      for (int i = 4; i < kCount; ++i) {
        env::sleep_for(fiber, shard.clock, std::chrono::microseconds(20));
        remove(i);
      }
    });
    EXPECT_TRUE(top.table.close_all(self));
    env::sleep_for(self, shard.clock, std::chrono::seconds(1));
    for (int i = 0; i < kCount; ++i) {
      EXPECT_FALSE(shard.disk.status(self, "data/orders-" + std::to_string(i))) << i;
    }
  });
}

TEST(PartitionTable, OneThatWasNeverOpenedMayBeRemoved) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    top.table.create(orders(0), {});
    top.table.remove(orders(0).topic_id, orders(0).partition, PartitionError::unknown_topic_or_partition);
    EXPECT_TRUE(top.table.close_all(self));
  });
}

/// Whatever its worker was about to do: nothing of it may keep the next life of the replica from its place.
TEST(PartitionTable, OneThatWasRemovedBeforeItHadAPlaceLeavesTheNextLifeAlone) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    sim::run_fiber({.seed = seed, .unruly = true}, [&](env::Fiber& self, env::Shard& shard) {
      BenchTop top(self, shard);
      top.table.create(orders(0), {});
      for (std::uint64_t i = 0; i < seed % 4; ++i) self.yield();
      top.table.remove(orders(0).topic_id, orders(0).partition, PartitionError::not_leader_or_follower);
      for (std::uint64_t i = 0; i < seed % 3; ++i) self.yield();
      const auto next = top.table.create(orders(0), {});
      EXPECT_TRUE(top.table.settle_all(self)) << "seed " << seed;
      EXPECT_TRUE(next->checkpoint_line()) << "seed " << seed;
      EXPECT_TRUE(top.table.close_all(self));
    });
  }
}

}  // namespace
}  // namespace gregor::partition
