// Lives begin, end, are buried; what unwinds meets a world that takes no notice.
#include "sim/life.h"

#include <gtest/gtest.h>

#include "env/clock.h"
#include "env/disk.h"
#include "sim/world.h"

namespace gregor::sim {
namespace {

using std::chrono::seconds;

/// Counts its own making and end.
struct Counted final : Program {
  struct Tally {
    int made = 0;
    int destroyed = 0;
    int stopped = 0;
  };
  explicit Counted(Tally& t) : tally(t) { ++tally.made; }
  ~Counted() override { ++tally.destroyed; }
  void run(env::Fiber& self, env::Shard& shard) override {
    while (!stopping) env::sleep_for(self, shard.clock, seconds(1));
  }
  void stop() override {
    ++tally.stopped;
    stopping = true;
  }
  Tally& tally;
  bool stopping = false;
};

NodeOptions counted(Counted::Tally& tally, std::size_t shards) {
  NodeOptions options{.name = "n", .shard_count = shards};
  options.program = [&tally] { return std::make_unique<Counted>(tally); };
  return options;
}

TEST(Life, EachLifeHasAProgramOfItsOwn) {
  Counted::Tally tally;
  World world;
  const NodeIndex node = world.add_node(counted(tally, 2));
  world.run_for(seconds(5));
  for (int i = 0; i < 3; ++i) {
    world.crash(node);
    world.restart(node);
    world.run_for(seconds(5));
  }
  EXPECT_EQ(tally.made, 4);
  EXPECT_EQ(tally.destroyed, 3);
  EXPECT_EQ(world.incarnation(node), 4U);
}

TEST(Life, AStopIsAskedOfTheProgramAndEndsTheNodeWhenAllShardsReturned) {
  Counted::Tally tally;
  World world;
  const NodeIndex node = world.add_node(counted(tally, 3));
  world.run_for(seconds(5));
  world.stop(node);
  EXPECT_EQ(world.state(node), NodeState::running);
  world.run_for(seconds(5));
  EXPECT_EQ(world.state(node), NodeState::stopped);
  EXPECT_EQ(tally.stopped, 1);
  EXPECT_EQ(tally.destroyed, 1);
}

TEST(Life, TheEndOfTheWorldEndsAllLives) {
  Counted::Tally tally;
  {
    World world;
    world.add_node(counted(tally, 2));
    world.run_for(seconds(5));
  }
  EXPECT_EQ(tally.destroyed, 1);
}

TEST(Life, ACrashRunsDestructorsAndNoneOfThemReachesTheWorld) {
  World world;
  const auto disk = std::make_shared<DiskImage>();
  int unwound = 0;
  struct Meddler {
    env::Shard& shard;
    int& unwound;
    ~Meddler() {
      ++unwound;
      shard.clock.arm(shard.clock.now(), [] { ADD_FAILURE() << "a timer of the dead"; });
      shard.mailbox.post(ShardId{0}, [] { ADD_FAILURE() << "mail of the dead"; });
      shard.fibers.spawn("ghost", [](env::Fiber&) { ADD_FAILURE() << "a fiber of the dead"; });
    }
  };
  world.add_node({.name = "n",
                  .body =
                      [&](env::Fiber& self, env::Shard& shard) {
                        const Meddler meddler{shard, unwound};
                        shard.fibers.spawn("sibling", [&](env::Fiber& sibling) {
                          const Meddler another{shard, unwound};
                          while (true) sibling.park();
                        });
                        auto file = shard.disk.open(self, "x", env::OpenMode::create).value();
                        while (true) {
                          (void)env::write_all(self, *file, FilePosition{0}, bytes_of("x"));
                          (void)file->fdatasync(self);
                        }
                      },
                  .disk = disk});
  world.run_for(std::chrono::milliseconds(20));
  world.crash(0);
  EXPECT_EQ(unwound, 2);
  const std::uint64_t events = world.trace().event_count();
  world.run_for(seconds(10));
  EXPECT_EQ(world.trace().count_of(EventKind::fiber_ran) > 0, true);
  EXPECT_EQ(world.trace().count_of(EventKind::timer_due), 0U);
  EXPECT_LE(world.trace().event_count(), events + 1);
}

TEST(Life, ANodeMayBeKilledByItsOwnCode) {
  for (const bool by_task : {false, true}) {
    World world;
    int unwound = 0;
    world.add_node({.name = "n", .body = [&](env::Fiber& self, env::Shard& shard) {
                      struct Count {
                        int& unwound;
                        ~Count() { ++unwound; }
                      } count{unwound};
                      const auto kill = [&] {
                        world.crash(0);
                        world.restart(0);
                        EXPECT_FALSE(world.is_alive(0));
                        EXPECT_EQ(unwound, static_cast<int>(world.incarnation(0)) - 1) << "not under its own feet";
                      };
                      if (world.incarnation(0) > 3) return;
                      if (!by_task) kill();
                      if (by_task) shard.clock.arm(shard.clock.now(), kill);
                      while (true) self.park();
                    }});
    world.run_until_idle();
    EXPECT_EQ(world.state(0), NodeState::stopped);
    EXPECT_EQ(world.incarnation(0), 4U);
    EXPECT_EQ(unwound, 4);
  }
}

TEST(Life, MemoryIsWipedAndTheDiskIsNot) {
  World world;
  std::vector<std::size_t> found;
  world.add_node({.name = "n", .body = [&](env::Fiber& self, env::Shard& shard) {
                    auto file = shard.disk.open(self, "x", env::OpenMode::create).value();
                    const FilePosition end = file->size(self).value();
                    found.push_back(end.value());
                    (void)env::write_all(self, *file, end, bytes_of("x"));
                    while (true) self.park();
                  }});
  for (int i = 0; i < 3; ++i) {
    world.run_for(seconds(1));
    world.crash(0);
    world.restart(0);
  }
  world.run_for(seconds(1));
  EXPECT_EQ(found, (std::vector<std::size_t>{0, 1, 2, 3})) << "completed writes survive a process";
}

}  // namespace
}  // namespace gregor::sim
