#include "sim/latency.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gregor::sim {
namespace {

TEST(Latency, StaysWithinItsLawAndReachesItsEnds) {
  const Latency law{.base = Nanoseconds(10), .spread = Nanoseconds(5)};
  RandomStream stream(1);
  Nanoseconds least = Nanoseconds::max();
  Nanoseconds most{0};
  for (int i = 0; i < 1000; ++i) {
    const Nanoseconds drawn = law.draw(stream);
    least = std::min(least, drawn);
    most = std::max(most, drawn);
  }
  EXPECT_EQ(least, Nanoseconds(10));
  EXPECT_EQ(most, Nanoseconds(15));
}

TEST(Latency, TheTailComesAsOftenAsItsChance) {
  const Latency law{.base = Nanoseconds(10), .spread = {}, .tail_chance = {100'000}, .tail = Nanoseconds(1'000'000)};
  RandomStream stream(1);
  int late = 0;
  for (int i = 0; i < 10'000; ++i) late += law.draw(stream) > Nanoseconds(10) ? 1 : 0;
  EXPECT_NEAR(late, 1000, 120);
}

TEST(Latency, NoLawTakesNoTimeAndDrawsNothing) {
  RandomStream drawn(3);
  RandomStream untouched(3);
  EXPECT_EQ(Latency{}.draw(drawn), Nanoseconds(0));
  EXPECT_EQ(drawn.next(), untouched.next());
}

}  // namespace
}  // namespace gregor::sim
