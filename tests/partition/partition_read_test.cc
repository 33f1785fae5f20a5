// What readers get: whole batches below the high watermark, and Kafka's answer to every special offset.
#include <gtest/gtest.h>

#include "tests/partition/support/bench_top.h"

namespace gregor::partition {
namespace {

using test::BenchTop;

struct Reading : testing::Test {
  /// A partition with offsets 0-2 (at 1000 ms) and 3 (at 2000 ms).
  static std::shared_ptr<Partition> filled(env::Fiber& self, BenchTop& top) {
    auto partition = top.partition(self);
    top.append(self, *partition, {.values = {"a", "b", "c"}});
    top.append(self, *partition, {.values = {"d"}, .timestamp_ms = 2000});
    return partition;
  }
};

TEST_F(Reading, FromTheMiddleOfABatchTheWholeBatchComes) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = filled(self, top);
    const ReadOutcome read = top.read(self, *partition, 1);
    EXPECT_EQ(record::BatchView::parse(read.records).value().base_offset(), Offset{0});
    EXPECT_EQ(read.high_watermark, Offset{4});
    const auto told = top.observer.all<observe::FetchAnswered>().back();
    EXPECT_EQ(told.end, Offset{4});
  });
}

TEST_F(Reading, AtTheEndThereIsNothingAndBeyondItIsOutOfRange) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = filled(self, top);
    EXPECT_EQ(top.read(self, *partition, 4).error, PartitionError::none);
    EXPECT_TRUE(top.read(self, *partition, 4).records.empty());
    for (const std::int64_t offset : {std::int64_t{5}, std::int64_t{-1}, INT64_MAX}) {
      const ReadOutcome read = top.read(self, *partition, offset);
      EXPECT_EQ(read.error, PartitionError::offset_out_of_range);
      EXPECT_EQ(read.high_watermark, kNoOffset);
    }
  });
}

TEST_F(Reading, LimitsCutAtBatchesAndTheFirstMayExceedThem) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = filled(self, top);
    const std::size_t first_size = record::BatchView::parse(top.read(self, *partition, 0).records).value().size();
    EXPECT_EQ(top.read(self, *partition, 0, 1).records.size(), first_size);
    ReadAsk strict{.offset = Offset{0}, .bytes_max = 1, .whole_first_batch = false};
    EXPECT_TRUE(partition->read(self, strict).records.empty());
    EXPECT_EQ(partition->read(self, strict).error, PartitionError::none);
    strict.bytes_max = 0;
    EXPECT_TRUE(partition->read(self, strict).records.empty());
  });
}

// KIP-320, KIP-595: a reader whose last epoch ended elsewhere is told where, and gets no records.
TEST_F(Reading, AReaderOfAnotherHistoryIsToldWhereItsEpochEnded) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = filled(self, top);
    partition->apply(test::leads_alone(LeaderEpoch{2}));
    top.append(self, *partition, {.values = {"e"}});
    const ReadOutcome read =
        partition->read(self, {.offset = Offset{5}, .last_fetched_epoch = LeaderEpoch{0}, .bytes_max = 1000});
    ASSERT_TRUE(read.diverging.has_value());
    EXPECT_EQ(read.diverging->epoch, LeaderEpoch{0});
    EXPECT_EQ(read.diverging->end_offset, Offset{4});
    EXPECT_TRUE(read.records.empty());
    const ReadOutcome same =
        partition->read(self, {.offset = Offset{4}, .last_fetched_epoch = LeaderEpoch{0}, .bytes_max = 1000});
    EXPECT_FALSE(same.diverging.has_value());
    EXPECT_FALSE(same.records.empty());
  });
}

TEST_F(Reading, SpecialTimestampsFindTheEndsAndTheGreatestTime) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = filled(self, top);
    const auto find = [&](std::int64_t timestamp) {
      return partition->find_offset(self, timestamp, Isolation::read_uncommitted, kNoLeaderEpoch);
    };
    EXPECT_EQ(find(kLatestTimestamp).offset, Offset{4});
    EXPECT_EQ(find(kLatestTimestamp).timestamp_ms, -1);
    EXPECT_EQ(find(kEarliestTimestamp).offset, Offset{0});
    EXPECT_EQ(find(kEarliestLocalTimestamp).offset, Offset{0});
    EXPECT_EQ(find(kMaxTimestamp).offset, Offset{3});
    EXPECT_EQ(find(kMaxTimestamp).timestamp_ms, 2000);
    EXPECT_EQ(find(kLatestTieredTimestamp).offset, kNoOffset);
    EXPECT_EQ(find(kEarliestPendingUploadTimestamp).offset, kNoOffset);
    EXPECT_EQ(find(1500).offset, Offset{3});
    EXPECT_EQ(find(2001).offset, kNoOffset) << "nothing is that young";
    EXPECT_EQ(find(2001).leader_epoch, kNoLeaderEpoch);
  });
}

TEST_F(Reading, AWatcherHearsWhatBecameVisibleSinceItLooked) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = filled(self, top);
    std::uint64_t heard = 0;
    const auto seen = top.read(self, *partition, 4).visible_bytes;
    const auto watch = partition->watch(seen, [&](std::uint64_t bytes) { heard += bytes; });
    EXPECT_EQ(heard, 0U);
    top.append(self, *partition, {.values = {"e"}});
    EXPECT_EQ(heard, top.read(self, *partition, 4).records.size());
    std::uint64_t at_once = 0;
    const auto late = partition->watch(seen, [&](std::uint64_t bytes) { at_once += bytes; });
    EXPECT_EQ(at_once, heard) << "what came between looking and watching is not missed";
    std::uint64_t told = 0;
    const auto last =
        partition->watch(top.read(self, *partition, 5).visible_bytes, [&](std::uint64_t bytes) { told = bytes; });
    partition->retire(PartitionError::unknown_topic_or_partition);
    EXPECT_EQ(told, kGone);
    partition->wait_until_idle(self);
  });
}

}  // namespace
}  // namespace gregor::partition
