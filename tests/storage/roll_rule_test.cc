// When Kafka begins a new segment: size, time in batch timestamps, a full index, offsets that no longer fit.
#include "storage/roll_rule.h"

#include <gtest/gtest.h>

namespace gregor::storage {
namespace {

constexpr WallTime kNow{1'000'000};
const LogConfig kConfig{.segment_bytes = 1000, .segment_ms = 500, .segment_index_bytes = 120};

SegmentFill filled(std::uint64_t bytes) {
  return {
      .base_offset = Offset{100}, .size_bytes = bytes, .first_batch_timestamp_ms = 5000, .created = kNow, .index = {}};
}
GroupExtent group(std::uint64_t bytes) {
  return {.last_offset = Offset{200}, .max_timestamp_ms = 5000, .size_bytes = bytes};
}

TEST(RollRule, AGroupThatNoLongerFitsBeginsASegment) {
  EXPECT_FALSE(should_roll(filled(900), group(100), kConfig, kNow));
  EXPECT_TRUE(should_roll(filled(901), group(100), kConfig, kNow));
  EXPECT_FALSE(should_roll(filled(0), group(1000), kConfig, kNow));
}

TEST(RollRule, TimeIsThatOfTheBatchesSoThatReplicasRollAlike) {
  GroupExtent later = group(10);
  later.max_timestamp_ms = 5500;
  EXPECT_FALSE(should_roll(filled(10), later, kConfig, kNow)) << "not more than segment.ms";
  later.max_timestamp_ms = 5501;
  EXPECT_TRUE(should_roll(filled(10), later, kConfig, kNow));
  EXPECT_FALSE(should_roll(filled(10), group(10), kConfig, WallTime{kNow.ms + 100'000}))
      << "the wall clock is not asked";
  EXPECT_FALSE(should_roll(filled(0), later, kConfig, kNow)) << "an empty segment has no time";
}

TEST(RollRule, WithoutTimestampsTheWallClockCounts) {
  SegmentFill fill = filled(10);
  fill.first_batch_timestamp_ms = -1;
  EXPECT_FALSE(should_roll(fill, group(10), kConfig, WallTime{kNow.ms + 500}));
  EXPECT_TRUE(should_roll(fill, group(10), kConfig, WallTime{kNow.ms + 501}));
}

TEST(RollRule, NoTimeIsTooLongForSegmentMsAtItsGreatest) {
  LogConfig config = kConfig;
  config.segment_ms = INT64_MAX;
  GroupExtent later = group(10);
  later.max_timestamp_ms = INT64_MAX;
  EXPECT_FALSE(should_roll(filled(10), later, config, kNow));
}

TEST(RollRule, AFullIndexBeginsASegment) {
  SegmentFill fill = filled(10);
  fill.index.offset_entries = 14;
  EXPECT_FALSE(should_roll(fill, group(10), kConfig, kNow));
  fill.index.offset_entries = 15;  // 120 bytes of 8
  EXPECT_TRUE(should_roll(fill, group(10), kConfig, kNow));
  fill.index.offset_entries = 0;
  fill.index.time_entries = 8;
  EXPECT_FALSE(should_roll(fill, group(10), kConfig, kNow));
  fill.index.time_entries = 9;  // 120 bytes of 12, one entry kept for the end
  EXPECT_TRUE(should_roll(fill, group(10), kConfig, kNow));
}

TEST(RollRule, OffsetsMustFitIntoAnInt) {
  GroupExtent far = group(10);
  far.last_offset = Offset{100 + std::int64_t{INT32_MAX}};
  EXPECT_FALSE(should_roll(filled(10), far, kConfig, kNow));
  far.last_offset = Offset{101 + std::int64_t{INT32_MAX}};
  EXPECT_TRUE(should_roll(filled(10), far, kConfig, kNow));
}

}  // namespace
}  // namespace gregor::storage
