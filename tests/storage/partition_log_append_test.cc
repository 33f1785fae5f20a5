// The way into a log: all of a call or nothing of it, rolled by Kafka's rule before each group.
#include <gtest/gtest.h>

#include "storage/partition_log.h"
#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

std::vector<Offset> bases(const PartitionLog& log) {
  std::vector<Offset> found;
  for (const auto& segment : log.segments()) found.push_back(segment.base_offset);
  return found;
}

TEST(PartitionLogAppend, BatchesStandInTheFileAsTheyCame) {
  LogHome home;
  const ByteBuffer first = make_batch({.base_offset = 0, .records = 3});
  const ByteBuffer second = make_batch({.base_offset = 3});
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    const std::vector<Bytes> groups{first, second};
    const auto result = log->append(self, groups).value();
    EXPECT_EQ(result.base_offset, Offset{0});
    EXPECT_EQ(result.last_offset, Offset{3});
    EXPECT_TRUE(result.rolled_at.empty());
    EXPECT_EQ(log->log_end(), Offset{4});
    EXPECT_EQ(log->flushed_end(), Offset{0}) << "written is not flushed";
  });
  ByteBuffer both = first;
  append_bytes(both, second);
  EXPECT_EQ(home.content("00000000000000000000.log"), both);
}

TEST(PartitionLogAppend, EachBatchIsTold) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0, .records = 2, .leader_epoch = 4}, {.base_offset = 2, .leader_epoch = 4}});
  });
  const auto told = home.events.of<observe::BatchAppended>();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].last, Offset{1});
  EXPECT_EQ(told[1].base, Offset{2});
  EXPECT_EQ(told[1].epoch, LeaderEpoch{4});
}

TEST(PartitionLogAppend, ASegmentIsFullWhenTheNextGroupDoesNotFit) {
  LogHome home;
  const auto size = static_cast<std::int64_t>(make_batch({}).size());
  home.config.segment_bytes = 2 * size;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0}, {.base_offset = 1}});
    const auto result = log->append(self, make_batch({.base_offset = 2})).value();
    EXPECT_EQ(result.rolled_at, std::vector{Offset{2}});
    EXPECT_EQ(bases(*log), (std::vector{Offset{0}, Offset{2}}));
  });
}

TEST(PartitionLogAppend, ManyGroupsAtOnceRollWhereOneByOneTheyWould) {
  LogHome home;
  home.config.segment_bytes = 2 * static_cast<std::int64_t>(make_batch({}).size());
  std::vector<ByteBuffer> batches;
  for (int i = 0; i < 5; ++i) batches.push_back(make_batch({.base_offset = i}));
  const std::vector<Bytes> groups(batches.begin(), batches.end());
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    EXPECT_EQ(log->append(self, groups).value().rolled_at, (std::vector{Offset{2}, Offset{4}}));
    EXPECT_EQ(read_everything(self, *log).value().size(), 5 * batches[0].size());
  });
}

TEST(PartitionLogAppend, ASegmentIsFullWhenItsBatchesSpanTooMuchTime) {
  LogHome home;
  home.config.segment_ms = 1000;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0, .timestamp_ms = 5000}, {.base_offset = 1, .timestamp_ms = 6000}});
    EXPECT_EQ(bases(*log), std::vector{Offset{0}});
    home.fill(self, *log, {{.base_offset = 2, .timestamp_ms = 6001}, {.base_offset = 3, .timestamp_ms = 3000}});
    EXPECT_EQ(bases(*log), (std::vector{Offset{0}, Offset{2}})) << "counted from the first batch of the segment";
  });
}

TEST(PartitionLogAppend, TheTimeOfASegmentSurvivesARestart) {
  for (const bool is_clean : {true, false}) {
    LogHome home;
    home.config.segment_ms = 1000;
    home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = home.open(self, shard).value();
      home.fill(self, *log, {{.base_offset = 0, .timestamp_ms = 5000}, {.base_offset = 1, .timestamp_ms = 5900}});
      ASSERT_TRUE(log->close(self));
    });
    home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = home.open(self, shard, {.clean_shutdown = is_clean}).value();
      const auto result = log->append(self, make_batch({.base_offset = 2, .timestamp_ms = 6001})).value();
      EXPECT_EQ(result.rolled_at.size(), 1U) << is_clean;
    });
  }
}

// KAFKA-6388: an idle partition must not get a second segment of the same name.
TEST(PartitionLogAppend, AnEmptySegmentIsNotRolled) {
  LogHome home;
  home.config.segment_index_bytes = 0;  // always full
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    ASSERT_TRUE(log->roll(self));
    EXPECT_TRUE(log->append(self, make_batch({.base_offset = 0})).value().rolled_at.empty());
    EXPECT_EQ(bases(*log), std::vector{Offset{0}});
  });
}

TEST(PartitionLogAppend, ARollBeginsWhereTheLogEnds) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0, .records = 5}});
    ASSERT_TRUE(log->roll(self));
    EXPECT_EQ(bases(*log), (std::vector{Offset{0}, Offset{5}}));
    EXPECT_EQ(log->segments()[0].end_offset, Offset{5});
  });
  EXPECT_EQ(home.content("00000000000000000005.log"), ByteBuffer{});
}

TEST(PartitionLogAppend, AGroupLargerThanASegmentIsRefusedBeforeAnythingIsWritten) {
  LogHome home;
  home.config.segment_bytes = 100;
  const ByteBuffer small = make_batch({.base_offset = 0});
  const ByteBuffer large = make_batch({.base_offset = 1, .value_bytes = 200});
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    const std::vector<Bytes> groups{small, large};
    EXPECT_EQ(log->append(self, groups).error().code, Errc::limit);
    EXPECT_EQ(log->log_end(), Offset{0});
  });
  EXPECT_TRUE(home.content("00000000000000000000.log").empty());
}

TEST(PartitionLogAppend, OffsetsMustGoOn) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0, .records = 3}});
    EXPECT_EQ(log->append(self, make_batch({.base_offset = 2})).error().code, Errc::invalid);
    EXPECT_TRUE(log->append(self, make_batch({.base_offset = 7}))) << "a gap is the caller's to decide";
    EXPECT_EQ(log->log_end(), Offset{8});
  });
}

TEST(PartitionLogAppend, AFullDiskIsAnErrorAndTheLogGoesOn) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    FaultyDisk disk(shard.disk);
    auto log = home.open(self, shard, {}, &disk).value();
    home.fill(self, *log, {{.base_offset = 0}});
    disk.orders.writes_to_fail = 1;
    disk.orders.write_error = Errc::no_space;
    EXPECT_EQ(log->append(self, make_batch({.base_offset = 1, .timestamp_ms = 7777})).error().code, Errc::no_space);
    EXPECT_EQ(log->log_end(), Offset{1});
    EXPECT_FALSE(log->failure());
    home.fill(self, *log, {{.base_offset = 1}});
    EXPECT_EQ(read_everything(self, *log).value().size(), 2 * make_batch({}).size());
  });
}

TEST(PartitionLogAppend, WhatWasWrittenBeforeAFailureInTheSameCallIsUndone) {
  LogHome home;
  home.config.segment_bytes = static_cast<std::int64_t>(make_batch({}).size());
  std::vector<ByteBuffer> batches;
  for (int i = 0; i < 3; ++i) batches.push_back(make_batch({.base_offset = i, .leader_epoch = i}));
  const std::vector<Bytes> groups(batches.begin(), batches.end());
  home.run([&](env::Fiber& self, env::Shard& shard) {
    FaultyDisk disk(shard.disk);
    auto log = home.open(self, shard, {}, &disk).value();
    disk.orders.writes_before_failing = 2;
    disk.orders.writes_to_fail = 1;
    disk.orders.write_error = Errc::no_space;
    EXPECT_EQ(log->append(self, groups).error().code, Errc::no_space);
    EXPECT_EQ(log->log_end(), Offset{0});
    EXPECT_TRUE(log->leader_epochs().entries().empty());
    EXPECT_TRUE(log->append(self, groups)) << "and may be tried again";
  });
}

// P3: after a failed write that is not about space nobody knows what the file holds.
TEST(PartitionLogAppend, AFailedWriteEndsTheLogUntilItIsOpenedAnew) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    FaultyDisk disk(shard.disk);
    auto log = home.open(self, shard, {}, &disk).value();
    home.fill(self, *log, {{.base_offset = 0}});
    disk.orders.writes_to_fail = 1;
    EXPECT_EQ(log->append(self, make_batch({.base_offset = 1})).error().code, Errc::io);
    EXPECT_TRUE(log->failure());
    EXPECT_EQ(log->append(self, make_batch({.base_offset = 1})).error().code, Errc::io);
    EXPECT_EQ(log->flush(self).error().code, Errc::io);
    EXPECT_EQ(log->read(self, Offset{0}, {}).error().code, Errc::io);
    EXPECT_EQ(log->close(self).error().code, Errc::io);
  });
  home.run(
      [&](env::Fiber& self, env::Shard& shard) { EXPECT_EQ(home.open(self, shard).value()->log_end(), Offset{1}); });
}

TEST(PartitionLogAppend, AnEpochBeginsWithItsFirstBatch) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log,
              {{.base_offset = 0, .leader_epoch = 1},
               {.base_offset = 1, .leader_epoch = 1},
               {.base_offset = 2, .leader_epoch = 5}});
    EXPECT_EQ(log->leader_epochs().entries(),
              (std::vector{EpochEntry{LeaderEpoch{1}, Offset{0}}, EpochEntry{LeaderEpoch{5}, Offset{2}}}));
  });
  EXPECT_EQ(text_of(home.content("leader-epoch-checkpoint")), "0\n2\n1 0\n5 2\n");
}

}  // namespace
}  // namespace gregor::storage
