#include "group/timer_table.h"

#include <gtest/gtest.h>

namespace gregor::group {
namespace {

MonotonicTime at(int ms) {
  return MonotonicTime(Milliseconds(ms));
}
TimerName session(const std::string& group, const std::string& member) {
  return {.group_id = group, .kind = TimerKind::session, .member_id = member};
}

TEST(TimerTable, GivesWhatIsDueInOrderOfDeadlineThenOfSetting) {
  TimerTable timers;
  timers.set(session("g", "late"), at(30));
  timers.set(session("g", "b"), at(10));
  timers.set(session("g", "a"), at(10));
  EXPECT_EQ(timers.next_deadline(), at(10));
  EXPECT_EQ(timers.take_due(at(9), timers.mark()), std::nullopt);
  EXPECT_EQ(timers.take_due(at(20), timers.mark())->member_id, "b");
  EXPECT_EQ(timers.take_due(at(20), timers.mark())->member_id, "a");
  EXPECT_EQ(timers.take_due(at(20), timers.mark()), std::nullopt);
}

TEST(TimerTable, SettingAgainReplaces) {
  TimerTable timers;
  timers.set(session("g", "a"), at(10));
  timers.set(session("g", "a"), at(50));
  EXPECT_EQ(timers.size(), 1U);
  EXPECT_EQ(timers.next_deadline(), at(50));
}

TEST(TimerTable, CancelsOneOrAGroup) {
  TimerTable timers;
  timers.set(session("g", "a"), at(1));
  timers.set(session("g", "b"), at(2));
  timers.set({.group_id = "g", .kind = TimerKind::sync, .member_id = {}}, at(3));
  timers.set(session("gg", "a"), at(4));
  timers.cancel(session("g", "a"));
  EXPECT_EQ(timers.next_deadline(), at(2));
  timers.cancel_group("g");
  EXPECT_EQ(timers.size(), 1U);
  EXPECT_EQ(timers.next_deadline(), at(4)) << "a group whose id begins alike keeps its timers";
}

TEST(TimerTable, ARoundEndsThoughTimersAreSetWithinIt) {
  TimerTable timers;
  timers.set(session("g", "a"), at(10));
  const auto mark = timers.mark();
  ASSERT_TRUE(timers.take_due(at(10), mark));
  timers.set(session("g", "a"), at(10));
  EXPECT_EQ(timers.take_due(at(10), mark), std::nullopt);
  EXPECT_TRUE(timers.take_due(at(10), timers.mark()));
}

}  // namespace
}  // namespace gregor::group
