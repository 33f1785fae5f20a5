// A partition moves into another log directory while it serves on, and wherever the process or the power dies on the
// way, the next life finds one whole log and goes on (KIP-113).
// Method: a partition over two directories on a simulated disk that dies after so many changes, for each number.
#include <gtest/gtest.h>

#include "record/batch_split.h"
#include "tests/partition/support/two_directories.h"

namespace gregor::partition {
namespace {

using std::chrono::seconds;
using test::TwoDirectories;
using Folders = std::vector<std::string>;

config::TopicConfig small_segments() {
  config::TopicConfig config;
  config.segment_bytes = 3'000;
  config.flush_messages = 1;
  return config;
}

std::string value_of(int i) {
  return std::string(900, static_cast<char>('a' + i % 26));
}

void fill(env::Fiber& self, TwoDirectories& node, int count) {
  for (int i = 0; i < count; ++i) ASSERT_EQ(node.write(self, value_of(i)), 0);
}

/// Under way for a second, and far from done.
void begin_slow_move(env::Fiber& self, env::Shard& shard, TwoDirectories& node) {
  node.settings.replica_alter_log_dirs_io_max_bytes_per_second = 1;
  fill(self, node, 12);
  EXPECT_EQ(node.partition->move_to(self, 1), PartitionError::none);
  env::sleep_for(self, shard.clock, seconds(1));
}

TEST(PartitionMove, TheCopyIsTheLogAndTheOldFolderGoes) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    TwoDirectories node(self, shard, small_segments(), 0);
    ASSERT_EQ(node.partition->directory(), 0U);
    fill(self, node, 12);
    const ByteBuffer before = node.bytes(self);
    EXPECT_EQ(node.partition->move_to(self, 1), PartitionError::none);
    EXPECT_TRUE(node.await_place(self, 1));
    EXPECT_EQ(node.bytes(self), before);
    EXPECT_EQ(node.folders(self), Folders{"b/orders-0"});
    EXPECT_EQ(node.write(self, "more"), 0);
    EXPECT_EQ(node.partition->replica()->high_watermark(), Offset{13});
    EXPECT_EQ(node.partition->move_to(self, 1), PartitionError::none) << "it lies there already";
    EXPECT_FALSE(node.partition->moving());
  });
}

TEST(PartitionMove, WritesAndReadsGoOnMeanwhile) {
  sim::run_fiber({.seed = 3, .unruly = true}, [](env::Fiber& self, env::Shard& shard) {
    TwoDirectories node(self, shard, small_segments(), 0);
    fill(self, node, 20);
    EXPECT_EQ(node.partition->move_to(self, 1), PartitionError::none);
    int written = 20;
    for (; node.partition->directory() != 1U && written < 2'000; ++written) {
      ASSERT_EQ(node.write(self, value_of(written)), 0);
      if (written % 10 == 0) node.bytes(self);
    }
    EXPECT_TRUE(node.await_place(self, 1));
    EXPECT_EQ(node.partition->replica()->log_end_offset(), Offset{written});
    ASSERT_EQ(node.write(self, "after"), 0);
    node.bytes(self);
  });
}

TEST(PartitionMove, TheThrottleHoldsTheCopyBackAndFiguresSayHowFarItIs) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    TwoDirectories node(self, shard, small_segments(), 0);
    node.settings.replica_alter_log_dirs_io_max_bytes_per_second = 100;
    node.settings.alter_log_dirs_replication_quota_window_num = 2;
    fill(self, node, 12);
    EXPECT_EQ(node.partition->move_to(self, 1), PartitionError::none);
    env::sleep_for(self, shard.clock, seconds(1));
    const auto moving = node.partition->moving();
    ASSERT_TRUE(moving);
    EXPECT_EQ(moving->directory, 1U);
    EXPECT_GT(moving->size_bytes, 0U);
    EXPECT_GT(moving->offset_lag, 0);
    EXPECT_EQ(node.folders(self).size(), 2U);
    node.settings.replica_alter_log_dirs_io_max_bytes_per_second = config::kUnlimited;
    EXPECT_TRUE(node.await_place(self, 1));
  });
}

TEST(PartitionMove, AskedBackItStaysAndTheCopyIsRemoved) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    TwoDirectories node(self, shard, small_segments(), 0);
    begin_slow_move(self, shard, node);
    EXPECT_TRUE(node.partition->moving());
    EXPECT_EQ(node.partition->move_to(self, 0), PartitionError::none);
    EXPECT_FALSE(node.partition->moving());
    EXPECT_EQ(node.folders(self), Folders{"a/orders-0"});
    EXPECT_EQ(node.write(self, "more"), 0);
  });
}

// Asked back while the copy takes the log's place: one of the two is the log, whole, at every moment.
TEST(PartitionMove, AskedBackAtAnyMomentItStaysWhole) {
  for (int after_us = 0; after_us < 20'000; after_us += 250) {
    sim::run_fiber({.seed = 5, .unruly = true}, [after_us](env::Fiber& self, env::Shard& shard) {
      TwoDirectories node(self, shard, small_segments(), 0);
      fill(self, node, 6);
      const ByteBuffer before = node.bytes(self);
      EXPECT_EQ(node.partition->move_to(self, 1), PartitionError::none);
      env::sleep_for(self, shard.clock, std::chrono::microseconds(after_us));
      EXPECT_EQ(node.partition->move_to(self, 0), PartitionError::none) << "after " << after_us;
      EXPECT_TRUE(node.await_place(self, 0)) << "after " << after_us;
      EXPECT_EQ(node.folders(self), Folders{"a/orders-0"}) << "after " << after_us;
      EXPECT_EQ(node.bytes(self), before);
      EXPECT_EQ(node.write(self, "more"), 0);
    });
    if (testing::Test::HasFailure()) return;
  }
}

TEST(PartitionMove, ATopicThatIsDeletedTakesTheCopyWithIt) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    TwoDirectories node(self, shard, small_segments(), 0);
    begin_slow_move(self, shard, node);
    node.table.remove(test::kOrders.topic_id, test::kOrders.partition, PartitionError::unknown_topic_or_partition);
    env::sleep_for(self, shard.clock, seconds(1));
    EXPECT_TRUE(node.folders(self).empty());
  });
}

TEST(PartitionMove, ADirectoryThatIsOfflineTakesNothing) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    TwoDirectories node(self, shard, small_segments(), 0);
    node.directories.take_offline(self, node.shard, 1, Error{Errc::io, "ordered by the test", 0});
    EXPECT_EQ(node.partition->move_to(self, 1), PartitionError::storage_error);
    EXPECT_EQ(node.write(self, "more"), 0);
  });
}

/// A life that is asked to move and whose disk dies after so many changes. True: the move came to its end before.
bool move_and_die(const std::shared_ptr<sim::DiskImage>& disk, std::int64_t changes) {
  bool is_done = false;
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    auto node = std::make_shared<TwoDirectories>(self, shard, small_segments(), 0);
    fill(self, *node, 12);
    node->disk.orders.changes_left = changes;
    const auto mover = node->partition;
    node->shard.fibers.spawn("asks", [mover](env::Fiber& fiber) { mover->move_to(fiber, 1); });
    const MonotonicTime until = shard.clock.now() + seconds(5);
    while (shard.clock.now() < until && node->disk.orders.changes_left > 0)
      env::sleep_for(self, shard.clock, Milliseconds(10));
    is_done = node->disk.orders.changes_left > 0 && node->partition->directory() == 1U;
    // Fibers that hang at the dead disk go with this life; what they stand on must not go before them, and what it
    // stands on goes with them.
    static auto* const graves = new std::vector<std::shared_ptr<TwoDirectories>>();
    graves->push_back(std::move(node));
  });
  return is_done;
}

void expect_whole(const std::shared_ptr<sim::DiskImage>& disk, std::int64_t changes) {
  sim::run_fiber({.seed = 2, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    TwoDirectories node(self, shard, small_segments(), 1);
    ASSERT_TRUE(node.partition->replica() != nullptr) << "after " << changes << " changes";
    EXPECT_EQ(node.partition->replica()->log_end_offset(), Offset{12}) << "after " << changes << " changes";
    node.await_place(self, 1, seconds(3));
    const Folders folders = node.folders(self);
    ASSERT_EQ(folders.size(), 1U) << "after " << changes << " changes";
    const std::string is_in = node.partition->directory() == 0U ? "a/orders-0" : "b/orders-0";
    EXPECT_EQ(folders.front(), is_in);
    EXPECT_EQ(node.write(self, "more"), 0);
    const ByteBuffer all = node.bytes(self);
    record::BatchSplitter splitter{Bytes(all)};
    for (int i = 0; i < 12; ++i) {
      const auto frame = splitter.next();
      ASSERT_TRUE(frame && *frame);
      const auto batch = record::BatchView::parse((*frame)->bytes);
      ASSERT_TRUE(batch && batch->crc_is_right());
      EXPECT_EQ(batch->base_offset(), Offset{i});
    }
  });
}

void live_through_deaths(bool loses_power) {
  int in_a = 0;
  for (std::int64_t changes = 0;; ++changes) {
    ASSERT_LT(changes, 1'000) << "the move never comes to its end";
    const auto disk = std::make_shared<sim::DiskImage>();
    const bool is_done = move_and_die(disk, changes);
    if (loses_power) {
      RandomStream stream(static_cast<std::uint64_t>(changes) + 1);
      disk->lose_power(stream);
    }
    expect_whole(disk, changes);
    if (testing::Test::HasFatalFailure()) return;
    in_a += is_done ? 0 : 1;
    if (is_done) break;
  }
  EXPECT_GT(in_a, 20);
}

TEST(PartitionMove, WhereverTheProcessDiesTheNextLifeFindsOneWholeLog) {
  live_through_deaths(false);
}

TEST(PartitionMove, WhereverThePowerGoesTheNextLifeFindsOneWholeLog) {
  live_through_deaths(true);
}

}  // namespace
}  // namespace gregor::partition
