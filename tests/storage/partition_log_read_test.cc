// The way out of a log: whole, checked batches from the asked one on, and never a byte of anything else.
#include <gtest/gtest.h>

#include "record/batch_split.h"
#include "storage/partition_log.h"
#include "storage/segment_index.h"
#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

/// Twenty batches of five records in segments of four batches.
struct Library {
  LogHome home;
  ByteBuffer all;
  std::size_t batch_bytes = 0;

  Library() {
    for (int i = 0; i < 20; ++i) {
      const ByteBuffer batch = make_batch({.base_offset = i * 5, .records = 5, .timestamp_ms = 1000 + i * 10});
      batch_bytes = batch.size();
      append_bytes(all, batch);
    }
    home.config = {.segment_bytes = static_cast<std::int64_t>(4 * batch_bytes), .index_interval_bytes = 100};
  }
  std::unique_ptr<PartitionLog> open(env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    for (std::size_t at = 0; log->log_end() < Offset{100}; at += batch_bytes) {
      EXPECT_TRUE(log->append(self, Bytes(all).subspan(at, batch_bytes)));
    }
    return log;
  }
  /// Written and closed; then one bit of the first segment flips.
  void close_and_rot(std::size_t at, unsigned bit) {
    home.run([&](env::Fiber& self, env::Shard& shard) { ASSERT_TRUE(open(self, shard)->close(self)); });
    EXPECT_TRUE(home.image->rot(LogHome::kFolder + "/00000000000000000000.log", at, bit));
  }
};

TEST(PartitionLogRead, AReadBeginsWithTheBatchThatHoldsTheOffset) {
  Library library;
  library.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = library.open(self, shard);
    for (std::int64_t from = 0; from < 100; ++from) {
      const auto read = log->read(self, Offset{from}, {.bytes_max = 1}).value();
      const auto batch = record::BatchView::parse(read.batches.bytes()).value();
      EXPECT_EQ(batch.base_offset(), Offset{from / 5 * 5});
      EXPECT_EQ(read.next_offset, Offset{from / 5 * 5 + 5});
    }
  });
}

TEST(PartitionLogRead, PiecesOfAnySizeMakeUpTheWhole) {
  Library library;
  library.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = library.open(self, shard);
    for (const std::size_t bytes_max :
         {std::size_t{1}, std::size_t{100}, 3 * library.batch_bytes, std::size_t{1} << 20}) {
      EXPECT_EQ(read_everything(self, *log, bytes_max).value(), library.all) << bytes_max;
    }
  });
}

TEST(PartitionLogRead, WholeBatchesUpToTheLimitAndAtLeastOne) {
  Library library;
  library.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = library.open(self, shard);
    EXPECT_EQ(log->read(self, Offset{0}, {.bytes_max = 2 * library.batch_bytes + 1}).value().batches.size(),
              2 * library.batch_bytes);
    EXPECT_EQ(log->read(self, Offset{0}, {.bytes_max = 1}).value().batches.size(), library.batch_bytes);
    EXPECT_TRUE(log->read(self, Offset{0}, {.bytes_max = 1, .whole_first_batch = false}).value().batches.empty());
    EXPECT_EQ(log->read(self, Offset{0}, {}).value().batches.size(), 4 * library.batch_bytes) << "to the segment's end";
  });
}

TEST(PartitionLogRead, NothingAtOrAboveTheBoundIsShown) {
  Library library;
  library.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = library.open(self, shard);
    EXPECT_EQ(log->read(self, Offset{0}, {.below = Offset{10}}).value().next_offset, Offset{10});
    EXPECT_EQ(log->read(self, Offset{0}, {.below = Offset{9}}).value().next_offset, Offset{5})
        << "a batch that reaches beyond the bound is not shown";
    const auto none = log->read(self, Offset{7}, {.below = Offset{7}}).value();
    EXPECT_TRUE(none.batches.empty());
    EXPECT_EQ(none.next_offset, Offset{7});
  });
}

TEST(PartitionLogRead, AtTheEndThereIsNothingAndBeyondItAnError) {
  Library library;
  library.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = library.open(self, shard);
    EXPECT_TRUE(log->read(self, Offset{100}, {}).value().batches.empty());
    EXPECT_EQ(log->read(self, Offset{101}, {}).error().code, Errc::invalid);
    log->advance_log_start(Offset{7});
    EXPECT_EQ(log->read(self, Offset{6}, {}).error().code, Errc::invalid);
    EXPECT_EQ(log->read(self, Offset{7}, {}).value().next_offset, Offset{20}) << "its batch is still there";
  });
}

TEST(PartitionLogRead, AGapIsReadOver) {
  LogHome home;
  home.config.dense_offsets = false;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 3}, {.base_offset = 50}});
    EXPECT_EQ(log->read(self, Offset{0}, {.bytes_max = 1}).value().next_offset, Offset{4});
    EXPECT_EQ(log->read(self, Offset{10}, {}).value().next_offset, Offset{51});
  });
}

TEST(PartitionLogRead, ABatchThatRottedOnTheDiskIsNotHandedOut) {
  Library library;
  library.close_and_rot(library.batch_bytes + 70, 3);
  library.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = library.home.open(self, shard, {.clean_shutdown = true}).value();
    EXPECT_EQ(log->read(self, Offset{0}, {}).value().next_offset, Offset{5}) << "what stands before it is served";
    const auto bad = log->read(self, Offset{5}, {});
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, Errc::corrupt);
    EXPECT_NE(bad.error().text.find(LogHome::kFolder), std::string::npos) << bad.error().text;
    EXPECT_EQ(log->read(self, Offset{10}, {.bytes_max = 1}).value().next_offset, Offset{15});
  });
}

// Found by simulation: a bit of where the batch ends (last offset delta), and it ended beyond what anybody may see.
TEST(PartitionLogRead, ABatchThatRottedBeyondTheBoundIsDamageAndNotTheEnd) {
  Library library;
  library.close_and_rot(library.batch_bytes + 25, 1);
  library.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = library.home.open(self, shard, {.clean_shutdown = true}).value();
    const auto bad = log->read(self, Offset{5}, {.below = Offset{100}});
    ASSERT_FALSE(bad) << bad->next_offset.value();
    EXPECT_EQ(bad.error().code, Errc::corrupt);
    EXPECT_TRUE(log->read(self, Offset{30}, {.below = Offset{32}})->batches.bytes().empty()) << "nothing is wrong here";
  });
}

// KAFKA-2012: the index is a hint.
TEST(PartitionLogRead, AWrongIndexCostsAScanAndNoData) {
  Library library;
  library.home.run([&](env::Fiber& self, env::Shard& shard) { ASSERT_TRUE(library.open(self, shard)->close(self)); });
  ByteBuffer index(kOffsetEntryBytes * 2);
  store_big_endian<std::int32_t>(index.data(), 14);      // the last offset of the third batch
  store_big_endian<std::int32_t>(index.data() + 4, 33);  // and no place where a batch begins
  store_big_endian<std::int32_t>(index.data() + 8, 19);
  store_big_endian<std::int32_t>(index.data() + 12, 34);
  library.home.put("00000000000000000000.index", index);
  library.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = library.home.open(self, shard, {.clean_shutdown = true}).value();
    EXPECT_EQ(log->read(self, Offset{17}, {.bytes_max = 1}).value().next_offset, Offset{20});
    EXPECT_EQ(read_everything(self, *log).value(), library.all);
  });
}

TEST(PartitionLogRead, AScanVisitsEveryBatchOfARange) {
  Library library;
  library.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = library.open(self, shard);
    std::vector<Offset> seen;
    const auto visit = [&](const record::BatchView& batch) -> Result<void> {
      seen.push_back(batch.base_offset());
      return {};
    };
    ASSERT_TRUE(log->scan(self, Offset{17}, Offset{41}, visit));
    EXPECT_EQ(seen, (std::vector{Offset{15}, Offset{20}, Offset{25}, Offset{30}, Offset{35}, Offset{40}}));
  });
}

TEST(PartitionLogRead, AScanEndsWithItsVisitorsError) {
  Library library;
  library.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = library.open(self, shard);
    int visits = 0;
    const auto scanned = log->scan(self, Offset{0}, Offset{100}, [&](const record::BatchView&) -> Result<void> {
      if (++visits == 3) return fail(Errc::limit, "enough");
      return {};
    });
    EXPECT_EQ(scanned.error().code, Errc::limit);
    EXPECT_EQ(visits, 3);
  });
}

TEST(PartitionLogRead, ReadersSeeAPrefixWhileTheLogGrowsAndIsCut) {
  Library library;
  sim::run_fiber({.seed = 3, .disk = library.home.image, .unruly = true}, [&](env::Fiber& self, env::Shard& shard) {
    auto log = library.open(self, shard);
    int running = 3;
    for (int i = 0; i < 3; ++i) {
      shard.fibers.spawn("reader", [&](env::Fiber& other) {
        for (int round = 0; round < 20; ++round) {
          const auto read = log->read(other, Offset{round * 4}, {.bytes_max = 200});
          if (!read) continue;
          for (record::BatchSplitter rest(read->batches.bytes());;) {
            const auto frame = rest.next().value();
            if (!frame) break;
            EXPECT_TRUE(record::BatchView::parse(frame->bytes).value().crc_is_right());
          }
        }
        --running;
      });
    }
    bool cuts = false;
    while (running > 0) {
      cuts = !cuts;
      if (cuts) {
        EXPECT_TRUE(log->truncate_to(self, Offset{60}));
      } else {
        library.home.fill(self, *log, {{.base_offset = log->log_end().value(), .records = 5}});
      }
      self.yield();
    }
  });
}

}  // namespace
}  // namespace gregor::storage
