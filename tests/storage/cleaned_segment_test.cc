// A segment written beside the live ones: its batches, its indexes, all durable.
#include "storage/cleaned_segment.h"

#include <gtest/gtest.h>

#include "storage/segment_swap.h"
#include "tests/storage/support/batches.h"
#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

TEST(CleanedSegment, HoldsItsBatchesAndTheirIndexesDurably) {
  const auto image = std::make_shared<sim::DiskImage>();
  image->put_file("orders-0/partition.metadata", {});
  ByteBuffer all;
  sim::run_fiber({.disk = image}, [&](env::Fiber& self, env::Shard& shard) {
    SegmentFiles files(shard.disk, "orders-0");
    auto segment = CleanedSegment::create(self, files, Offset{5}, 100).value();
    for (int i = 0; i < 40; ++i) {
      const ByteBuffer batch =
          make_batch({.base_offset = 5 + i * 3, .records = 2, .timestamp_ms = 1000 + i, .value_bytes = 20'000});
      ASSERT_TRUE(segment.append(self, batch));
      append_bytes(all, batch);
    }
    ASSERT_TRUE(segment.finish(self, {}));
    EXPECT_EQ(segment.size_bytes(), all.size());
    EXPECT_EQ(segment.max_timestamp_ms(), 1040);
    EXPECT_EQ(segment.aborted_bytes(), 0U);
    EXPECT_EQ(segment.index()->last_offset_entry()->offset, Offset{5 + 39 * 3 + 1});
  });
  EXPECT_EQ(image->content_of("orders-0/00000000000000000005.log.cleaned"), all);
  EXPECT_TRUE(image->content_of("orders-0/00000000000000000005.index.cleaned"));
  EXPECT_TRUE(image->content_of("orders-0/00000000000000000005.timeindex.cleaned"));
  EXPECT_FALSE(image->content_of("orders-0/00000000000000000005.txnindex.cleaned"));
}

TEST(CleanedSegment, EmptiesWhatAnEarlierAttemptLeft) {
  const auto image = std::make_shared<sim::DiskImage>();
  image->put_file("orders-0/00000000000000000000.log.cleaned", bytes_of("something longer than nothing"));
  sim::run_fiber({.disk = image}, [](env::Fiber& self, env::Shard& shard) {
    SegmentFiles files(shard.disk, "orders-0");
    auto segment = CleanedSegment::create(self, files, Offset{0}, 100).value();
    ASSERT_TRUE(segment.finish(self, {}));
  });
  EXPECT_TRUE(image->content_of("orders-0/00000000000000000000.log.cleaned")->empty());
}

}  // namespace
}  // namespace gregor::storage
