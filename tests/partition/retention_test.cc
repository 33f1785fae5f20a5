// retention.ms and retention.bytes: oldest segments first, never past the high watermark; the one that grows too.
#include "partition/retention.h"

#include <gtest/gtest.h>

#include <vector>

namespace gregor::partition {
namespace {

/// Three segments of ten records and 100 bytes each, written at 1000, 2000 and 3000 ms.
std::vector<storage::SegmentSummary> three_segments() {
  std::vector<storage::SegmentSummary> segments;
  for (int i = 0; i < 3; ++i) {
    segments.push_back({.base_offset = Offset{10 * i},
                        .end_offset = Offset{10 * (i + 1)},
                        .size_bytes = 100,
                        .max_timestamp_ms = 1000 * (i + 1)});
  }
  return segments;
}
constexpr Offset kAll{30};

TEST(Retention, WithoutLimitsEverythingStays) {
  EXPECT_EQ(retention_boundary(three_segments(), {}, WallTime{1 << 30}, kAll), Offset{0});
}

TEST(Retention, ASegmentGoesWhenItsNewestRecordIsTooOld) {
  const RetentionRule rule{.deletes = true, .ms_max = 1500, .bytes_max = -1};
  EXPECT_EQ(retention_boundary(three_segments(), rule, WallTime{2500}, kAll), Offset{0}) << "exactly the limit stays";
  EXPECT_EQ(retention_boundary(three_segments(), rule, WallTime{2501}, kAll), Offset{10});
  EXPECT_EQ(retention_boundary(three_segments(), rule, WallTime{1 << 30}, kAll), Offset{30})
      << "the one that grows goes like the others";
}

TEST(Retention, SegmentsGoWhileTheRestIsStillLargeEnough) {
  EXPECT_EQ(retention_boundary(three_segments(), {.deletes = true, .ms_max = -1, .bytes_max = 201}, WallTime{0}, kAll),
            Offset{0});
  EXPECT_EQ(retention_boundary(three_segments(), {.deletes = true, .ms_max = -1, .bytes_max = 200}, WallTime{0}, kAll),
            Offset{10});
  EXPECT_EQ(retention_boundary(three_segments(), {.deletes = true, .ms_max = -1, .bytes_max = 0}, WallTime{0}, kAll),
            Offset{30});
}

// KAFKA-5634: a log start beyond the high watermark.
TEST(Retention, NothingAboveTheHighWatermarkGoes) {
  const RetentionRule rule{.deletes = true, .ms_max = 0, .bytes_max = -1};
  EXPECT_EQ(retention_boundary(three_segments(), rule, WallTime{1 << 30}, Offset{19}), Offset{10});
}

TEST(Retention, ACompactedTopicDeletesNothingByAge) {
  config::TopicConfig config;
  config.cleanup_policy_delete = false;
  config.retention_ms = 1;
  EXPECT_EQ(retention_boundary(three_segments(), RetentionRule::of(config), WallTime{1 << 30}, kAll), Offset{0});
}

TEST(Retention, AnEmptySegmentIsNotDeletedAgainAndAgain) {
  const std::vector<storage::SegmentSummary> one{{.base_offset = Offset{30}, .end_offset = Offset{30}}};
  EXPECT_EQ(retention_boundary(one, {.deletes = true, .ms_max = 0, .bytes_max = 0}, WallTime{1 << 30}, kAll),
            Offset{30});
  auto segments = three_segments();
  segments.push_back(one.front());
  EXPECT_EQ(retention_boundary(segments, {.deletes = true, .ms_max = 0, .bytes_max = -1}, WallTime{1 << 30}, kAll),
            Offset{30});
}

// Records without a timestamp tell nothing about their age.
TEST(Retention, ASegmentWithoutTimestampsIsNotOld) {
  auto segments = three_segments();
  segments[0].max_timestamp_ms = -1;
  EXPECT_EQ(retention_boundary(segments, {.deletes = true, .ms_max = 1, .bytes_max = -1}, WallTime{1 << 30}, kAll),
            Offset{0});
}

}  // namespace
}  // namespace gregor::partition
