#include "sim/streams.h"

#include <gtest/gtest.h>

#include <set>

namespace gregor::sim {
namespace {

TEST(Streams, EveryPartOfANameMakesAnotherStream) {
  std::set<std::uint64_t> seeds;
  seeds.insert(stream_seed(1, {"link", 1, 1, 1}));
  seeds.insert(stream_seed(2, {"link", 1, 1, 1}));
  seeds.insert(stream_seed(1, {"disk", 1, 1, 1}));
  seeds.insert(stream_seed(1, {"link", 2, 1, 1}));
  seeds.insert(stream_seed(1, {"link", 1, 2, 1}));
  seeds.insert(stream_seed(1, {"link", 1, 1, 2}));
  EXPECT_EQ(seeds.size(), 6U);
}

TEST(Streams, EqualNamesGiveEqualStreams) {
  RandomStream first = open_stream(9, {.purpose = "x", .object = 4});
  RandomStream second = open_stream(9, {.purpose = "x", .object = 4});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(first.next(), second.next());
}

TEST(Streams, AChanceOfNothingDrawsNothing) {
  RandomStream drawn(5);
  RandomStream untouched(5);
  EXPECT_FALSE(Chance{}.draw(drawn));
  EXPECT_EQ(drawn.next(), untouched.next());
}

TEST(Streams, AChanceStrikesAboutAsOftenAsItSays) {
  RandomStream stream(5);
  int struck = 0;
  for (int i = 0; i < 100'000; ++i) struck += Chance{250'000}.draw(stream) ? 1 : 0;
  EXPECT_NEAR(struck, 25'000, 700);
  EXPECT_TRUE(kAlways.draw(stream));
}

}  // namespace
}  // namespace gregor::sim
