#include "broker/request_figures.h"

#include <gtest/gtest.h>

namespace gregor::broker {
namespace {

TEST(RequestFigures, ShardsAddUpByApiAndVersion) {
  RequestFigures one;
  one.served(0, 9, Milliseconds(1), true);
  one.served(0, 12, Milliseconds(2), false);
  RequestFigures other;
  other.served(0, 9, Milliseconds(3), true);
  other.served(1, 4, Milliseconds(4), true);
  one.add(other);
  ASSERT_EQ(one.by_api().size(), 2U);
  const auto& produce = one.by_api().at(0);
  EXPECT_EQ(produce.by_version, (std::map<std::int16_t, std::uint64_t>{{9, 2}, {12, 1}}));
  EXPECT_EQ(produce.broken_off, 1U);
  EXPECT_EQ(produce.took.count(), 3U);
  EXPECT_EQ(produce.took.sum_us(), 6000);
}

}  // namespace
}  // namespace gregor::broker
