#include "sim/small_ports.h"

#include <gtest/gtest.h>

#include <vector>

#include "sim/world.h"

namespace gregor::sim {
namespace {

using std::chrono::microseconds;

TEST(MailRoom, MailBetweenTwoShardsKeepsItsOrderWhateverTheSchedule) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Engine engine(seed, {});
    MailRoom room(engine, {.base = Nanoseconds(0), .spread = microseconds(50)});
    Lane a{.shard = 0};
    Lane b{.shard = 1};
    room.add_lane(a);
    room.add_lane(b);
    std::vector<int> arrived;
    for (int i = 0; i < 20; ++i) room.post(a, ShardId{1}, [&arrived, i] { arrived.push_back(i); });
    while (engine.step()) {
    }
    ASSERT_EQ(arrived.size(), 20U);
    EXPECT_TRUE(std::is_sorted(arrived.begin(), arrived.end()));
  }
}

TEST(MailRoom, MailToOnesOwnShardTakesTheSameRoad) {
  Engine engine(1, {});
  MailRoom room(engine, {});
  Lane a;
  room.add_lane(a);
  bool arrived = false;
  room.post(a, ShardId{0}, [&] { arrived = true; });
  EXPECT_FALSE(arrived);
  engine.step();
  EXPECT_TRUE(arrived);
}

TEST(MailRoom, DroppedMailIsDestroyed) {
  Engine engine(1, {});
  MailRoom room(engine, {});
  Lane a;
  room.add_lane(a);
  auto owned = std::make_shared<int>(0);
  room.post(a, ShardId{0}, [owned] {});
  engine.kill(a);
  room.drop_all();
  EXPECT_EQ(owned.use_count(), 1);
}

TEST(EntropyPort, StreamsDifferByNodeLifeShardPurposeObjectAndTurn) {
  Engine engine(1, {});
  std::vector<std::uint64_t> firsts;
  const auto draw = [&](Lane lane, std::string_view purpose, std::uint64_t object) {
    firsts.push_back(EntropyPort(engine, lane).stream(purpose, object).next());
  };
  draw({.node = 1, .shard = 0, .incarnation = 1}, "topic-id", 0);
  draw({.node = 2, .shard = 0, .incarnation = 1}, "topic-id", 0);
  draw({.node = 1, .shard = 1, .incarnation = 1}, "topic-id", 0);
  draw({.node = 1, .shard = 0, .incarnation = 2}, "topic-id", 0);
  draw({.node = 1, .shard = 0, .incarnation = 1}, "backoff", 0);
  draw({.node = 1, .shard = 0, .incarnation = 1}, "topic-id", 1);
  Lane lane{.node = 1, .shard = 0, .incarnation = 1};
  EntropyPort again(engine, lane);
  EXPECT_EQ(again.stream("topic-id", 0).next(), firsts.front());
  firsts.push_back(again.stream("topic-id", 0).next());
  std::sort(firsts.begin(), firsts.end());
  EXPECT_EQ(std::unique(firsts.begin(), firsts.end()), firsts.end());
}

TEST(ProcessPort, HaltEndsTheNodeAtOnceAndUnwindsIt) {
  World world;
  int unwound = 0;
  const NodeIndex node = world.add_node({.name = "n", .body = [&](env::Fiber& self, env::Shard& shard) {
                                           struct Count {
                                             int& unwound;
                                             ~Count() { ++unwound; }
                                           } count{unwound};
                                           shard.process.halt(self, "the disk lied");
                                         }});
  world.run_until_idle();
  EXPECT_EQ(world.state(node), NodeState::crashed);
  EXPECT_EQ(unwound, 1);
  EXPECT_EQ(world.halts(), (std::vector<std::string>{"n: the disk lied"}));
}

}  // namespace
}  // namespace gregor::sim
