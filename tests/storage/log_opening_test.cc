// Recovery: from whatever a crash left to a log that can be trusted. The first batch that is not whole, right and next
// in line ends the log; nothing behind it comes back.
#include "storage/log_opening.h"

#include <gtest/gtest.h>

#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

const std::string kFirst = "00000000000000000000";
const std::string kSecond = "00000000000000000006";

/// Six batches of two records in two segments, closed cleanly.
struct TwoSegments {
  LogHome home;
  std::vector<ByteBuffer> batches;

  TwoSegments() {
    for (int i = 0; i < 6; ++i) {
      batches.push_back(make_batch({.base_offset = i * 2, .records = 2, .timestamp_ms = 1000 + i, .leader_epoch = 3}));
    }
    home.config = {.segment_bytes = static_cast<std::int64_t>(3 * batches[0].size()), .index_interval_bytes = 50};
    home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = home.open(self, shard).value();
      for (const ByteBuffer& batch : batches) EXPECT_TRUE(log->append(self, batch));
      EXPECT_TRUE(log->close(self));
    });
  }
  [[nodiscard]] std::size_t batch_bytes() const { return batches[0].size(); }

  struct Found {
    Offset start;
    Offset end;
    std::uint64_t bytes_truncated = 0;
    std::size_t segments = 0;
  };
  /// Opens it, checks that all it claims to hold reads back, and that it takes more.
  Found open(const LogCheckpoints& checkpoints = {}) {
    return home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = home.open(self, shard, checkpoints).value();
      const Found found{log->log_start(), log->log_end(), log->recovered_bytes_truncated(), log->segments().size()};
      const auto held = read_everything(self, *log);
      EXPECT_TRUE(held);
      EXPECT_EQ(log->flushed_end(), log->log_end());
      EXPECT_TRUE(log->append(self, make_batch({.base_offset = log->log_end().value(), .leader_epoch = 4})));
      return found;
    });
  }
};

TEST(LogOpening, ALogTornAtAnyByteIsCutToItsWholeBatches) {
  const TwoSegments whole;
  const ByteBuffer last = whole.home.content(kSecond + ".log");
  for (std::size_t size = 0; size <= last.size(); size += 7) {
    TwoSegments torn;
    torn.home.put(kSecond + ".log", Bytes(last).first(size));
    const auto found = torn.open();
    EXPECT_EQ(found.end, Offset{static_cast<std::int64_t>(6 + size / torn.batch_bytes() * 2)}) << size;
    EXPECT_EQ(found.bytes_truncated, size % torn.batch_bytes()) << size;
  }
}

TEST(LogOpening, AFlippedBitAnywhereInABatchEndsTheLogBeforeIt) {
  const std::size_t batch_bytes = TwoSegments().batch_bytes();
  for (std::size_t at = 0; at < batch_bytes; ++at) {
    if (at >= 12 && at < 16) continue;  // the leader epoch is the log's own and not under the CRC
    TwoSegments damaged;
    damaged.home.image->rot(LogHome::kFolder + "/" + kSecond + ".log", batch_bytes + at, 2);
    EXPECT_EQ(damaged.open().end, Offset{8}) << "byte " << at;
  }
}

TEST(LogOpening, NothingBehindDamageComesBack) {
  TwoSegments damaged;
  damaged.home.image->rot(LogHome::kFolder + "/" + kFirst + ".log", damaged.batch_bytes() + 70, 2);
  const auto found = damaged.open();
  EXPECT_EQ(found.end, Offset{2});
  EXPECT_EQ(found.segments, 1U);
  EXPECT_EQ(found.bytes_truncated, 5 * damaged.batch_bytes());
  EXPECT_FALSE(damaged.home.has(kSecond + ".log"));
}

TEST(LogOpening, WhatWasCutStaysCutThroughAPowerLoss) {
  TwoSegments damaged;
  damaged.home.image->rot(LogHome::kFolder + "/" + kSecond + ".log", 70, 2);
  damaged.home.run([&](env::Fiber& self, env::Shard& shard) {
    EXPECT_EQ(damaged.home.open(self, shard).value()->log_end(), Offset{6});
  });
  EXPECT_EQ(damaged.home.image->durable_content_of(LogHome::kFolder + "/" + kSecond + ".log"), ByteBuffer{});
}

TEST(LogOpening, SegmentsBelowTheRecoveryPointAreNotReadThrough) {
  TwoSegments damaged;
  damaged.home.image->rot(LogHome::kFolder + "/" + kFirst + ".log", damaged.batch_bytes() + 70, 2);
  damaged.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = damaged.home.open(self, shard, {.recovery_point = Offset{6}}).value();
    EXPECT_EQ(log->log_end(), Offset{12});
    EXPECT_EQ(log->read(self, Offset{2}, {}).error().code, Errc::corrupt) << "rot is for the read that meets it";
  });
}

TEST(LogOpening, AHoleBetweenSegmentsEndsALogOfDenseOffsets) {
  TwoSegments torn;
  const ByteBuffer first = torn.home.content(kFirst + ".log");
  torn.home.put(kFirst + ".log", Bytes(first).first(2 * torn.batch_bytes()));
  EXPECT_EQ(torn.open().end, Offset{4}) << "the power loss took the end of a sealed segment";
  TwoSegments compacted;
  compacted.home.config.dense_offsets = false;
  compacted.home.put(kFirst + ".log", Bytes(first).first(2 * compacted.batch_bytes()));
  EXPECT_EQ(compacted.open().end, Offset{12}) << "a cleaner leaves holes";
}

TEST(LogOpening, AHoleBetweenBatchesEndsALogOfDenseOffsets) {
  for (const bool is_dense : {true, false}) {
    TwoSegments holed;
    holed.home.config.dense_offsets = is_dense;
    ByteBuffer log = holed.batches[3];
    append_bytes(log, holed.batches[5]);
    holed.home.put(kSecond + ".log", log);
    EXPECT_EQ(holed.open().end, is_dense ? Offset{8} : Offset{12});
  }
}

TEST(LogOpening, LostTornAndWrongIndexesAreMadeAgain) {
  const TwoSegments whole;
  for (const std::string& name : {kFirst, kSecond}) {
    for (const std::string kind : {".index", ".timeindex"}) {
      for (const Bytes content : {Bytes{}, bytes_of("torn!"), bytes_of("twenty-four wrong bytes!")}) {
        for (const bool is_clean : {true, false}) {
          TwoSegments damaged;
          damaged.home.put(name + kind, content);
          damaged.home.run([&](env::Fiber& self, env::Shard& shard) {
            auto log = damaged.home.open(self, shard, {.clean_shutdown = is_clean}).value();
            EXPECT_EQ(log->log_end(), Offset{12});
            ASSERT_TRUE(log->close(self));
          });
          const bool may_be_empty = content.empty() && is_clean && kind == ".index";
          if (may_be_empty) continue;  // an empty offset index breaks no rule
          EXPECT_EQ(damaged.home.content(name + kind), whole.home.content(name + kind)) << name << kind << is_clean;
        }
      }
    }
  }
}

TEST(LogOpening, KafkasPreallocatedIndexesAreTrimmed) {
  const TwoSegments whole;
  TwoSegments killed;
  ByteBuffer index = whole.home.content(kSecond + ".index");
  index.resize(8000);
  killed.home.put(kSecond + ".index", index);
  killed.home.put(kSecond + ".timeindex", ByteBuffer(12000));
  killed.home.run(
      [&](env::Fiber& self, env::Shard& shard) { ASSERT_TRUE(killed.home.open(self, shard).value()->close(self)); });
  EXPECT_EQ(killed.home.content(kSecond + ".index"), whole.home.content(kSecond + ".index"));
  EXPECT_EQ(killed.home.content(kSecond + ".timeindex"), whole.home.content(kSecond + ".timeindex"));
}

TEST(LogOpening, AMarkOfACleanEndIsNotBelievedAgainstTheTail) {
  TwoSegments torn;
  torn.home.put(kSecond + ".log", Bytes(torn.home.content(kSecond + ".log")).first(torn.batch_bytes() + 5));
  EXPECT_EQ(torn.open({.clean_shutdown = true}).end, Offset{8});
}

TEST(LogOpening, TheCheckpointedLogStartHolds) {
  TwoSegments log;
  EXPECT_EQ(log.open({.log_start_offset = Offset{3}}).start, Offset{3});
}

TEST(LogOpening, ALogThatEndsBelowItsLogStartBeginsThereEmpty) {
  TwoSegments log;
  const auto found = log.open({.log_start_offset = Offset{50}});
  EXPECT_EQ(found.start, Offset{50});
  EXPECT_EQ(found.end, Offset{50});
  EXPECT_FALSE(log.home.has(kFirst + ".log"));
}

/// The index that a clean end left of a segment says nothing of what was appended and sealed in the next life.
TEST(LogOpening, AnIndexOfAFormerLifeIsNotTakenForThatOfASealedSegment) {
  LogHome home;
  const auto timestamp_of = [&](Offset recovery_point) {
    return home.run([&](env::Fiber& self, env::Shard& shard) {
      const auto log = home.open(self, shard, {.recovery_point = recovery_point}).value();
      return log->segments().front().max_timestamp_ms;
    });
  };
  home.run([&](env::Fiber& self, env::Shard& shard) {
    const auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0, .timestamp_ms = 1000}});
    ASSERT_TRUE(log->close(self));
  });
  home.run([&](env::Fiber& self, env::Shard& shard) {
    const auto log = home.open(self, shard, {.clean_shutdown = true}).value();
    home.fill(self, *log, {{.base_offset = 1, .timestamp_ms = 2000}});
    ASSERT_TRUE(log->flush(self));
    ASSERT_TRUE(log->roll(self));
  });
  RandomStream stream(7);
  home.image->lose_power(stream);
  EXPECT_EQ(timestamp_of(Offset{2}), 2000);
}

TEST(LogOpening, AnIndexFromBeforeACutIsNotTakenForThatOfASealedSegment) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    const auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0, .timestamp_ms = 1000}, {.base_offset = 1, .timestamp_ms = 9000}});
    ASSERT_TRUE(log->roll(self));
    home.fill(self, *log, {{.base_offset = 2, .timestamp_ms = 9500}});
    ASSERT_TRUE(log->flush(self));
    ASSERT_TRUE(log->truncate_to(self, Offset{1}));
    home.fill(self, *log, {{.base_offset = 1, .timestamp_ms = 2000}});
    ASSERT_TRUE(log->flush(self));
    ASSERT_TRUE(log->roll(self));
  });
  RandomStream stream(7);
  home.image->lose_power(stream);
  home.run([&](env::Fiber& self, env::Shard& shard) {
    const auto log = home.open(self, shard, {.recovery_point = Offset{2}}).value();
    EXPECT_EQ(log->segments().front().max_timestamp_ms, 2000);
  });
}

TEST(LogOpening, SnapshotsBeyondTheEndGo) {
  TwoSegments log;
  log.home.put("00000000000000000006.snapshot", format_producer_snapshot({}));
  log.home.put("00000000000000000099.snapshot", format_producer_snapshot({}));
  log.open();
  EXPECT_TRUE(log.home.has("00000000000000000006.snapshot"));
  EXPECT_FALSE(log.home.has("00000000000000000099.snapshot"));
}

TEST(LogOpening, ACrashDuringRecoveryIsRecoveredFrom) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    TwoSegments damaged;
    damaged.home.image->rot(LogHome::kFolder + "/" + kFirst + ".log", damaged.batch_bytes() + 70, 2);
    RandomStream stream(seed);
    // A recovery that the power loss may undo in any part, and one after it.
    damaged.home.run([&](env::Fiber& self, env::Shard& shard) { EXPECT_TRUE(damaged.home.open(self, shard)); });
    damaged.home.image->lose_power(stream);
    EXPECT_EQ(damaged.open().end, Offset{2}) << seed;
  }
}

}  // namespace
}  // namespace gregor::storage
