// The cleaner of a shard: takes what is due, keeps what must stay, and ends when it is told.
#include "partition/cleaner.h"

#include <gtest/gtest.h>

#include <map>

#include "record/record_view.h"
#include "tests/partition/support/bench_top.h"

namespace gregor::partition {
namespace {

config::TopicConfig compacted() {
  config::TopicConfig config;
  config.cleanup_policy_compact = true;
  config.cleanup_policy_delete = false;
  config.internal_segment_bytes = 400;
  return config;
}

std::shared_ptr<ByteBuffer> keyed(const std::string& key, const std::string& value, std::int64_t timestamp_ms,
                                  const record::BatchSettings& settings = {}) {
  record::BatchBuilder builder(settings);
  builder.add(WallTime{timestamp_ms}, bytes_of(key), bytes_of(value));
  record::CodecScratch scratch;
  return std::make_shared<ByteBuffer>(builder.encode(scratch).value());
}

void put(env::Fiber& self, Partition& partition, const std::string& key, const std::string& value,
         std::int64_t timestamp_ms = 1000, const record::BatchSettings& settings = {}) {
  const auto bytes = keyed(key, value, timestamp_ms, settings);
  env::Promise<AppendOutcome> promise;
  partition.submit({.records = *bytes, .owner = bytes, .produce_version = 13, .acks = -1},
                   [&promise](AppendOutcome outcome) { promise.set(std::move(outcome)); });
  EXPECT_EQ(promise.await(self).error, 0);
}

std::vector<std::string> values(env::Fiber& self, Partition& partition) {
  std::vector<std::string> found;
  record::CodecScratch scratch;
  for (Offset from{0};;) {
    const ReadOutcome read = partition.read(self, {.offset = from, .bytes_max = 1 << 20});
    EXPECT_EQ(read.error, PartitionError::none);
    if (read.records.empty()) return found;
    for (Bytes rest = read.records; !rest.empty();) {
      const auto batch = record::BatchView::parse(rest).value();
      const auto plain = record::PlainRecords::of(batch, scratch).value();
      record::RecordIterator records(batch, plain.bytes());
      while (const auto record = records.next().value()) found.emplace_back(text_of(*record->value));
      from = batch.next_offset();
      rest = rest.subspan(batch.size());
    }
  }
}

Cleaner::Pause always() {
  return [](env::Fiber&, Milliseconds) { return true; };
}

TEST(Cleaner, CompactsWhatIsDueAndThenHasNothingToDo) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    test::BenchTop top(self, shard);
    const auto partition = top.partition(self, compacted());
    for (int i = 0; i < 40; ++i) put(self, *partition, "k" + std::to_string(i % 2), std::to_string(i));
    Cleaner cleaner(top.table, shard.clock, always());
    EXPECT_TRUE(cleaner.clean_one(self, {}));
    EXPECT_FALSE(cleaner.clean_one(self, {})) << "what was cleaned is clean";
    const auto left = values(self, *partition);
    EXPECT_LT(left.size(), 10U);
    EXPECT_EQ(left.back(), "39");
    ASSERT_TRUE(partition->checkpoint_line());
    EXPECT_GT(partition->checkpoint_line()->cleaned_up_to.value(), Offset{30});
    for (int i = 40; i < 80; ++i) put(self, *partition, "k" + std::to_string(i % 2), std::to_string(i));
    EXPECT_TRUE(cleaner.clean_one(self, {})) << "and there is more to do later";
    EXPECT_EQ(values(self, *partition).back(), "79");
  });
}

// What a marker or an old batch said of a producer must be on the disk elsewhere before it goes.
TEST(Cleaner, WaitsForTheSnapshotOfARollWhereProducersAreKnown) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    test::BenchTop top(self, shard);
    const auto partition = top.partition(self, compacted());
    const auto put_some = [&](int from, int to) {
      for (int i = from; i < to; ++i) {
        put(self, *partition, "k", std::to_string(i), shard.clock.wall_now().ms,
            {.producer_id = ProducerId{9}, .producer_epoch = ProducerEpoch{0}, .base_sequence = Sequence{i}});
      }
    };
    put_some(0, 20);
    const auto names = top.disk.list(self, "data/orders-0").value();
    for (const auto& name : names) {
      if (!name.ends_with(".snapshot")) continue;
      EXPECT_TRUE(top.disk.unlink(self, "data/orders-0/" + name));
    }
    Cleaner cleaner(top.table, shard.clock, always());
    EXPECT_FALSE(cleaner.clean_one(self, {}));
    EXPECT_EQ(values(self, *partition).size(), 20U);
    put_some(20, 40);
    EXPECT_TRUE(cleaner.clean_one(self, {})) << "the roll between wrote one";
  });
}

TEST(Cleaner, LeavesTopicsAloneThatAreNotCompacted) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    test::BenchTop top(self, shard);
    config::TopicConfig config = compacted();
    config.cleanup_policy_compact = false;
    config.cleanup_policy_delete = true;
    const auto partition = top.partition(self, config);
    for (int i = 0; i < 40; ++i) put(self, *partition, "k", std::to_string(i));
    Cleaner cleaner(top.table, shard.clock, always());
    EXPECT_FALSE(cleaner.clean_one(self, {}));
    EXPECT_EQ(values(self, *partition).size(), 40U);
  });
}

// A crash before the cleaner's checkpoint, and a policy that is "delete" by then: the gaps are no damage.
TEST(Cleaner, WhatIsLeftOfACompactedLogOpensUnderEveryPolicy) {
  const auto disk = std::make_shared<sim::DiskImage>();
  std::vector<std::string> left;
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    test::BenchTop top(self, shard);
    const auto partition = top.partition(self, compacted());
    for (int i = 0; i < 40; ++i) put(self, *partition, "k" + std::to_string(i % 2), std::to_string(i));
    Cleaner cleaner(top.table, shard.clock, always());
    ASSERT_TRUE(cleaner.clean_one(self, {}));
    left = values(self, *partition);
  });
  sim::run_fiber({.seed = 2, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    config::TopicConfig config = compacted();
    config.cleanup_policy_compact = false;
    config.cleanup_policy_delete = true;
    test::BenchTop top(self, shard);
    EXPECT_EQ(values(self, *top.partition(self, config)), left);
  });
}

TEST(Cleaner, TheCheckpointIsRememberedInTheNextLife) {
  const auto disk = std::make_shared<sim::DiskImage>();
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    test::BenchTop top(self, shard);
    const auto partition = top.partition(self, compacted());
    for (int i = 0; i < 40; ++i) put(self, *partition, "k", std::to_string(i));
    Cleaner cleaner(top.table, shard.clock, always());
    ASSERT_TRUE(cleaner.clean_one(self, {}));
    ASSERT_TRUE(top.directories.checkpoint(self, top.shard, top.table.checkpoint_lines()));
    ASSERT_TRUE(top.table.close_all(self));
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    test::BenchTop top(self, shard);
    const auto partition = top.partition(self, compacted(), LeaderEpoch{1});
    Cleaner cleaner(top.table, shard.clock, always());
    EXPECT_FALSE(cleaner.clean_one(self, {}));
    EXPECT_EQ(values(self, *partition).back(), "39");
  });
}

TEST(Cleaner, EndsInTheMiddleWhenItIsTold) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    test::BenchTop top(self, shard);
    config::TopicConfig config = compacted();
    config.internal_segment_bytes = 400'000;
    const auto partition = top.partition(self, config);
    for (int i = 0; i < 8; ++i) put(self, *partition, "k", std::string(300'000, 'x'));
    Cleaner cleaner(top.table, shard.clock, [](env::Fiber&, Milliseconds) { return false; });
    EXPECT_FALSE(cleaner.clean_one(self, {.read_bytes_per_second = 1000})) << "it owes pauses for what it reads";
    EXPECT_EQ(values(self, *partition).size(), 8U);
  });
}

// Kafka lets the segment that grows go too, and begins another one (LogManager, retention by time).
TEST(Retain, AllOfALogGoesWhenAllOfItIsOld) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    test::BenchTop top(self, shard);
    config::TopicConfig config;
    config.retention_ms = 10;
    config.file_delete_delay_ms = 60'000;
    const auto partition = top.partition(self, config);
    put(self, *partition, "k", "v", shard.clock.wall_now().ms - 1000);
    partition->maintain(self);
    ASSERT_TRUE(partition->checkpoint_line());
    EXPECT_EQ(partition->checkpoint_line()->log_start, Offset{1});
    const auto put_aside = [&] {
      int count = 0;
      const auto names = shard.disk.list(self, "data/orders-0").value();
      for (const auto& name : names) count += name.ends_with(".deleted") ? 1 : 0;
      return count;
    };
    EXPECT_GT(put_aside(), 0) << "file.delete.delay.ms has not passed";
    env::sleep_for(self, shard.clock, Milliseconds(60'001));
    partition->maintain(self);
    EXPECT_EQ(put_aside(), 0);
    put(self, *partition, "k", "w", shard.clock.wall_now().ms);
    EXPECT_EQ(partition->checkpoint_line()->high_watermark, Offset{2}) << "and goes on";
  });
}

}  // namespace
}  // namespace gregor::partition
