#include "sim/clock_port.h"

#include <gtest/gtest.h>

#include <vector>

#include "sim/world.h"

namespace gregor::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct OneShard {
  Engine engine{1, {.policy = Policy::fifo}};
  Lane lane;
  NodeClock node_clock;
  ClockPort clock{engine, lane, node_clock};
  void run() {
    while (engine.step()) {
    }
  }
};

TEST(ClockPort, ATimerIsDueAtItsTimeOrLaterNeverEarlier) {
  OneShard on;
  const MonotonicTime when = on.clock.now() + seconds(3);
  MonotonicTime called{};
  on.clock.arm(when, [&] { called = on.clock.now(); });
  on.run();
  EXPECT_GE(called, when);
  EXPECT_LT(called, when + milliseconds(1));
}

TEST(ClockPort, ATimerOfThePastIsDueAtOnce) {
  OneShard on;
  bool called = false;
  on.clock.arm(on.clock.now() - seconds(100), [&] { called = true; });
  on.run();
  EXPECT_TRUE(called);
}

TEST(ClockPort, ADisarmedTimerNeverCallsEvenWhenItWasWaitingForItsTurn) {
  OneShard on;
  const env::TimerId timer = on.clock.arm(on.clock.now(), [] { FAIL(); });
  on.engine.step();  // it has expired and stands in line
  EXPECT_TRUE(on.clock.disarm(timer));
  EXPECT_FALSE(on.clock.disarm(timer));
  on.run();
}

TEST(ClockPort, AnIdOfThePastDisarmsNothing) {
  OneShard on;
  const env::TimerId first = on.clock.arm(on.clock.now(), [] {});
  on.run();
  bool called = false;
  on.clock.arm(on.clock.now(), [&] { called = true; });
  EXPECT_FALSE(on.clock.disarm(first));
  on.run();
  EXPECT_TRUE(called);
}

TEST(ClockPort, AClockThatSlowsDownMakesItsTimersWait) {
  OneShard on;
  const MonotonicTime when = on.clock.now() + seconds(10);
  SimTime called{};
  on.clock.arm(when, [&] {
    called = on.engine.now();
    EXPECT_GE(on.clock.now(), when);
  });
  on.node_clock.set_drift(on.engine.now(), -500'000);  // half as fast
  on.run();
  EXPECT_GE(called, SimTime(seconds(20)));
}

TEST(ClockPort, ATimerForEverHoldsUpNothing) {
  OneShard on;
  on.clock.arm(kForever, [] { FAIL(); });
  on.run();
  EXPECT_EQ(on.engine.now(), SimTime{});
}

TEST(ClockPort, LivesShareNoMonotonicTime) {
  Engine engine(1, {});
  NodeClock node_clock;
  Lane first{.incarnation = 1};
  Lane second{.incarnation = 2};
  EXPECT_NE(ClockPort(engine, first, node_clock).now(), ClockPort(engine, second, node_clock).now());
}

}  // namespace
}  // namespace gregor::sim
