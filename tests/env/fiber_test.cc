// Fibers one by one: what a switch must carry, what a wake and a cancel mean, what a stack may do.
#include "env/fiber.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "env/sanitizer_notes.h"
#include "env/stack_slab.h"
#include "tests/env/support/manual_world.h"

namespace gregor::env {
namespace {

TEST(Fiber, RunsOnlyAfterSpawnReturned) {
  ManualWorld world;
  bool ran = false;
  world.fibers.spawn("one", [&](Fiber&) { ran = true; });
  EXPECT_FALSE(ran);
  EXPECT_EQ(world.fibers.live_count(), 1U);
  world.run();
  EXPECT_TRUE(ran);
  EXPECT_EQ(world.fibers.live_count(), 0U);
}

TEST(Fiber, YieldLetsTheOthersRunFirst) {
  ManualWorld world;
  std::string order;
  for (const char name : {'a', 'b'}) {
    world.fibers.spawn("two steps", [&order, name](Fiber& self) {
      order += name;
      self.yield();
      order += name;
    });
  }
  world.run();
  EXPECT_EQ(order, "abab");
}

TEST(Fiber, IdsRiseInOrderOfBirthAndNamesAreCut) {
  ManualWorld world;
  const std::string long_name(100, 'x');
  Fiber& first = world.fibers.spawn("first", [](Fiber&) {});
  Fiber& second = world.fibers.spawn(long_name, [](Fiber&) {});
  EXPECT_EQ(first.id(), 1U);
  EXPECT_EQ(second.id(), 2U);
  EXPECT_EQ(first.name(), "first");
  EXPECT_EQ(second.name(), std::string(kFiberNameBytesMax, 'x'));
  std::vector<std::uint64_t> seen;
  world.fibers.for_each([&](Fiber& fiber) { seen.push_back(fiber.id()); });
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2}));
  world.run();
}

TEST(Fiber, AWakeBeforeTheParkIsKeptButOnlyOne) {
  ManualWorld world;
  int returns = 0;
  Fiber& fiber = world.fibers.spawn("sleeper", [&](Fiber& self) {
    for (;;) {
      self.park();
      ++returns;
    }
  });
  fiber.wake();
  fiber.wake();
  world.run();
  EXPECT_EQ(returns, 1) << "two wakes before the first park are one";
  fiber.wake();
  world.run();
  EXPECT_EQ(returns, 2);
}

TEST(Fiber, TwoFibersSuspendedInCatchKeepTheirOwnExceptions) {
  ManualWorld world;
  std::vector<std::string> caught;
  for (const char* text : {"left", "right"}) {
    world.fibers.spawn(text, [&caught, text](Fiber& self) {
      try {
        try {
          throw std::runtime_error(text);
        } catch (...) {
          self.yield();
          throw;
        }
      } catch (const std::runtime_error& error) {
        self.yield();
        caught.push_back(std::string(text) + ":" + error.what());
      }
    });
  }
  world.run();
  EXPECT_EQ(caught, (std::vector<std::string>{"left:left", "right:right"}));
  EXPECT_EQ(std::current_exception(), nullptr) << "nothing leaks into the loop";
}

TEST(Fiber, TheLoopKeepsItsExceptionWhileFibersThrow) {
  ManualWorld world;
  try {
    throw std::runtime_error("of the loop");
  } catch (...) {
    world.fibers.spawn("thrower", [](Fiber&) {
      try {
        throw std::runtime_error("of the fiber");
      } catch (const std::runtime_error&) {
      }
    });
    world.run();
    try {
      throw;
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "of the loop");
    }
  }
}

struct Marks {
  std::string& text;
  char mark;
  ~Marks() { text += mark; }
};

TEST(Fiber, CancellationRunsDestructorsInnermostFirst) {
  ManualWorld world;
  std::string destroyed;
  bool went_on = false;
  Fiber& fiber = world.fibers.spawn("victim", [&](Fiber& self) {
    const Marks outer{destroyed, 'o'};
    const Marks inner{destroyed, 'i'};
    self.park();
    went_on = true;
  });
  world.run();
  fiber.cancel();
  fiber.cancel();
  world.run();
  EXPECT_EQ(destroyed, "io");
  EXPECT_FALSE(went_on);
  EXPECT_EQ(world.fibers.live_count(), 0U);
}

TEST(Fiber, CancelBeforeTheFirstRunDestroysTheEntryUnrun) {
  ManualWorld world;
  bool ran = false;
  const auto owned = std::make_shared<int>(1);
  Fiber& fiber = world.fibers.spawn("never", [&ran, owned](Fiber&) { ran = true; });
  EXPECT_EQ(owned.use_count(), 2);
  fiber.cancel();
  world.run();
  EXPECT_FALSE(ran);
  EXPECT_EQ(owned.use_count(), 1);
}

TEST(Fiber, ACancelledFiberThrowsAtEverySuspensionThatFollows) {
  ManualWorld world;
  int thrown = 0;
  Fiber& fiber = world.fibers.spawn("stubborn", [&](Fiber& self) {
    for (int i = 0; i < 3; ++i) {
      try {
        self.park();
      } catch (const Cancelled&) {
        ++thrown;
      }
    }
  });
  world.run();
  fiber.cancel();
  world.run();
  EXPECT_EQ(thrown, 3);
}

TEST(Fiber, AnUncancellableParkHoldsTheCancelBack) {
  ManualWorld world;
  std::string told;
  Fiber& fiber = world.fibers.spawn("writer", [&](Fiber& self) {
    self.park_uncancellable();
    told += "woken ";
    try {
      self.park();
    } catch (const Cancelled&) {
      told += "cancelled";
      throw;
    }
  });
  world.run();
  fiber.cancel();
  world.run();
  EXPECT_EQ(told, "") << "its buffers are still in use";
  fiber.wake();
  world.run();
  EXPECT_EQ(told, "woken cancelled");
}

TEST(FiberScheduler, CancelAllUnwindsTheYoungestFirstAndTellsNobodyReady) {
  ManualWorld world;
  std::string destroyed;
  Fiber* first = nullptr;
  first = &world.fibers.spawn("a", [&](Fiber& self) {
    const Marks mark{destroyed, 'a'};
    self.park();
  });
  world.fibers.spawn("b", [&](Fiber& self) {
    struct WakesAnother {
      Fiber& other;
      ~WakesAnother() { other.wake(); }
    } wakes{*first};
    const Marks mark{destroyed, 'b'};
    self.park_uncancellable();
  });
  world.fibers.spawn("c", [&](Fiber&) { destroyed += "ran"; });
  for (int i = 0; i < 2; ++i) {
    world.fibers.for_each([&](Fiber& fiber) {
      if (fiber.name() != "c" && !fiber.is_parked()) world.fibers.resume(fiber);
    });
  }
  world.cancel_all();
  EXPECT_EQ(destroyed, "ba") << "and the fiber that never ran did not";
  EXPECT_EQ(world.fibers.live_count(), 0U);
  EXPECT_FALSE(world.fibers.is_cancelling_all());
  bool ran = false;
  world.fibers.spawn("afterwards", [&](Fiber&) { ran = true; });
  world.run();
  EXPECT_TRUE(ran) << "the scheduler may be used again";
}

TEST(FiberScheduler, WhatIsSpawnedWhileAllAreCancelledNeverRuns) {
  ManualWorld world;
  bool ran = false;
  world.fibers.spawn("parent", [&](Fiber& self) {
    struct Spawns {
      FiberScheduler& fibers;
      bool& ran;
      ~Spawns() {
        fibers.spawn("late child", [&r = ran](Fiber&) { r = true; });
      }
    } spawns{world.fibers, ran};
    self.park();
  });
  world.run();
  world.cancel_all();
  EXPECT_FALSE(ran);
  EXPECT_EQ(world.fibers.live_count(), 0U);
}

TEST(FiberDeathTest, AnExceptionThatLeavesTheEntryEndsTheProcess) {
  EXPECT_DEATH(
      {
        ManualWorld world;
        world.fibers.spawn("thrower", [](Fiber&) { throw std::runtime_error("nobody catches this"); });
        world.run();
      },
      "nobody catches this");
}

TEST(FiberDeathTest, SuspendingInADestructorThatUnwindsIsRefused) {
  EXPECT_DEATH(
      {
        ManualWorld world;
        world.fibers.spawn("careless", [](Fiber& self) {
          struct Parks {
            Fiber& fiber;
            ~Parks() noexcept(false) { fiber.park(); }
          };
          try {
            const Parks parks{self};
            throw std::runtime_error("unwinds");
          } catch (const std::runtime_error&) {
          }
        });
        world.run();
      },
      "uncaught_exceptions");
}

// Touches one byte a page downwards, so that the first fault is on the guard.
[[gnu::noinline]] int dig(int depth) {
  volatile char page[4096];
  page[0] = static_cast<char>(depth);
  if (depth == 0) return page[0];
  return dig(depth - 1) + page[0];
}

TEST(FiberDeathTest, TheGuardStopsAnOverrun) {
  EXPECT_DEATH(
      {
        ManualWorld world;
        world.fibers.spawn("digger", [](Fiber&) { dig(1 << 20); });
        world.run();
      },
      "");
  ManualWorld world;
  int dug = 0;
  world.fibers.spawn("modest", [&](Fiber&) { dug = dig(10) + 1; });
  world.run();
  EXPECT_NE(dug, 0) << "what fits does not fault";
}

#ifdef GREGOR_ASAN
TEST(FiberDeathTest, AddressSanitizerSeesAnOverflowOnAFiberStackAfterAResume) {
  EXPECT_DEATH(
      {
        ManualWorld world;
        world.fibers.spawn("overflow", [](Fiber& self) {
          char room[8] = {};
          volatile char* at = room;
          volatile int beyond = 8;
          self.yield();
          at[beyond] = 1;
        });
        world.run();
      },
      "stack-buffer-overflow");
}

TEST(FiberDeathTest, AddressSanitizerSeesAFiberUsedAfterItsEnd) {
  EXPECT_DEATH(
      {
        ManualWorld world;
        Fiber& fiber = world.fibers.spawn("short", [](Fiber&) {});
        world.run();
        fiber.wake();
      },
      "use-after-poison");
}
#endif

#ifdef GREGOR_TSAN
constexpr std::size_t kMany = 2'000;  // ThreadSanitizer knows no more than 8,128 stacks
#else
constexpr std::size_t kMany = 10'000;
#endif

TEST(Fiber, ThousandsLiveAndEndInAnyOrder) {
  ManualWorld world;
  std::vector<Fiber*> fibers;
  std::size_t ended = 0;
  for (std::size_t i = 0; i < kMany; ++i) {
    fibers.push_back(&world.fibers.spawn("many", [&ended](Fiber& self) {
      self.park();
      ++ended;
    }));
  }
  world.run();
  for (std::size_t i = 0; i < fibers.size(); i += 2) fibers[i]->wake();
  world.run();
  EXPECT_EQ(ended, kMany / 2);
  EXPECT_EQ(world.fibers.live_count(), kMany / 2);
}

}  // namespace
}  // namespace gregor::env
