#include "sim/engine.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gregor::sim {
namespace {

using std::chrono::seconds;

TEST(Engine, TimeJumpsToWhatIsDueWhenNothingIsReady) {
  Engine engine(1, {});
  SimTime ran_at{};
  engine.after(seconds(5), [&] { ran_at = engine.now(); });
  EXPECT_TRUE(engine.step());
  EXPECT_EQ(ran_at, SimTime(seconds(5)));
  EXPECT_FALSE(engine.step());
}

TEST(Engine, WorkTakesTimeWithinItsLaw) {
  Engine engine(1, {.cost_min = Nanoseconds(100), .cost_max = Nanoseconds(200)});
  Lane lane;
  for (int i = 0; i < 1000; ++i) engine.post(lane, EventKind::mail_delivered, 0, [] {});
  while (engine.step()) {
  }
  const std::int64_t spent = engine.now().time_since_epoch().count();
  EXPECT_GT(spent, 1000 * 140);
  EXPECT_LT(spent, 1000 * 160);
}

TEST(Engine, WhatIsDueComesBeforeWhatIsReady) {
  Engine engine(1, {});
  Lane lane;
  std::string order;
  engine.post(lane, EventKind::mail_delivered, 0, [&] { order += "ready "; });
  engine.after(Nanoseconds(0), [&] { order += "due "; });
  while (engine.step()) {
  }
  EXPECT_EQ(order, "due ready ");
}

TEST(Engine, ADeadLaneRunsNothing) {
  Engine engine(1, {});
  Lane lane;
  engine.post(lane, EventKind::mail_delivered, 0, [] { FAIL(); });
  engine.kill(lane);
  engine.post(lane, EventKind::mail_delivered, 0, [] { FAIL(); });
  EXPECT_FALSE(engine.step());
}

TEST(Engine, WhatMustNotRunOnALaneRunsRightAfterTheEvent) {
  Engine engine(1, {});
  Lane lane;
  std::string order;
  engine.post(lane, EventKind::mail_delivered, 0, [&] {
    engine.when_off_lane([&] {
      EXPECT_FALSE(engine.is_on_lane());
      order += "after ";
    });
    order += "during ";
  });
  engine.step();
  EXPECT_EQ(order, "during after ");
  engine.when_off_lane([&] { order += "now"; });
  EXPECT_EQ(order, "during after now");
}

}  // namespace
}  // namespace gregor::sim
