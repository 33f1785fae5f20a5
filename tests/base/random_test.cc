#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace gregor {
namespace {

TEST(RandomStream, DrawsAreTheSameOnEveryMachine) {
  RandomStream random(42);
  EXPECT_EQ(random.next(), 1546998764402558742ULL);
  EXPECT_EQ(random.next(), 6990951692964543102ULL);
}

TEST(RandomStream, BoundedDrawsStayInBoundsAndReachThem) {
  RandomStream random(1);
  std::array<int, 3> seen{};
  for (int i = 0; i < 300; ++i) ++seen[static_cast<std::size_t>(random.between(-1, 1) + 1)];
  for (const int count : seen) EXPECT_GT(count, 50);
  EXPECT_NO_FATAL_FAILURE(
      random.between(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()));
}

TEST(RandomStream, StreamsOfDifferentNamesDiffer) {
  EXPECT_NE(hash_name("network"), hash_name("disk"));
  EXPECT_NE(hash_name("disk", 1), hash_name("disk", 2));
}

}  // namespace
}  // namespace gregor
