// What is due for compaction, by Kafka's rules.
#include "storage/clean_plan.h"

#include <gtest/gtest.h>

namespace gregor::storage {
namespace {

SegmentSummary segment(std::int64_t base, std::int64_t end, std::uint64_t bytes, std::int64_t timestamp_ms = 1000) {
  return {Offset{base}, Offset{end}, bytes, timestamp_ms, timestamp_ms};
}

const std::vector<SegmentSummary> kFour{segment(0, 10, 100, 1000), segment(10, 20, 100, 2000),
                                        segment(20, 30, 100, 3000), segment(30, 40, 50, 4000)};

CleanView view_of(const std::vector<SegmentSummary>& segments, std::optional<Offset> cleaned = std::nullopt) {
  return {.segments = segments,
          .log_start = Offset{0},
          .cleaned_up_to = cleaned,
          .last_stable = segments.back().end_offset,
          .now = WallTime{10'000}};
}

TEST(FindWork, LeavesTheSegmentThatGrowsAlone) {
  const CleanWork work = find_work(view_of(kFour), {});
  EXPECT_EQ(work.first_dirty, Offset{0});
  EXPECT_EQ(work.end, Offset{30});
  EXPECT_EQ(work.dirty_bytes, 300U);
  EXPECT_TRUE(work.is_due({}));
}

TEST(FindWork, CountsAsDirtyWhatLiesBehindTheCheckpoint) {
  const CleanWork work = find_work(view_of(kFour, Offset{20}), {});
  EXPECT_EQ(work.clean_bytes, 200U);
  EXPECT_EQ(work.dirty_bytes, 100U);
  EXPECT_EQ(work.dirty_ppm(), 333'333U);
  EXPECT_FALSE(work.is_due({})) << "a third is less than min.cleanable.dirty.ratio";
  EXPECT_TRUE(work.is_due({.min_dirty_ppm = 300'000}));
}

TEST(FindWork, FindsNothingWhereNothingIsDirty) {
  const CleanWork work = find_work(view_of(kFour, Offset{30}), {.min_dirty_ppm = 0});
  EXPECT_EQ(work.dirty_bytes, 0U);
  EXPECT_FALSE(work.is_due({.min_dirty_ppm = 0}));
}

TEST(FindWork, DistrustsACheckpointBeyondTheLog) {
  EXPECT_EQ(find_work(view_of(kFour, Offset{41}), {}).first_dirty, Offset{0});
}

TEST(FindWork, BeginsAtTheLogStartAtTheEarliest) {
  CleanView view = view_of(kFour, Offset{3});
  view.log_start = Offset{12};
  EXPECT_EQ(find_work(view, {}).first_dirty, Offset{12});
}

TEST(FindWork, EndsBeforeTheFirstOpenTransaction) {
  CleanView view = view_of(kFour);
  view.last_stable = Offset{15};
  EXPECT_EQ(find_work(view, {}).end, Offset{15});
}

TEST(FindWork, FindsNothingWhereAllBelowTheOpenTransactionIsClean) {
  CleanView view = view_of(kFour, Offset{15});
  view.last_stable = Offset{15};
  EXPECT_FALSE(find_work(view, {.min_dirty_ppm = 0}).is_due({.min_dirty_ppm = 0}));
}

TEST(FindWork, WaitsForMinCompactionLag) {
  EXPECT_EQ(find_work(view_of(kFour), {.min_lag_ms = 7500}).end, Offset{20}) << "the third is 7 s old";
  EXPECT_EQ(find_work(view_of(kFour), {.min_lag_ms = 7000}).end, Offset{30});
  EXPECT_EQ(find_work(view_of(kFour), {.min_lag_ms = 60'000}).dirty_bytes, 0U);
}

TEST(FindWork, IsOverdueAfterMaxCompactionLagWhateverTheRatio) {
  const CleanPolicy policy{.min_dirty_ppm = kWhole, .max_lag_ms = 6500};
  EXPECT_TRUE(find_work(view_of(kFour, Offset{20}), policy).is_due(policy)) << "the third is 7 s old";
  EXPECT_FALSE(find_work(view_of(kFour, Offset{20}), {.min_dirty_ppm = kWhole, .max_lag_ms = 7000}).is_overdue);
}

TEST(GroupSegments, PutsNeighboursTogetherThatFitIntoOne) {
  const LogConfig config{.segment_bytes = 250};
  EXPECT_EQ(group_segments(kFour, Offset{30}, config), (std::vector<CleanGroup>{{0, 2}, {2, 3}}));
  EXPECT_EQ(group_segments(kFour, Offset{10}, config), (std::vector<CleanGroup>{{0, 1}})) << "what begins there stays";
  EXPECT_TRUE(group_segments(std::span(kFour).last(1), Offset{99}, config).empty());
}

TEST(GroupSegments, KeepsOffsetsWithinWhatAnIndexCanTell) {
  const std::vector<SegmentSummary> far{segment(0, INT32_MAX, 10), segment(INT32_MAX, INT32_MAX + 10LL, 10),
                                        segment(INT32_MAX + 10LL, INT32_MAX + 20LL, 10)};
  EXPECT_EQ(group_segments(far, Offset{INT64_MAX}, {}), (std::vector<CleanGroup>{{0, 1}, {1, 2}}));
}

TEST(GroupSegments, KeepsIndexesWithinTheirSize) {
  const LogConfig config{.index_interval_bytes = 0, .segment_index_bytes = 30};
  EXPECT_EQ(group_segments(kFour, Offset{30}, config).size(), 3U);
}

}  // namespace
}  // namespace gregor::storage
