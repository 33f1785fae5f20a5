// Transaction indexes of an open log: what is appended with markers comes back with the records it concerns, from
// whatever segment it stands in, and is as durable as they are.
#include <gtest/gtest.h>

#include "storage/partition_log.h"
#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

AbortedTransaction aborted(std::int64_t first, std::int64_t last) {
  return {ProducerId{7}, Offset{first}, Offset{last}, Offset{last + 1}};
}

/// Batches of one record; every third is the marker of an abort that began two before it. Three batches a segment.
struct ThirdsHome {
  LogHome home;
  static constexpr int kBatches = 12;

  ThirdsHome() {
    const auto size = static_cast<std::int64_t>(make_batch({}).size());
    home.config = {.segment_bytes = 3 * size, .index_interval_bytes = 50};
  }
  static void fill(env::Fiber& self, PartitionLog& log) {
    for (int at = 0; at < kBatches; ++at) {
      const ByteBuffer batch = make_batch({.base_offset = at});
      const Bytes group(batch);
      const std::vector<AbortedTransaction> ended{aborted(at - 2, at)};
      const bool is_marker = at % 3 == 2;
      EXPECT_TRUE(
          log.append(self, std::span<const Bytes>(&group, 1),
                     is_marker ? std::span<const AbortedTransaction>(ended) : std::span<const AbortedTransaction>()));
    }
  }
  static std::vector<AbortedTransaction> told(env::Fiber& self, PartitionLog& log, std::int64_t from) {
    const auto read = log.read(self, Offset{from}, {.with_aborted = true});
    EXPECT_TRUE(read);
    return read ? read->aborted : std::vector<AbortedTransaction>{};
  }
};

TEST(PartitionLogAborted, AReaderIsToldOfAbortsThatMayConcernItsRecordsAlone) {
  ThirdsHome thirds;
  thirds.home.run([&](env::Fiber& self, env::Shard& shard) {
    const auto log = thirds.home.open(self, shard).value();
    ThirdsHome::fill(self, *log);
    EXPECT_EQ(ThirdsHome::told(self, *log, 0), (std::vector{aborted(0, 2)}));
    EXPECT_EQ(ThirdsHome::told(self, *log, 5), (std::vector{aborted(3, 5)})) << "the marker itself is below it";
    EXPECT_TRUE(log->read(self, Offset{0}, {})->aborted.empty()) << "nobody asked";
  });
}

// Found by simulation (T2): a copy on its way to another directory read up to the log's end.
TEST(PartitionLogAborted, AMarkerIsNotReadBeforeWhatItAbortsIsInTheIndex) {
  ThirdsHome thirds;
  thirds.home.image->law().write = {.base = std::chrono::milliseconds(10)};
  thirds.home.run([&](env::Fiber& self, env::Shard& shard) {
    const auto log = thirds.home.open(self, shard).value();
    bool is_over = false;
    shard.fibers.spawn("writer", [&](env::Fiber& writer) {
      ThirdsHome::fill(writer, *log);
      is_over = true;
    });
    int held_back = 0;
    while (!is_over) {
      env::sleep_for(self, shard.clock, Milliseconds(1));
      for (std::int64_t marker = 2; marker < log->log_end().value(); marker += 3) {
        const auto read = log->read(self, Offset{marker}, {.with_aborted = true});
        ASSERT_TRUE(read);
        EXPECT_EQ(read->aborted.empty(), read->batches.bytes().empty()) << marker;
        held_back += read->batches.bytes().empty() ? 1 : 0;
      }
    }
    EXPECT_GT(held_back, 0) << "nobody was as fast as that";
    EXPECT_EQ(log->indexed_end(), log->log_end());
  });
}

TEST(PartitionLogAborted, AnAbortFarBehindItsRecordsIsFoundInALaterSegment) {
  ThirdsHome thirds;
  thirds.home.run([&](env::Fiber& self, env::Shard& shard) {
    const auto log = thirds.home.open(self, shard).value();
    const std::vector<AbortedTransaction> late{{ProducerId{7}, Offset{0}, Offset{10}, Offset{11}}};
    for (int at = 0; at < 11; ++at) {
      const ByteBuffer batch = make_batch({.base_offset = at});
      const Bytes group(batch);
      const auto ended = at == 10 ? std::span<const AbortedTransaction>(late) : std::span<const AbortedTransaction>();
      EXPECT_TRUE(log->append(self, std::span<const Bytes>(&group, 1), ended));
    }
    EXPECT_EQ(ThirdsHome::told(self, *log, 0), late);
  });
}

TEST(PartitionLogAborted, WhatIsFlushedSurvivesPowerLossAndACleanEnd) {
  ThirdsHome thirds;
  thirds.home.run([&](env::Fiber& self, env::Shard& shard) {
    const auto log = thirds.home.open(self, shard).value();
    ThirdsHome::fill(self, *log);
    EXPECT_TRUE(log->close(self));
  });
  RandomStream losses(3);
  thirds.home.image->lose_power(losses);
  thirds.home.run([&](env::Fiber& self, env::Shard& shard) {
    const auto log =
        thirds.home.open(self, shard, {.clean_shutdown = true, .recovery_point = Offset{ThirdsHome::kBatches}}).value();
    EXPECT_FALSE(log->aborted_unknown_from());
    EXPECT_EQ(ThirdsHome::told(self, *log, 6), (std::vector{aborted(6, 8)}));
    EXPECT_EQ(ThirdsHome::told(self, *log, 9), (std::vector{aborted(9, 11)})) << "of the last segment too";
  });
}

TEST(PartitionLogAborted, ACutTakesAlongTheAbortsItCutsOff) {
  ThirdsHome thirds;
  thirds.home.run([&](env::Fiber& self, env::Shard& shard) {
    const auto log = thirds.home.open(self, shard).value();
    ThirdsHome::fill(self, *log);
    EXPECT_EQ(log->truncate_to(self, Offset{5}).value(), Offset{5});
    EXPECT_TRUE(ThirdsHome::told(self, *log, 3).empty());
    EXPECT_EQ(ThirdsHome::told(self, *log, 0), (std::vector{aborted(0, 2)}));
  });
}

TEST(PartitionLogAborted, OfManyThoseThatMatterAreFound) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    const auto log = home.open(self, shard).value();
    constexpr int kPairs = 1'000;
    for (int i = 0; i < kPairs; ++i) {
      const ByteBuffer batch = make_batch({.base_offset = 2 * i, .records = 2});
      const Bytes group(batch);
      const std::vector<AbortedTransaction> ended{aborted(2 * i, 2 * i + 1)};
      EXPECT_TRUE(log->append(self, std::span<const Bytes>(&group, 1), ended));
    }
    for (const std::int64_t pair : {0, 1, 239, 240, 241, 500, 998, 999}) {
      const auto read = log->read(self, Offset{2 * pair}, {.bytes_max = 1, .with_aborted = true});
      EXPECT_EQ(read->aborted, (std::vector{aborted(2 * pair, 2 * pair + 1)})) << pair;
    }
  });
}

}  // namespace
}  // namespace gregor::storage
