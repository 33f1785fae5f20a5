#include "observe/histogram.h"

#include <gtest/gtest.h>

namespace gregor::observe {
namespace {

TEST(Histogram, EachBoundIsInItsOwnBucket) {
  for (std::size_t i = 0; i < Histogram::kBounds; ++i) {
    Histogram one;
    one.add(std::chrono::microseconds(Histogram::bound_us(i)));
    EXPECT_EQ(one.in_bucket(i), 1U) << i;
    one.add(std::chrono::microseconds(Histogram::bound_us(i) + 1));
    EXPECT_EQ(one.in_bucket(i + 1), 1U) << i;
    if (i == 0) continue;
    EXPECT_GT(Histogram::bound_us(i), Histogram::bound_us(i - 1));
  }
}

TEST(Histogram, ShardsAddUpAndAClockThatStepsBackCostsNothing) {
  Histogram one;
  one.add(std::chrono::milliseconds(2));
  Histogram other;
  other.add(std::chrono::milliseconds(3));
  other.add(Nanoseconds(-5));
  one.add(other);
  EXPECT_EQ(one.count(), 3U);
  EXPECT_EQ(one.sum_us(), 5000);
  EXPECT_EQ(one.in_bucket(0), 1U);
}

}  // namespace
}  // namespace gregor::observe
