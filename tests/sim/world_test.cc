#include "sim/world.h"

#include <gtest/gtest.h>

#include "env/clock.h"
#include "env/disk.h"

namespace gregor::sim {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Ticks every second, on each shard.
NodeOptions ticking(std::vector<SimTime>& ticks, World& world) {
  return {.name = "n", .body = [&](env::Fiber& self, env::Shard& shard) {
            while (true) {
              env::sleep_for(self, shard.clock, seconds(1));
              ticks.push_back(world.now());
            }
          }};
}

TEST(World, RunsToThePredicateTheDeadlineTheCapOrTheEnd) {
  World world;
  std::vector<SimTime> ticks;
  world.add_node(ticking(ticks, world));
  EXPECT_EQ(world.run_until([&] { return ticks.size() == 3; }), RunEnd::satisfied);
  EXPECT_EQ(world.run_until({}, {.deadline = SimTime(seconds(10))}), RunEnd::deadline);
  EXPECT_EQ(world.now(), SimTime(seconds(10)));
  const std::uint64_t before = world.trace().event_count();
  EXPECT_EQ(world.run_until({}, {.events_max = 7}), RunEnd::events_max);
  EXPECT_LE(world.trace().event_count(), before + 7);
  world.crash(0);
  EXPECT_EQ(world.run_until_idle(), RunEnd::idle);
}

TEST(World, APausedNodeStandsStillWhileTimeGoesOn) {
  World world;
  std::vector<SimTime> ticks;
  world.add_node(ticking(ticks, world));
  world.run_for(milliseconds(2500));
  world.pause(0);
  EXPECT_EQ(world.state(0), NodeState::paused);
  world.run_for(seconds(100));
  EXPECT_EQ(ticks.size(), 2U);
  world.resume(0);
  world.run_for(milliseconds(1));
  EXPECT_EQ(ticks.size(), 3U) << "one timer was due, late";
  world.run_for(seconds(10));
  EXPECT_NEAR(static_cast<double>(ticks.size()), 13, 1);
}

TEST(World, CallsComeAtTheirTime) {
  World world;
  std::vector<std::int64_t> at;
  world.at(SimTime(seconds(3)), [&] { at.push_back(world.now().time_since_epoch() / seconds(1)); });
  world.after(seconds(1),
              [&] { world.after(seconds(1), [&] { at.push_back(world.now().time_since_epoch() / seconds(1)); }); });
  world.run_until_idle();
  EXPECT_EQ(at, (std::vector<std::int64_t>{2, 3}));
}

TEST(World, ClocksOfNodesDifferAndJump) {
  World world;
  std::int64_t jumped_by = 0;
  world.add_node({.name = "n", .body = [&](env::Fiber& self, env::Shard& shard) {
                    const std::int64_t before = shard.clock.wall_now().ms;
                    env::sleep_for(self, shard.clock, seconds(10));
                    jumped_by = shard.clock.wall_now().ms - before;
                  }});
  world.after(seconds(5), [&] { world.jump_wall_clock(0, -hours(1)); });
  world.run_until_idle();
  EXPECT_NEAR(static_cast<double>(jumped_by), 10'000 - 3'600'000, 5);
}

TEST(World, AFastClockSleepsShorter) {
  World world;
  SimTime woke{};
  world.add_node({.name = "n", .body = [&](env::Fiber& self, env::Shard& shard) {
                    env::sleep_for(self, shard.clock, seconds(15));
                    woke = world.now();
                  }});
  world.set_drift(0, 500'000);
  world.run_until_idle();
  EXPECT_NEAR(static_cast<double>(woke.time_since_epoch().count()), 1e10, 1e7);
}

TEST(World, APowerLossTakesWhatWasNotSyncedAndLeavesWhatWas) {
  int lost = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    World world({.seed = seed});
    bool written = false;
    world.add_node({.name = "n", .body = [&](env::Fiber& self, env::Shard& shard) {
                      if (written) return;
                      ASSERT_TRUE(env::replace_file(self, shard.disk, "durable", bytes_of("yes")));
                      auto file = shard.disk.open(self, "maybe", env::OpenMode::create).value();
                      ASSERT_TRUE(env::write_all(self, *file, FilePosition{0}, bytes_of("unsynced")));
                      written = true;
                      while (true) self.park();
                    }});
    world.run_until([&] { return written; });
    const Losses losses = world.lose_power(0);
    EXPECT_EQ(world.state(0), NodeState::powered_off);
    EXPECT_EQ(text_of(*world.disk(0).content_of("durable")), "yes");
    const auto maybe = world.disk(0).content_of("maybe");
    if (!maybe || text_of(*maybe) != "unsynced") {
      ++lost;
      EXPECT_GT(losses.writes_lost + losses.writes_torn + losses.names_lost, 0U);
    }
    world.restart(0);
    EXPECT_EQ(world.run_until_idle(), RunEnd::idle);
    EXPECT_EQ(world.state(0), NodeState::stopped);
  }
  EXPECT_GT(lost, 5);
  EXPECT_LT(lost, 40);
}

TEST(World, AMachineMayLosePowerAfterItsProcessDied) {
  World world;
  bool written = false;
  world.add_node({.name = "n", .body = [&](env::Fiber& self, env::Shard& shard) {
                    auto file = shard.disk.open(self, "x", env::OpenMode::create).value();
                    ASSERT_TRUE(env::write_all(self, *file, FilePosition{0}, bytes_of("unsynced")));
                    written = true;
                  }});
  world.run_until_idle();
  ASSERT_TRUE(written);
  EXPECT_EQ(world.state(0), NodeState::stopped);
  world.lose_power(0);
  EXPECT_EQ(world.state(0), NodeState::powered_off);
  const auto left = world.disk(0).content_of("x");
  const auto durable = world.disk(0).durable_content_of("x");
  EXPECT_EQ(left, durable);
}

TEST(World, AWipedDiskIsEmpty) {
  World world;
  world.add_node({.name = "n", .body = [](env::Fiber& self, env::Shard& shard) {
                    (void)env::replace_file(self, shard.disk, "x", bytes_of("x"));
                  }});
  world.run_until_idle();
  world.wipe_disk(0);
  EXPECT_TRUE(world.disk(0).file_paths().empty());
  EXPECT_EQ(world.faults().of(FaultKind::wiped_disk).had_effect, 1U);
}

TEST(World, ShardsOfANodeInterleaveAndMeetByMail) {
  World world;
  std::vector<std::uint32_t> heard(4);
  world.add_node({.name = "n", .shard_count = 4, .body = [&](env::Fiber& self, env::Shard& shard) {
                    const std::uint32_t me = shard.mailbox.self().value();
                    EXPECT_EQ(shard.mailbox.shard_count(), 4U);
                    for (std::uint32_t to = 0; to < 4; ++to)
                      shard.mailbox.post(ShardId{to}, [&heard, to] { ++heard[to]; });
                    (void)me;
                    env::sleep_for(self, shard.clock, seconds(1));
                  }});
  world.run_until_idle();
  EXPECT_EQ(heard, (std::vector<std::uint32_t>{4, 4, 4, 4}));
}

TEST(World, StuckFibersAreNamed) {
  World world;
  world.add_node({.name = "n", .body = [](env::Fiber& self, env::Shard& shard) {
                    shard.fibers.spawn("waits for godot", [](env::Fiber& child) { child.park(); });
                    self.park();
                  }});
  world.run_until_idle();
  EXPECT_EQ(world.live_fibers(),
            (std::vector<std::string>{"n/0 fiber 1 root, parked", "n/0 fiber 2 waits for godot, parked"}));
}

}  // namespace
}  // namespace gregor::sim
