#include "runtime/timer_heap.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

namespace gregor::runtime {
namespace {

MonotonicTime at(std::int64_t ms) {
  return MonotonicTime(Milliseconds(ms));
}

TEST(TimerHeap, FiresInOrderOfTimeAndThenOfArming) {
  TimerHeap timers;
  std::string order;
  timers.arm(at(2), [&] { order += 'c'; });
  timers.arm(at(1), [&] { order += 'a'; });
  timers.arm(at(1), [&] { order += 'b'; });
  EXPECT_EQ(timers.next(), at(1));
  timers.fire(at(0));
  EXPECT_EQ(order, "");
  timers.fire(at(2));
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(timers.next(), kForever);
}

TEST(TimerHeap, DisarmingDestroysTheCallbackAtOnce) {
  TimerHeap timers;
  const auto owned = std::make_shared<int>(0);
  const env::TimerId timer = timers.arm(at(1), [owned] {});
  EXPECT_EQ(owned.use_count(), 2);
  EXPECT_TRUE(timers.disarm(timer));
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_FALSE(timers.disarm(timer));
  EXPECT_FALSE(timers.disarm(0));
  EXPECT_EQ(timers.next(), kForever);
}

TEST(TimerHeap, AnOldIdDoesNotDisarmTheTimerThatTookItsSlot) {
  TimerHeap timers;
  const env::TimerId old = timers.arm(at(1), [] {});
  timers.disarm(old);
  const env::TimerId fresh = timers.arm(at(1), [] {});
  EXPECT_NE(old, fresh);
  EXPECT_FALSE(timers.disarm(old));
  EXPECT_TRUE(timers.disarm(fresh));
}

TEST(TimerHeap, ATimerArmedByACallbackWaitsForTheNextRound) {
  TimerHeap timers;
  int fired = 0;
  timers.arm(at(1), [&] {
    ++fired;
    timers.arm(at(0), [&] { ++fired; });
  });
  timers.fire(at(1));
  EXPECT_EQ(fired, 1);
  timers.fire(at(1));
  EXPECT_EQ(fired, 2);
}

TEST(TimerHeap, ACallbackMayDisarmAnotherThatIsDueToo) {
  TimerHeap timers;
  bool fired = false;
  env::TimerId second = 0;
  timers.arm(at(1), [&] { timers.disarm(second); });
  second = timers.arm(at(1), [&] { fired = true; });
  timers.fire(at(1));
  EXPECT_FALSE(fired);
}

TEST(TimerHeap, ForeverNeverComes) {
  TimerHeap timers;
  bool fired = false;
  timers.arm(kForever, [&] { fired = true; });
  timers.fire(kForever);
  EXPECT_FALSE(fired);
  timers.clear();
  EXPECT_EQ(timers.armed(), 0U);
}

// Whatever is armed and disarmed, those left fire sorted by time and order of arming. Model: a stable sort.
RC_GTEST_PROP(TimerHeap, FiresAsASortedListWould, (const std::vector<std::pair<std::uint8_t, bool>>& plan)) {
  TimerHeap timers;
  std::vector<std::size_t> fired;
  std::vector<std::size_t> expected;
  std::vector<env::TimerId> ids;
  for (std::size_t i = 0; i < plan.size(); ++i)
    ids.push_back(timers.arm(at(plan[i].first), [&fired, i] { fired.push_back(i); }));
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (plan[i].second) {
      RC_ASSERT(timers.disarm(ids[i]));
    } else {
      expected.push_back(i);
    }
  }
  RC_ASSERT(timers.armed() == expected.size());
  std::stable_sort(expected.begin(), expected.end(), [&](auto a, auto b) { return plan[a].first < plan[b].first; });
  timers.fire(at(255));
  RC_ASSERT(fired == expected);
}

}  // namespace
}  // namespace gregor::runtime
