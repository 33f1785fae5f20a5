// What readers wait for is counted as it becomes visible, and never stands still while the high watermark moves.
#include "partition/visibility.h"

#include <gtest/gtest.h>

namespace gregor::partition {
namespace {

TEST(Visibility, BytesCountOnceTheHighWatermarkHasPassedTheirBatch) {
  Visibility seen;
  seen.begin(Offset{0});
  seen.on_appended(Offset{2}, 100);
  seen.on_appended(Offset{3}, 10);
  EXPECT_EQ(seen.appended_bytes(), 110U);
  EXPECT_EQ(seen.visible_bytes(), 0U);
  EXPECT_EQ(seen.on_moved(Offset{2}, Offset{2}), 100U);
  EXPECT_EQ(seen.on_moved(Offset{3}, Offset{3}), 10U);
  EXPECT_EQ(seen.visible_bytes(), 110U);
}

TEST(Visibility, AMoveIsAlwaysWorthAByte) {
  Visibility seen;
  seen.begin(Offset{0});
  EXPECT_EQ(seen.on_moved(Offset{4}, Offset{4}), 1U) << "what lay in the log before this life";
  EXPECT_EQ(seen.on_moved(Offset{4}, Offset{4}), 0U);
}

TEST(Visibility, TheEndOfATransactionShowsWhatLayBehindItsBegin) {
  Visibility seen;
  seen.begin(Offset{0});
  seen.on_appended(Offset{1}, 50);
  EXPECT_EQ(seen.on_moved(Offset{1}, Offset{0}), 50U);
  seen.on_appended(Offset{2}, 7);
  EXPECT_EQ(seen.on_moved(Offset{2}, Offset{2}), 57U);
}

TEST(Visibility, WhatIsCutOffIsNeverSeen) {
  Visibility seen;
  seen.begin(Offset{0});
  seen.on_appended(Offset{1}, 50);
  seen.on_appended(Offset{2}, 60);
  seen.on_cut(Offset{1});
  seen.on_appended(Offset{2}, 5);
  EXPECT_EQ(seen.on_moved(Offset{2}, Offset{2}), 55U);
}

TEST(Visibility, ManyBatchesAreCountedTogetherAndNoneIsLost) {
  Visibility seen;
  seen.begin(Offset{0});
  const auto count = static_cast<std::int64_t>(2 * kHiddenBatchesMax);
  for (std::int64_t i = 1; i <= count; ++i) seen.on_appended(Offset{i}, 1);
  EXPECT_EQ(seen.on_moved(Offset{10}, Offset{10}), 10U);
  EXPECT_EQ(seen.on_moved(Offset{count}, Offset{count}), static_cast<std::uint64_t>(count - 10));
}

}  // namespace
}  // namespace gregor::partition
