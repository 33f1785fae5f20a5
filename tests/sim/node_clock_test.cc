#include "sim/node_clock.h"

#include <gtest/gtest.h>

namespace gregor::sim {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

SimTime at(Nanoseconds since_start) {
  return SimTime(since_start);
}

TEST(NodeClock, AnHonestClockShowsTheWorldsTime) {
  const NodeClock clock;
  EXPECT_EQ(clock.monotonic(at(seconds(5))).time_since_epoch(), seconds(5));
  EXPECT_EQ(clock.wall(at(seconds(5))).ms, kWorldBeginsMs + 5000);
}

TEST(NodeClock, DriftGathersFromTheMomentItBegins) {
  NodeClock clock;
  clock.set_drift(at(seconds(10)), 1000);  // 0.1 %
  EXPECT_EQ(clock.monotonic(at(seconds(10))).time_since_epoch(), seconds(10));
  EXPECT_EQ(clock.monotonic(at(seconds(20))).time_since_epoch(), seconds(20) + milliseconds(10));
  clock.set_drift(at(seconds(20)), 0);
  EXPECT_EQ(clock.monotonic(at(seconds(30))).time_since_epoch(), seconds(30) + milliseconds(10));
}

TEST(NodeClock, TheMonotonicClockNeverFallsWhateverTheDrift) {
  NodeClock clock;
  MonotonicTime last{};
  for (int i = 1; i < 2000; ++i) {
    const SimTime now = at(Nanoseconds(i * 777));
    clock.set_drift(now, i % 2 == 0 ? 500'000 : -500'000);
    EXPECT_GE(clock.monotonic(now), last);
    last = clock.monotonic(now);
  }
}

TEST(NodeClock, JumpsMoveTheWallClockAlone) {
  NodeClock clock;
  clock.jump_wall(-hours(2));
  EXPECT_EQ(clock.wall(at(seconds(1))).ms, kWorldBeginsMs + 1000 - 7'200'000);
  EXPECT_EQ(clock.monotonic(at(seconds(1))).time_since_epoch(), seconds(1));
}

TEST(NodeClock, WorldTimeOfIsTheFirstMomentThatShowsIt) {
  for (const std::int64_t drift : {0, 1, -1, 12'345, -12'345, 500'000, -500'000}) {
    NodeClock clock;
    clock.set_drift(at(Nanoseconds(1'000'003)), drift);
    for (const std::int64_t ns : {1'000'004, 1'234'567, 999'999'937}) {
      const MonotonicTime wanted{Nanoseconds(ns)};
      const SimTime when = clock.world_time_of(wanted);
      EXPECT_GE(clock.monotonic(when), wanted) << drift;
      EXPECT_LT(clock.monotonic(when - Nanoseconds(1)), wanted) << drift;
    }
  }
}

TEST(NodeClock, ForeverNeverComes) {
  EXPECT_EQ(NodeClock().world_time_of(kForever), kNever);
}

}  // namespace
}  // namespace gregor::sim
