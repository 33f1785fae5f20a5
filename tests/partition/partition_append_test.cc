// A group's way into the log: written, flushed where the topic says so, then acknowledged; or undone without a trace.
#include <gtest/gtest.h>

#include "env/clock.h"
#include "tests/partition/support/bench_top.h"

namespace gregor::partition {
namespace {

using test::BatchOf;
using test::BenchTop;

constexpr ProducerId kProducer{9};
constexpr std::int16_t kStorageError = 56;

BatchOf numbered(std::int32_t sequence, std::vector<std::string> values = {"x"}) {
  return {.values = std::move(values), .producer = kProducer, .sequence = Sequence{sequence}};
}

config::TopicConfig flushed(std::int64_t messages = 1) {
  config::TopicConfig config;
  config.flush_messages = messages;
  return config;
}

TEST(PartitionAppend, ARepeatIsAnsweredWithItsFirstOffsetAndNotStoredAgain) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self);
    EXPECT_EQ(top.append(self, *partition, numbered(0, {"a", "b", "c"})).base_offset, Offset{0});
    EXPECT_EQ(top.append(self, *partition, numbered(3)).base_offset, Offset{3});
    const AppendOutcome repeat = top.append(self, *partition, numbered(0, {"a", "b", "c"}));
    EXPECT_EQ(repeat.error, 0);
    EXPECT_EQ(repeat.base_offset, Offset{0});
    EXPECT_EQ(repeat.log_append_time, WallTime{1000}) << "Kafka tells the stored batch's time";
    EXPECT_EQ(partition->replica()->log_end_offset(), Offset{4});
    EXPECT_TRUE(top.observer.all<observe::ProduceAcknowledged>().back().duplicate);
  });
}

TEST(PartitionAppend, BatchesOfOneGroupAreJudgedInOrderAgainstEachOther) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self);
    auto first = top.submit(*partition, numbered(0));
    auto repeat = top.submit(*partition, numbered(0));
    auto gap = top.submit(*partition, numbered(2));
    auto next = top.submit(*partition, numbered(1));
    EXPECT_EQ(first->await(self).base_offset, Offset{0});
    EXPECT_EQ(repeat->await(self).base_offset, Offset{0});
    EXPECT_EQ(gap->await(self).error, 45);
    EXPECT_EQ(next->await(self).base_offset, Offset{1});
    EXPECT_EQ(top.disk.orders.writes, 1);
  });
}

// A2, KAFKA-6683: the table may not know what the log does not hold.
TEST(PartitionAppend, AFailedWriteLeavesNoTraceAndTheRetryIsNew) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self);
    ASSERT_EQ(top.append(self, *partition, numbered(0)).error, 0);
    top.disk.orders.writes_to_fail = 1;
    top.disk.orders.write_error = Errc::no_space;
    auto lost = top.submit(*partition, numbered(1));
    auto repeat = top.submit(*partition, numbered(1));
    EXPECT_EQ(lost->await(self).error, kStorageError);
    EXPECT_EQ(repeat->await(self).error, kStorageError) << "a duplicate of what was not written";
    EXPECT_EQ(partition->replica()->high_watermark(), Offset{1});
    EXPECT_EQ(partition->producers().find(kProducer)->last_sequence(), Sequence{0});

    const AppendOutcome retry = top.append(self, *partition, numbered(1));
    EXPECT_EQ(retry.error, 0) << "a full disk is an error to the writer and not a death";
    EXPECT_EQ(retry.base_offset, Offset{1});
  });
}

// What was written of a group is cut off again, and the cut itself finds no space to forget the group's epoch.
TEST(PartitionAppend, ALogThatCouldNotUndoAGroupForWantOfSpaceIsOpenedAgainWhenThereIsSome) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    config::TopicConfig config;
    config.segment_bytes = 300;
    const auto partition = top.partition(self, config);
    ASSERT_EQ(top.append(self, *partition, numbered(0)).error, 0);
    partition->apply(test::leads_alone(LeaderEpoch{1}));
    ASSERT_TRUE(partition->settled(self));
    top.disk.orders.no_space_for_files = true;
    auto written = top.submit(*partition, numbered(1, {std::string(100, 'x')}));
    auto rolled = top.submit(*partition, numbered(2, {std::string(200, 'x')}));
    EXPECT_EQ(written->await(self).error, kStorageError);
    EXPECT_EQ(rolled->await(self).error, kStorageError);
    EXPECT_TRUE(partition->figures().is_offline);
    env::sleep_for(self, shard.clock, Milliseconds(2000));
    EXPECT_EQ(top.append(self, *partition, numbered(1)).error, kStorageError);

    top.disk.orders.no_space_for_files = false;
    env::sleep_for(self, shard.clock, Milliseconds(2000));
    EXPECT_EQ(partition->replica()->high_watermark(), Offset{1}) << "what was committed is so still";
    const AppendOutcome again = top.append(self, *partition, numbered(1));
    EXPECT_EQ(again.error, 0);
    EXPECT_EQ(again.base_offset, Offset{1});
    EXPECT_EQ(again.leader_epoch, LeaderEpoch{1});
    EXPECT_EQ(top.append(self, *partition, numbered(0)).base_offset, Offset{0}) << "its producers are known";
  });
}

TEST(PartitionAppend, ADuplicateOfAnEarlierGroupSurvivesAFailedWrite) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self);
    ASSERT_EQ(top.append(self, *partition, numbered(0)).error, 0);
    top.disk.orders.writes_to_fail = 1;
    top.disk.orders.write_error = Errc::no_space;
    auto repeat = top.submit(*partition, numbered(0));
    auto lost = top.submit(*partition, numbered(1));
    EXPECT_EQ(repeat->await(self).error, 0);
    EXPECT_EQ(lost->await(self).error, kStorageError);
  });
}

// A3: with flush.messages=1 neither the acknowledgement nor a reader comes before the flush.
TEST(PartitionAppend, NothingIsAcknowledgedOrVisibleBeforeItsFlush) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self, flushed());
    top.disk.orders.flushes_hang = true;
    auto all = top.submit(*partition, numbered(0), -1);
    auto one = top.submit(*partition, {.values = {"y"}}, 1);
    env::sleep_for(self, shard.clock, Milliseconds(100));
    EXPECT_FALSE(all->is_set());
    EXPECT_FALSE(one->is_set());
    EXPECT_EQ(partition->replica()->high_watermark(), Offset{0});
    EXPECT_TRUE(top.read(self, *partition, 0).records.empty());

    auto repeat = top.submit(*partition, numbered(0), -1);
    env::sleep_for(self, shard.clock, Milliseconds(100));
    EXPECT_FALSE(repeat->is_set()) << "a duplicate waits for the original (A4)";

    top.disk.orders.let_go();
    EXPECT_EQ(all->await(self).error, 0);
    EXPECT_EQ(one->await(self).error, 0);
    EXPECT_EQ(repeat->await(self).base_offset, Offset{0});
    EXPECT_FALSE(top.read(self, *partition, 0).records.empty());
  });
}

TEST(PartitionAppend, OneFlushServesAllThatWait) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self, flushed());
    const int before = top.disk.orders.flushes;
    std::vector<std::shared_ptr<env::Promise<AppendOutcome>>> waiting;
    for (int i = 0; i < 20; ++i) waiting.push_back(top.submit(*partition, {.values = {"x"}}));
    for (const auto& promise : waiting) EXPECT_EQ(promise->await(self).error, 0);
    EXPECT_EQ(top.disk.orders.flushes, before + 1);
  });
}

TEST(PartitionAppend, FlushMessagesCountsRecordsAndTheOneThatReachesItWaits) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self, flushed(3));
    top.append(self, *partition, {.values = {"a", "b"}});
    EXPECT_EQ(partition->checkpoint_line()->recovery_point, Offset{0});
    EXPECT_EQ(partition->replica()->high_watermark(), Offset{2}) << "visible when written";
    top.append(self, *partition, {.values = {"c"}});
    EXPECT_EQ(partition->checkpoint_line()->recovery_point, Offset{3});
  });
}

// A5: fsyncgate. After a failed flush nothing in this directory may be trusted or acknowledged.
TEST(PartitionAppend, AFailedFlushInTheLastDirectoryHaltsTheNode) {
  bool has_begun = false;
  bool goes_on = false;
  sim::run_fiber([&](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self, flushed());
    top.disk.orders.flushes_to_fail = 1;
    top.submit(*partition, numbered(0));
    has_begun = true;
    env::sleep_for(self, shard.clock, Milliseconds(100));
    goes_on = true;
  });
  EXPECT_TRUE(has_begun);
  EXPECT_FALSE(goes_on);
}

TEST(PartitionAppend, AFailedFlushIsAnsweredAndNothingIsAcknowledgedAfterwards) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    Directories two(top.shards, top.observer, top.log);
    ASSERT_TRUE(two.open(self, top.shard, {"first", "second"}, 2));
    PartitionTable table(PartitionSeat{top.shard, two, top.observer, top.log, top.codec, top.settings});
    const auto partition = table.create(test::kOrders, flushed());
    partition->apply(test::leads_alone(LeaderEpoch{0}));
    ASSERT_EQ(top.append(self, *partition, numbered(0)).error, 0);
    top.disk.orders.flushes_to_fail = 1;
    auto lost = top.submit(*partition, numbered(1));
    auto repeat = top.submit(*partition, numbered(0));
    EXPECT_EQ(lost->await(self).error, kStorageError);
    EXPECT_EQ(repeat->await(self).error, kStorageError) << "even what was right may not be told by this disk";
    EXPECT_EQ(top.append(self, *partition, numbered(1)).error, kStorageError);
    EXPECT_EQ(top.read(self, *partition, 0).error, PartitionError::storage_error);
    ASSERT_EQ(top.observer.all<observe::LogDirectoryFailed>().size(), 1U);
    EXPECT_EQ(top.observer.all<observe::LogDirectoryFailed>()[0].directory, "first");
    EXPECT_TRUE(two.is_online(1)) << "the other directory serves on";
  });
}

TEST(PartitionAppend, LogAppendTimeIsTheBrokersClockInBatchAndAnswer) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    config::TopicConfig config;
    config.message_timestamp_type = config::TimestampType::log_append_time;
    const auto partition = top.partition(self, config);
    const WallTime now = shard.clock.wall_now();
    const AppendOutcome outcome = top.append(self, *partition, {.values = {"a"}, .timestamp_ms = 5});
    EXPECT_GE(outcome.log_append_time, now);
    const ReadOutcome read = top.read(self, *partition, 0);
    const auto batch = record::BatchView::parse(read.records).value();
    EXPECT_EQ(batch.max_timestamp(), outcome.log_append_time);
    EXPECT_TRUE(batch.crc_is_right());
  });
}

TEST(PartitionAppend, BadBatchesAreRefusedWithKafkasCodeAndLogStart) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self);
    const auto outcome_of = [&](const std::shared_ptr<ByteBuffer>& bytes) {
      auto promise = std::make_shared<env::Promise<AppendOutcome>>();
      partition->submit({.records = *bytes, .owner = bytes},
                        [promise](AppendOutcome outcome) { promise->set(std::move(outcome)); });
      return promise->await(self);
    };
    const auto damaged = test::batch_of({.values = {"a"}});
    damaged->back() ^= std::byte{1};
    EXPECT_EQ(outcome_of(damaged).error, 2);
    EXPECT_EQ(outcome_of(damaged).log_start_offset, kNoOffset);

    const auto none = std::make_shared<ByteBuffer>();
    EXPECT_EQ(outcome_of(none).error, 87);
    EXPECT_EQ(outcome_of(none).log_start_offset, kNoOffset) << "a fault of the request";

    const auto two = test::batch_of({.values = {"a"}});
    append_bytes(*two, *test::batch_of({.values = {"b"}}));
    EXPECT_EQ(outcome_of(two).error, 87);
    EXPECT_EQ(outcome_of(two).log_start_offset, kNoOffset);
    EXPECT_EQ(partition->replica()->log_end_offset(), Offset{0});
    EXPECT_EQ(partition->figures().traffic.batches_refused, 6U);
  });
}

TEST(PartitionAppend, ARollKeepsASnapshotOfTheTableAsItWasThere) {
  const auto disk = std::make_shared<sim::DiskImage>();
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    config::TopicConfig config;
    config.segment_bytes = 300;
    const auto partition = top.partition(self, config);
    for (int i = 0; i < 10; ++i) ASSERT_EQ(top.append(self, *partition, numbered(i, {std::string(60, 'x')})).error, 0);
    int snapshots = 0;
    const auto names = shard.disk.list(self, "data/orders-0").value();
    for (const std::string& name : names) snapshots += name.ends_with(".snapshot") ? 1 : 0;
    EXPECT_GT(snapshots, 0);
    EXPECT_EQ(partition->producers().find(kProducer)->last_sequence(), Sequence{9});
  });
}

}  // namespace
}  // namespace gregor::partition
