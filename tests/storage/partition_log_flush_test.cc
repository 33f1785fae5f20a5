// Durability: flushed_end() is a claim about the disk, and after a failed flush there is none to make (fsyncgate).
#include <gtest/gtest.h>

#include "storage/partition_log.h"
#include "storage/segment_index.h"
#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

TEST(PartitionLogFlush, WhatIsFlushedSurvivesPowerLoss) {
  LogHome home;
  const ByteBuffer batch = make_batch({.base_offset = 0, .leader_epoch = 2});
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    ASSERT_TRUE(log->append(self, batch));
    ASSERT_TRUE(log->flush(self));
    EXPECT_EQ(log->flushed_end(), Offset{1});
    home.fill(self, *log, {{.base_offset = 1}});
    EXPECT_EQ(log->flushed_end(), Offset{1});
  });
  EXPECT_EQ(home.image->durable_content_of(LogHome::kFolder + "/00000000000000000000.log"), batch);
  EXPECT_TRUE(home.image->durable_content_of(LogHome::kFolder + "/leader-epoch-checkpoint"));
  const auto told = home.events.of<observe::LogFlushed>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].offset, Offset{1});
}

TEST(PartitionLogFlush, OneFlushServesAllThatWaited) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    FaultyDisk disk(shard.disk);
    auto log = home.open(self, shard, {}, &disk).value();
    home.fill(self, *log, {{.base_offset = 0}});
    const int before = disk.orders.flushes;
    disk.orders.flushes_hang = true;
    int done = 0;
    const auto flush = [&](env::Fiber& other) {
      EXPECT_TRUE(log->flush(other, Offset{1}));
      ++done;
    };
    for (int i = 0; i < 3; ++i) shard.fibers.spawn("flush", flush);
    self.yield();
    disk.orders.let_go();
    while (done < 3) self.yield();
    EXPECT_EQ(disk.orders.flushes, before + 1);
  });
}

TEST(PartitionLogFlush, NothingIsClaimedWhileTheDiskWorks) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    FaultyDisk disk(shard.disk);
    auto log = home.open(self, shard, {}, &disk).value();
    home.fill(self, *log, {{.base_offset = 0}});
    disk.orders.flushes_hang = true;
    bool is_done = false;
    shard.fibers.spawn("flush", [&](env::Fiber& other) {
      EXPECT_TRUE(log->flush(other));
      is_done = true;
    });
    for (int i = 0; i < 10; ++i) self.yield();
    home.fill(self, *log, {{.base_offset = 1}});
    EXPECT_EQ(log->flushed_end(), Offset{0});
    disk.orders.let_go();
    while (!is_done) self.yield();
    EXPECT_EQ(log->flushed_end(), Offset{1}) << "what came while the flush ran is not covered by it";
  });
}

TEST(PartitionLogFlush, AFailedFlushIsNotForgotten) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    FaultyDisk disk(shard.disk);
    auto log = home.open(self, shard, {}, &disk).value();
    home.fill(self, *log, {{.base_offset = 0}});
    disk.orders.flushes_to_fail = 1;
    EXPECT_EQ(log->flush(self).error().code, Errc::io);
    EXPECT_EQ(log->flushed_end(), Offset{0});
    EXPECT_EQ(log->flush(self).error().code, Errc::io) << "a second fsync that succeeds proves nothing";
    EXPECT_EQ(log->append(self, make_batch({.base_offset = 1})).error().code, Errc::io);
  });
}

TEST(PartitionLogFlush, AnAppendThatRanBesideAFailedFlushIsNotAcknowledged) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    FaultyDisk disk(shard.disk);
    auto log = home.open(self, shard, {}, &disk).value();
    home.fill(self, *log, {{.base_offset = 0}});
    disk.orders.flushes_to_fail = 1;
    disk.orders.flushes_hang = true;
    shard.fibers.spawn("flush", [&](env::Fiber& other) { EXPECT_FALSE(log->flush(other)); });
    self.yield();
    disk.orders.let_go();
    while (!log->failure()) self.yield();
    EXPECT_FALSE(log->append(self, make_batch({.base_offset = 1})));
  });
}

TEST(PartitionLogFlush, ARolledSegmentIsFlushedWithItsIndexes) {
  LogHome home;
  home.config.index_interval_bytes = 50;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0}, {.base_offset = 1}, {.base_offset = 2}});
    ASSERT_TRUE(log->roll(self));
    home.fill(self, *log, {{.base_offset = 3}});
    EXPECT_TRUE(home.content("00000000000000000000.index").empty()) << "kept in memory until then";
    ASSERT_TRUE(log->flush(self, Offset{3}));
    EXPECT_EQ(log->flushed_end(), Offset{3}) << "what was asked after a roll leaves the growing segment alone";
  });
  EXPECT_EQ(home.image->durable_content_of(LogHome::kFolder + "/00000000000000000000.index")->size(),
            2 * kOffsetEntryBytes);
}

TEST(PartitionLogFlush, ACloseLeavesAFolderThatMayBeTrustedWhole) {
  LogHome home;
  home.config.segment_bytes = 200;
  home.config.index_interval_bytes = 50;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    for (int i = 0; i < 9; ++i) home.fill(self, *log, {{.base_offset = i}});
    ASSERT_TRUE(log->close(self));
    EXPECT_EQ(log->append(self, make_batch({.base_offset = 9})).error().code, Errc::closed);
    EXPECT_EQ(log->read(self, Offset{0}, {}).error().code, Errc::closed);
    EXPECT_EQ(log->close(self).error().code, Errc::closed);
  });
  const std::uint64_t shown = home.image->checksum();
  RandomStream stream(7);
  home.image->lose_power(stream);
  EXPECT_EQ(home.image->checksum(), shown) << "a power loss right after changes nothing";
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard, {.clean_shutdown = true}).value();
    EXPECT_EQ(log->log_end(), Offset{9});
    EXPECT_EQ(log->recovered_bytes_truncated(), 0U);
    ASSERT_TRUE(log->close(self));
  });
  EXPECT_EQ(home.image->checksum(), shown) << "nor does a life without writes";
}

TEST(PartitionLogFlush, AnIndexThatFindsNoSpaceIsWrittenLater) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    FaultyDisk disk(shard.disk);
    auto log = home.open(self, shard, {}, &disk).value();
    home.fill(self, *log, {{.base_offset = 0}});
    ASSERT_TRUE(log->roll(self));
    home.fill(self, *log, {{.base_offset = 1}});
    disk.orders.no_space_for_indexes = true;
    ASSERT_TRUE(log->flush(self)) << "the batches are on the disk";
    EXPECT_EQ(log->flushed_end(), Offset{2});
    EXPECT_FALSE(log->failure());
    EXPECT_TRUE(home.content("00000000000000000000.timeindex").empty());
    disk.orders.no_space_for_indexes = false;
    ASSERT_TRUE(log->close(self));
  });
  EXPECT_EQ(home.content("00000000000000000000.timeindex").size(), kTimeEntryBytes);
  EXPECT_EQ(home.content("00000000000000000001.timeindex").size(), kTimeEntryBytes);
}

}  // namespace
}  // namespace gregor::storage
