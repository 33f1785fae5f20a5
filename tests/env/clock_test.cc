#include "env/clock.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/env/support/manual_world.h"

namespace gregor::env {
namespace {

TEST(Clock, SleepersWakeInOrderOfTheirTimes) {
  ManualWorld world;
  std::string order;
  const auto sleeper = [&](char name, int ms) {
    return [&world, &order, name, ms](Fiber& self) {
      const MonotonicTime until = world.now() + Milliseconds(ms);
      sleep_for(self, world, Milliseconds(ms));
      EXPECT_GE(world.now(), until);
      order += name;
    };
  };
  world.fibers.spawn("c", sleeper('c', 30));
  world.fibers.spawn("a", sleeper('a', 10));
  world.fibers.spawn("b", sleeper('b', 20));
  world.run();
  EXPECT_EQ(order, "abc");
}

TEST(Clock, ASpareWakeDoesNotShortenASleep) {
  ManualWorld world;
  bool awake = false;
  Fiber& fiber = world.fibers.spawn("sleeper", [&](Fiber& self) {
    sleep_for(self, world, Milliseconds(10));
    awake = true;
  });
  world.run_ready();
  fiber.wake();
  world.run_ready();
  EXPECT_FALSE(awake);
  world.run();
  EXPECT_TRUE(awake);
}

TEST(Clock, ACancelledSleepDisarmsItsTimer) {
  ManualWorld world;
  Fiber& fiber = world.fibers.spawn("sleeper", [&](Fiber& self) { sleep_for(self, world, Nanoseconds::max()); });
  world.run_ready();
  EXPECT_EQ(world.timers_armed(), 1U);
  fiber.cancel();
  world.run_ready();
  EXPECT_EQ(world.timers_armed(), 0U);
}

}  // namespace
}  // namespace gregor::env
