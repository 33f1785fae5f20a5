// Cutting a log: at the end for replicas that diverged, at the start for retention. What was cut never comes back, and
// the recovery point never vouches for bytes that were written after the cut.
#include <gtest/gtest.h>

#include "storage/log_directory.h"
#include "storage/partition_log.h"
#include "storage/segment_name.h"
#include "tests/storage/support/log_home.h"
#include "tests/storage/support/stopping_disk.h"

namespace gregor::storage {
namespace {

/// Ten batches of two records, three batches a segment: bases 0, 6, 12, 18.
struct TenBatches {
  LogHome home;
  std::vector<ByteBuffer> batches;

  TenBatches() {
    for (int i = 0; i < 10; ++i) {
      batches.push_back(
          make_batch({.base_offset = i * 2, .records = 2, .timestamp_ms = 1000 + i, .leader_epoch = i / 4}));
    }
    home.config = {.segment_bytes = static_cast<std::int64_t>(3 * batches[0].size()), .index_interval_bytes = 50};
  }
  std::unique_ptr<PartitionLog> open(env::Fiber& self, env::Shard& shard, env::Disk* disk = nullptr) {
    auto log = home.open(self, shard, {}, disk).value();
    for (const ByteBuffer& batch : batches) EXPECT_TRUE(log->append(self, batch));
    return log;
  }
  [[nodiscard]] ByteBuffer first(std::size_t count) const {
    ByteBuffer bytes;
    for (std::size_t i = 0; i < count; ++i) append_bytes(bytes, batches[i]);
    return bytes;
  }
};

TEST(PartitionLogCut, ACutAtAnyOffsetLeavesTheWholeBatchesBelowIt) {
  for (std::int64_t to = 0; to <= 20; ++to) {
    TenBatches ten;
    ten.home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = ten.open(self, shard);
      const Offset end = log->truncate_to(self, Offset{to}).value();
      EXPECT_EQ(end, Offset{to / 2 * 2}) << to;
      EXPECT_EQ(log->log_end(), end);
      EXPECT_EQ(read_everything(self, *log).value(), ten.first(static_cast<std::size_t>(to) / 2));
      EXPECT_TRUE(log->append(self, make_batch({.base_offset = end.value(), .leader_epoch = 9})))
          << "and goes on there";
    });
  }
}

TEST(PartitionLogCut, ACutAtOrBeyondTheEndChangesNothing) {
  TenBatches ten;
  ten.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = ten.open(self, shard);
    EXPECT_EQ(log->truncate_to(self, Offset{50}).value(), Offset{20});
    EXPECT_EQ(read_everything(self, *log).value(), ten.first(10));
  });
}

TEST(PartitionLogCut, NoPowerLossBringsBackWhatWasCut) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    TenBatches ten;
    ten.home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = ten.open(self, shard);
      ASSERT_TRUE(log->flush(self));
      ASSERT_TRUE(log->truncate_to(self, Offset{8}));
      ten.home.fill(self, *log, {{.base_offset = 8, .timestamp_ms = 5, .leader_epoch = 9}});
    });
    RandomStream stream(seed);
    ten.home.image->lose_power(stream);
    ten.home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = ten.home.open(self, shard).value();
      const ByteBuffer held = read_everything(self, *log).value();
      ByteBuffer with_new = ten.first(4);
      append_bytes(with_new, make_batch({.base_offset = 8, .timestamp_ms = 5, .leader_epoch = 9}));
      EXPECT_TRUE(held == ten.first(4) || held == with_new) << "seed " << seed;
    });
  }
}

TEST(PartitionLogCut, EpochsAndSnapshotsAboveTheCutGo) {
  TenBatches ten;
  ten.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = ten.open(self, shard);
    for (const std::int64_t at : {6, 12, 18}) ASSERT_TRUE(log->write_producer_snapshot(self, Offset{at}, {}, false));
    ASSERT_TRUE(log->truncate_to(self, Offset{12}));
    EXPECT_EQ(log->leader_epochs().latest(), (EpochEntry{LeaderEpoch{1}, Offset{8}}));
    EXPECT_EQ(log->newest_producer_snapshot(self).value()->offset, Offset{12});
  });
  EXPECT_EQ(text_of(ten.home.content("leader-epoch-checkpoint")), "0\n2\n0 0\n1 8\n");
  EXPECT_FALSE(ten.home.has("00000000000000000018.snapshot"));
}

TEST(PartitionLogCut, FlushedEndFallsWithTheCutAndTheCutIsTold) {
  TenBatches ten;
  ten.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = ten.open(self, shard);
    ASSERT_TRUE(log->flush(self));
    ASSERT_TRUE(log->truncate_to(self, Offset{9}));
    EXPECT_EQ(log->flushed_end(), Offset{8});
  });
  const auto told = ten.home.events.of<observe::LogTruncated>();
  ASSERT_EQ(told.size(), 2U) << "as it begins, and where it ends: a batch spans the offset";
  EXPECT_EQ(told[0].to, Offset{9});
  EXPECT_EQ(told[1].to, Offset{8});
}

/// Writes the recovery points of before the cut as soon as it has heard of the cut: what a checkpoint that was under
/// way does.
struct LateCheckpoint final : RecoveryPoints {
  LogDirectory& directory;
  Offset before;
  bool is_written = false;
  LateCheckpoint(LogDirectory& of, Offset at) : directory(of), before(at) {}
  Result<void> lower(env::Fiber& self, const TopicPartition& partition, Offset to) override {
    TRY(directory.lower(self, partition, to));
    if (std::exchange(is_written, true)) return {};
    return directory.write_recovery_points(self, {{{partition.topic, partition.partition}, before}});
  }
};

TEST(PartitionLogCut, NoCheckpointVouchesForWhatWasCut) {
  TenBatches ten;
  ten.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto directory = LogDirectory::open(self, shard.disk, ten.home.log, "data").value();
    LateCheckpoint late(*directory, Offset{20});
    ASSERT_TRUE(directory->write_recovery_points(self, {{{"orders", PartitionIndex{0}}, Offset{20}}}));
    ten.home.recovery_points = &late;
    auto log = ten.open(self, shard);
    ASSERT_TRUE(log->flush(self));
    ASSERT_TRUE(log->truncate_to(self, Offset{8}));
    EXPECT_TRUE(late.is_written);
    EXPECT_EQ(directory->checkpoints_of("orders", PartitionIndex{0}).recovery_point, Offset{8});
  });
  EXPECT_EQ(text_of(ten.home.image->durable_content_of("data/recovery-point-offset-checkpoint").value()),
            "0\n1\norders 0 8\n");
}

TEST(PartitionLogCut, AFollowerStartsAnewWhereItsLeaderBegins) {
  TenBatches ten;
  ten.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = ten.open(self, shard);
    ASSERT_TRUE(log->write_producer_snapshot(self, Offset{6}, {}, false));
    ASSERT_TRUE(log->truncate_fully_and_start_at(self, Offset{100}));
    EXPECT_EQ(log->log_start(), Offset{100});
    EXPECT_EQ(log->log_end(), Offset{100});
    EXPECT_EQ(log->flushed_end(), Offset{100});
    EXPECT_TRUE(log->leader_epochs().entries().empty());
    EXPECT_FALSE(log->newest_producer_snapshot(self).value());
    EXPECT_EQ(log->size_bytes(), 0U);
    EXPECT_TRUE(log->append(self, make_batch({.base_offset = 100})));
  });
  EXPECT_FALSE(ten.home.has("00000000000000000000.log"));
  EXPECT_TRUE(ten.home.has("00000000000000000100.log"));
}

TEST(PartitionLogCut, WholeSegmentsBelowGoAndNeverTheLast) {
  TenBatches ten;
  ten.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = ten.open(self, shard);
    EXPECT_EQ(log->delete_segments_below(self, Offset{5}).value(), 0U);
    EXPECT_EQ(log->delete_segments_below(self, Offset{13}).value(), 2U);
    EXPECT_EQ(log->log_start(), Offset{12});
    EXPECT_EQ(log->leader_epochs().earliest(), (EpochEntry{LeaderEpoch{1}, Offset{12}}));
    EXPECT_EQ(log->delete_segments_below(self, Offset{20}).value(), 1U);
    EXPECT_EQ(log->segments().size(), 1U);
    EXPECT_EQ(log->log_start(), Offset{18});
  });
  EXPECT_FALSE(ten.home.has("00000000000000000012.log"));
  EXPECT_TRUE(ten.home.has("00000000000000000018.log"));
}

TEST(PartitionLogCut, TheLogStartNeverMovesBackAndFreesSegmentsOnRequest) {
  TenBatches ten;
  ten.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = ten.open(self, shard);
    log->advance_log_start(Offset{7});
    log->advance_log_start(Offset{3});
    EXPECT_EQ(log->log_start(), Offset{7});
    EXPECT_EQ(log->delete_old_segments(self).value(), 1U);
    EXPECT_EQ(log->log_start(), Offset{7}) << "not to the segment's base";
  });
  const auto told = ten.home.events.of<observe::LogStartMoved>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].to, Offset{7});
}

TEST(PartitionLogCut, NothingUnflushedIsVouchedForBeforeItIsDurablyGone) {
  bool reached_the_end = false;
  int change = 0;
  for (; !reached_the_end && change < 100; ++change) {
    TenBatches ten;
    ten.home.run([&](env::Fiber& self, env::Shard& shard) {
      StoppingDisk disk(shard.disk);
      auto log = ten.open(self, shard, &disk);
      log->advance_log_start(Offset{18});
      disk.arm(change);
      static_cast<void>(log->delete_old_segments(self).has_value());
      reached_the_end = !disk.has_stopped();
      const auto& names = ten.home.image->names().find_durable(LogHome::kFolder)->durable_names;
      for (const std::int64_t base : {12, 6, 0}) {
        if (!names.contains(file_name(Offset{base}, FileKind::log))) continue;
        EXPECT_LE(log->flushed_end(), Offset{base}) << "change " << change;
      }
      EXPECT_TRUE(!reached_the_end || log->flushed_end() == Offset{18});
    });
  }
  EXPECT_TRUE(reached_the_end);
  EXPECT_GT(change, 6);
}

TEST(PartitionLogCut, ADeletedSegmentTakesItsSnapshotAlong) {
  TenBatches ten;
  ten.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = ten.open(self, shard);
    for (const std::int64_t at : {0, 6, 12}) ASSERT_TRUE(log->write_producer_snapshot(self, Offset{at}, {}, false));
    ASSERT_TRUE(log->delete_segments_below(self, Offset{6}));
  });
  EXPECT_FALSE(ten.home.has("00000000000000000000.snapshot"));
  EXPECT_TRUE(ten.home.has("00000000000000000006.snapshot"));
}

}  // namespace
}  // namespace gregor::storage
