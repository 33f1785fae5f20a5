#include "sim/disk_port.h"

#include <gtest/gtest.h>

#include <set>

#include "env/clock.h"
#include "env/disk.h"
#include "sim/run_fiber.h"
#include "sim/world.h"

namespace gregor::sim {
namespace {

using env::OpenMode;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(DiskPort, OpenModesMeanWhatTheySay) {
  run_fiber([](env::Fiber& self, env::Shard& shard) {
    env::Disk& disk = shard.disk;
    EXPECT_EQ(disk.open(self, "x", OpenMode::read_only).error().code, Errc::not_found);
    EXPECT_EQ(disk.open(self, "x", OpenMode::read_write).error().code, Errc::not_found);
    EXPECT_TRUE(disk.open(self, "x", OpenMode::create));
    EXPECT_TRUE(disk.open(self, "x", OpenMode::create));
    EXPECT_EQ(disk.open(self, "x", OpenMode::create_new).error().code, Errc::exists);
    EXPECT_TRUE(disk.open(self, "y", OpenMode::create_new));
    EXPECT_EQ(disk.open(self, "no/x", OpenMode::create).error().code, Errc::not_found);
  });
}

TEST(DiskPort, ListsNamesInOrderOfTheirBytes) {
  run_fiber([](env::Fiber& self, env::Shard& shard) {
    ASSERT_TRUE(shard.disk.make_directory(self, "d"));
    for (const char* name : {"d/b", "d/\xc3\xa9", "d/B", "d/a"})
      ASSERT_TRUE(shard.disk.open(self, name, OpenMode::create));
    EXPECT_EQ(*shard.disk.list(self, "d"), (std::vector<std::string>{"B", "a", "b", "\xc3\xa9"}));
    EXPECT_EQ(*shard.disk.list(self, "."), (std::vector<std::string>{"d"}));
    EXPECT_EQ(shard.disk.list(self, "d/a").error().code, Errc::invalid);
  });
}

TEST(DiskPort, StatusTellsSizeKindAndWallClockTime) {
  run_fiber([](env::Fiber& self, env::Shard& shard) {
    env::sleep_for(self, shard.clock, seconds(5));
    auto file = shard.disk.open(self, "x", OpenMode::create).value();
    ASSERT_TRUE(env::write_all(self, *file, FilePosition{0}, bytes_of("12345")));
    const env::FileStatus status = shard.disk.status(self, "x").value();
    EXPECT_EQ(status.size, 5U);
    EXPECT_FALSE(status.is_directory);
    EXPECT_NEAR(status.modified_ms, kWorldBeginsMs + 5000, 5);
    EXPECT_TRUE(shard.disk.status(self, ".")->is_directory);
  });
}

TEST(DiskPort, ALockDiesWithItsProcess) {
  const auto disk = std::make_shared<DiskImage>();
  World world;
  const auto body = [](env::Fiber& self, env::Shard& shard) {
    const auto held = shard.disk.lock(self, ".lock");
    EXPECT_TRUE(held);
    EXPECT_EQ(shard.disk.lock(self, ".lock").error().code, Errc::exists);
    while (true) self.park();
  };
  const NodeIndex node = world.add_node({.name = "n", .body = body, .disk = disk});
  world.run_for(seconds(1));
  world.crash(node);
  world.restart(node);
  world.run_for(seconds(1));
  EXPECT_EQ(world.state(node), NodeState::running);
}

TEST(DiskPort, AHungDiskFinishesNothingUntilItComesBack) {
  World world;
  SimTime finished{};
  world.add_node({.name = "n", .body = [&](env::Fiber& self, env::Shard& shard) {
                    auto file = shard.disk.open(self, "x", OpenMode::create).value();
                    world.hang_disk(0, seconds(30));
                    ASSERT_TRUE(env::write_all(self, *file, FilePosition{0}, bytes_of("x")));
                    finished = world.now();
                  }});
  world.run_until_idle();
  EXPECT_GE(finished, SimTime(seconds(30)));
  EXPECT_GT(world.faults().of(FaultKind::hung_disk).had_effect, 0U);
}

TEST(DiskPort, ACancelWaitsForTheOperationToEnd) {
  World world;
  bool written = false;
  world.add_node({.name = "n", .body = [&](env::Fiber& self, env::Shard& shard) {
                    auto file = shard.disk.open(self, "x", OpenMode::create).value();
                    world.hang_disk(0, seconds(1));
                    env::Fiber& child = shard.fibers.spawn("writer", [&](env::Fiber& writer) {
                      const ByteBuffer on_its_stack(10, std::byte{'w'});
                      EXPECT_TRUE(file->pwritev(writer, FilePosition{0}, std::vector<Bytes>{on_its_stack}));
                      written = true;
                      writer.park();
                      ADD_FAILURE() << "the cancel was forgotten";
                    });
                    env::sleep_for(self, shard.clock, milliseconds(10));
                    child.cancel();
                    env::sleep_for(self, shard.clock, milliseconds(10));
                    EXPECT_FALSE(written);
                    env::sleep_for(self, shard.clock, seconds(2));
                    EXPECT_TRUE(written);
                  }});
  world.run_until_idle();
}

TEST(DiskPort, ADeadProcessDoesNoMoreIo) {
  const auto disk = std::make_shared<DiskImage>();
  World world;
  world.add_node({.name = "n",
                  .body =
                      [&](env::Fiber& self, env::Shard& shard) {
                        auto file = shard.disk.open(self, "x", OpenMode::create).value();
                        world.crash(0);
                        EXPECT_FALSE(world.is_alive(0));
                        (void)file->pwritev(self, FilePosition{0}, std::vector<Bytes>{bytes_of("x")});
                        ADD_FAILURE() << "a dead process went on";
                      },
                  .disk = disk});
  EXPECT_EQ(world.run_until_idle(), RunEnd::idle);
  EXPECT_EQ(disk->content_of("x")->size(), 0U);
}

TEST(DiskPort, APowerLossInTheMiddleOfAWriteMayLeaveItOrNot) {
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    World world({.seed = seed});
    const auto disk = std::make_shared<DiskImage>();
    disk->put_file("x", {});
    world.add_node({.name = "n",
                    .body =
                        [&](env::Fiber& self, env::Shard& shard) {
                          auto file = shard.disk.open(self, "x", OpenMode::read_write).value();
                          world.hang_disk(0, seconds(100));
                          (void)file->pwritev(self, FilePosition{0}, std::vector<Bytes>{bytes_of("0123456789")});
                        },
                    .disk = disk});
    world.run_for(seconds(1));
    world.lose_power(0);
    sizes.insert(disk->content_of("x")->size());
  }
  EXPECT_TRUE(sizes.contains(0));
  EXPECT_TRUE(sizes.contains(10));
}

}  // namespace
}  // namespace gregor::sim
