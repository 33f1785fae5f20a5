// KIP-79: the first record at or after a time. KIP-734: the first one with the greatest. Timestamps need not rise.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "record/batch_builder.h"
#include "storage/partition_log.h"
#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

/// Records of these times at offsets from 0 on, three a batch.
void fill_with(env::Fiber& self, PartitionLog& log, const std::vector<std::int64_t>& times,
               record::Codec codec = record::Codec::none) {
  record::CodecScratch scratch;
  for (std::size_t at = 0; at < times.size(); at += 3) {
    record::BatchBuilder builder({.codec = codec,
                                  .base_offset = Offset{static_cast<std::int64_t>(at)},
                                  .leader_epoch = LeaderEpoch{static_cast<std::int32_t>(at / 6)}});
    for (std::size_t i = at; i < std::min(at + 3, times.size()); ++i)
      builder.add(WallTime{times[i]}, std::nullopt, Bytes{});
    ASSERT_TRUE(log.append(self, builder.encode(scratch).value()));
  }
}

struct Search {
  LogHome home;
  record::CodecScratch scratch;
  Search() { home.config = {.segment_bytes = 300, .segment_ms = INT64_MAX, .index_interval_bytes = 100}; }
  std::optional<TimestampedOffset> find(env::Fiber& self, PartitionLog& log, std::int64_t timestamp_ms,
                                        std::int64_t below = INT64_MAX) {
    return log.find_by_timestamp(self, timestamp_ms, Offset{below}, scratch).value();
  }
  std::optional<TimestampedOffset> greatest(env::Fiber& self, PartitionLog& log, std::int64_t below = INT64_MAX) {
    return log.find_max_timestamp(self, Offset{below}, scratch).value();
  }
};

TEST(PartitionLogLookup, TheFirstRecordThatIsLateEnoughNotTheFirstBatch) {
  Search search;
  search.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = search.home.open(self, shard).value();
    fill_with(self, *log, {10, 20, 30, 40, 50, 60, 70, 80, 90});
    EXPECT_EQ(search.find(self, *log, 20), (TimestampedOffset{20, Offset{1}, LeaderEpoch{0}}));
    EXPECT_EQ(search.find(self, *log, 21), (TimestampedOffset{30, Offset{2}, LeaderEpoch{0}}));
    EXPECT_EQ(search.find(self, *log, 85), (TimestampedOffset{90, Offset{8}, LeaderEpoch{1}}));
    EXPECT_EQ(search.find(self, *log, 91), std::nullopt);
  });
}

TEST(PartitionLogLookup, RecordsInCompressedBatchesAreFoundToo) {
  for (const auto codec : {record::Codec::gzip, record::Codec::snappy, record::Codec::lz4, record::Codec::zstd}) {
    Search search;
    search.home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = search.home.open(self, shard).value();
      fill_with(self, *log, {10, 20, 30, 40}, codec);
      EXPECT_EQ(search.find(self, *log, 20)->offset, Offset{1});
    });
  }
}

TEST(PartitionLogLookup, BoundsAndLogStartAreKept) {
  Search search;
  search.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = search.home.open(self, shard).value();
    fill_with(self, *log, {10, 20, 30, 40, 50, 60});
    EXPECT_EQ(search.find(self, *log, 20, 2)->offset, Offset{1});
    EXPECT_EQ(search.find(self, *log, 30, 2), std::nullopt);
    log->advance_log_start(Offset{4});
    EXPECT_EQ(search.find(self, *log, 10)->offset, Offset{4});
  });
}

TEST(PartitionLogLookup, OfEqualGreatestTimesTheFirstRecordIsMeant) {
  Search search;
  search.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = search.home.open(self, shard).value();
    EXPECT_EQ(search.greatest(self, *log), std::nullopt);
    fill_with(self, *log, {10, 90, 30, 90, 5, 90});
    EXPECT_EQ(search.greatest(self, *log), (TimestampedOffset{90, Offset{1}, LeaderEpoch{0}}));
  });
}

TEST(PartitionLogLookup, TheGreatestTimeBelowABoundIsLookedForAmongWholeBatches) {
  Search search;
  search.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = search.home.open(self, shard).value();
    fill_with(self, *log, {10, 20, 15, 90, 91, 92});
    EXPECT_EQ(search.greatest(self, *log, 3)->offset, Offset{1});
  });
}

// Model: a walk over all records.
TEST(PartitionLogLookup, AnyTimesInAnySegmentsAreFoundAsAWalkFindsThem) {
  EXPECT_TRUE(rc::check("look-up equals walk", [](const std::vector<std::uint8_t>& chosen, bool restarted) {
    const std::vector<std::int64_t> times(chosen.begin(), chosen.end());
    Search search;
    search.home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = search.home.open(self, shard).value();
      fill_with(self, *log, times);
      if (restarted) {
        RC_ASSERT(log->close(self).has_value());
        log = search.home.open(self, shard, {.clean_shutdown = true}).value();
      }
      RC_CLASSIFY(log->segments().size() > 2, "several segments");
      for (std::int64_t asked = 0; asked < 256; asked += 5) {
        const auto first = std::find_if(times.begin(), times.end(), [&](std::int64_t time) { return time >= asked; });
        const auto found = search.find(self, *log, asked);
        RC_ASSERT(found.has_value() == (first != times.end()));
        if (found) RC_ASSERT(found->offset == Offset{first - times.begin()});
      }
      const auto greatest = search.greatest(self, *log);
      RC_ASSERT(greatest.has_value() == !times.empty());
      if (greatest) RC_ASSERT(greatest->offset == Offset{std::max_element(times.begin(), times.end()) - times.begin()});
    });
  }));
}

// As Kafka answers after DeleteRecords up to the end, while the segment still stands.
TEST(PartitionLogLookup, TheGreatestTimestampMayLieBelowTheLogStart) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0, .records = 3, .timestamp_ms = 5000}});
    log->advance_log_start(Offset{3});
    record::CodecScratch scratch;
    const auto greatest = log->find_max_timestamp(self, Offset{3}, scratch).value();
    ASSERT_TRUE(greatest);
    EXPECT_EQ(greatest->offset, Offset{2});
    EXPECT_FALSE(log->find_by_timestamp(self, 0, Offset{3}, scratch).value()) << "by time nothing below is found";
  });
}

}  // namespace
}  // namespace gregor::storage
