#include "env/wait.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/env/support/manual_world.h"

namespace gregor::env {
namespace {

TEST(WaitQueue, WakesTheOldestFirst) {
  ManualWorld world;
  WaitQueue queue;
  std::string order;
  for (const char name : {'a', 'b', 'c'}) {
    world.fibers.spawn("waiter", [&queue, &order, name](Fiber& self) {
      queue.wait(self);
      order += name;
    });
  }
  world.run();
  EXPECT_EQ(queue.waiting(), 3U);
  queue.wake_one();
  world.run();
  EXPECT_EQ(order, "a");
  queue.wake_all();
  world.run();
  EXPECT_EQ(order, "abc");
}

TEST(WaitQueue, ASpareWakeOfTheFiberDoesNotEndTheWait) {
  ManualWorld world;
  WaitQueue queue;
  bool returned = false;
  Fiber& fiber = world.fibers.spawn("waiter", [&](Fiber& self) {
    queue.wait(self);
    returned = true;
  });
  world.run();
  fiber.wake();
  world.run();
  EXPECT_FALSE(returned);
  queue.wake_one();
  world.run();
  EXPECT_TRUE(returned);
}

TEST(WaitQueue, ACancelledWaiterLeavesTheLine) {
  ManualWorld world;
  WaitQueue queue;
  std::string order;
  std::vector<Fiber*> fibers;
  for (const char name : {'a', 'b', 'c'}) {
    fibers.push_back(&world.fibers.spawn("waiter", [&queue, &order, name](Fiber& self) {
      queue.wait(self);
      order += name;
    }));
  }
  world.run();
  fibers[1]->cancel();
  world.run();
  EXPECT_EQ(queue.waiting(), 2U);
  queue.wake_all();
  world.run();
  EXPECT_EQ(order, "ac");
}

TEST(WaitQueue, AWakeIsNotLostOnAFiberCancelledMeanwhile) {
  ManualWorld world;
  WaitQueue queue;
  std::string told;
  Fiber& fiber = world.fibers.spawn("waiter", [&](Fiber& self) {
    queue.wait(self);
    told = "woken";
    self.yield();
    told = "went on";
  });
  world.run();
  queue.wake_one();
  fiber.cancel();
  world.run();
  EXPECT_EQ(told, "woken") << "it got its turn, and ended at the next suspension";
  EXPECT_EQ(world.fibers.live_count(), 0U);
}

TEST(WaitQueue, WakeAllDoesNotWakeTwiceWhoWaitsAgain) {
  WaitQueue queue;
  ManualWorld world;
  int woken = 0;
  world.fibers.spawn("again", [&](Fiber& self) {
    for (;;) {
      queue.wait(self);
      ++woken;
    }
  });
  world.run();
  queue.wake_all();
  world.run();
  EXPECT_EQ(woken, 1);
}

TEST(WaitQueue, ADeadlineEndsTheWaitAndLeavesNoTimer) {
  ManualWorld world;
  WaitQueue queue;
  std::vector<bool> results;
  world.fibers.spawn("late", [&](Fiber& self) {
    results.push_back(queue.wait_until(self, world, world.now() + Milliseconds(10)));
    results.push_back(queue.wait_until(self, world, world.now()));
  });
  world.run();
  EXPECT_EQ(results, (std::vector<bool>{false, false}));
  EXPECT_EQ(queue.waiting(), 0U);

  world.fibers.spawn("in time", [&](Fiber& self) {
    results.push_back(queue.wait_until(self, world, world.now() + Milliseconds(10)));
  });
  world.run_ready();
  queue.wake_one();
  world.run_ready();
  EXPECT_EQ(results.back(), true);
  EXPECT_EQ(world.timers_armed(), 0U);
}

TEST(WaitQueue, ACancelledTimedWaitLeavesNoTimer) {
  ManualWorld world;
  WaitQueue queue;
  Fiber& fiber =
      world.fibers.spawn("late", [&](Fiber& self) { queue.wait_until(self, world, world.now() + Milliseconds(10)); });
  world.run_ready();
  EXPECT_EQ(world.timers_armed(), 1U);
  fiber.cancel();
  world.run_ready();
  EXPECT_EQ(world.timers_armed(), 0U);
}

TEST(WaitQueue, MayDieBeforeWaitersThatWereCancelled) {
  ManualWorld world;
  auto queue = std::make_unique<WaitQueue>();
  Fiber& fiber = world.fibers.spawn("waiter", [&](Fiber& self) { queue->wait(self); });
  world.run();
  fiber.cancel();
  queue.reset();
  world.run();
  EXPECT_EQ(world.fibers.live_count(), 0U);
}

TEST(WaitQueueDeathTest, MayNotDieUnderAWaiter) {
  EXPECT_DEATH(
      {
        ManualWorld world;
        auto queue = std::make_unique<WaitQueue>();
        world.fibers.spawn("waiter", [&](Fiber& self) { queue->wait(self); });
        world.run();
        queue.reset();
      },
      "cancelled");
}

TEST(FiberMutex, IsHeldByOneAndServesFirstComeFirst) {
  ManualWorld world;
  FiberMutex mutex;
  std::string order;
  int inside = 0;
  for (const char name : {'a', 'b', 'c'}) {
    world.fibers.spawn("user", [&, name](Fiber& self) {
      const FiberMutex::Held held = mutex.lock(self);
      EXPECT_EQ(++inside, 1);
      self.yield();
      self.yield();
      order += name;
      --inside;
    });
  }
  world.run();
  EXPECT_EQ(order, "abc");
  EXPECT_FALSE(mutex.is_locked());
}

TEST(FiberMutex, NobodyBargesInBetweenUnlockAndTheNextInLine) {
  ManualWorld world;
  FiberMutex mutex;
  std::string order;
  const auto user = [&](char name) {
    return [&, name](Fiber& self) {
      for (int turn = 0; turn < 2; ++turn) {
        const FiberMutex::Held held = mutex.lock(self);
        order += name;
        self.yield();
      }
    };
  };
  world.fibers.spawn("a", user('a'));
  world.fibers.spawn("b", user('b'));
  world.run();
  EXPECT_EQ(order, "abab") << "a asks again before b has run, and must stand behind it";
}

TEST(FiberMutex, ACancelInLineHandsNothingAway) {
  ManualWorld world;
  FiberMutex mutex;
  std::string order;
  Fiber* second = nullptr;
  world.fibers.spawn("a", [&](Fiber& self) {
    {
      const FiberMutex::Held held = mutex.lock(self);
      self.yield();
    }
    second->cancel();  // after it was handed the mutex, before it ran
  });
  second = &world.fibers.spawn("b", [&](Fiber& self) {
    const FiberMutex::Held held = mutex.lock(self);
    self.yield();
    order += 'b';
  });
  world.fibers.spawn("c", [&](Fiber& self) {
    const FiberMutex::Held held = mutex.lock(self);
    order += 'c';
  });
  world.run();
  EXPECT_EQ(order, "c");
  EXPECT_FALSE(mutex.is_locked());
}

TEST(Promise, GivesItsValueToTheOneThatAwaits) {
  ManualWorld world;
  Promise<std::string> promise;
  std::string got;
  world.fibers.spawn("awaits", [&](Fiber& self) { got = promise.await(self); });
  world.run();
  promise.set("value");
  world.run();
  EXPECT_EQ(got, "value");
}

TEST(Promise, HasNothingAtTheDeadline) {
  ManualWorld world;
  Promise<int> promise;
  bool was_empty = false;
  world.fibers.spawn("awaits", [&](Fiber& self) {
    was_empty = !promise.await_until(self, world, world.now() + Milliseconds(1)).has_value();
  });
  world.run();
  EXPECT_TRUE(was_empty);
}

}  // namespace
}  // namespace gregor::env
