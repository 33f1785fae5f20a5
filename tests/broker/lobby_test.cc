// Connections that wait leave in the order of their times, each once, and none after the lobby is gone.
#include "broker/lobby.h"

#include <gtest/gtest.h>

#include <vector>

#include "env/shard.h"
#include "sim/run_fiber.h"

namespace gregor::broker {
namespace {

using Left = std::vector<std::pair<std::uint64_t, std::string>>;

TEST(Lobby, EachLeavesWhenItsTimeHasComeWithItsReason) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Left left;
    Lobby lobby(shard.clock, [&](std::uint64_t number, std::string_view refusal) {
      left.emplace_back(number, std::string(refusal));
    });
    lobby.hold(1, Milliseconds(30), "");
    lobby.hold(2, Milliseconds(10), "too many");
    lobby.hold(3, Milliseconds(20), "");
    EXPECT_EQ(lobby.size(), 3U);
    env::sleep_for(self, shard.clock, Milliseconds(15));
    EXPECT_EQ(left, (Left{{2, "too many"}}));
    env::sleep_for(self, shard.clock, Milliseconds(20));
    EXPECT_EQ(left, (Left{{2, "too many"}, {3, ""}, {1, ""}}));
    EXPECT_EQ(lobby.size(), 0U);
  });
}

TEST(Lobby, NobodyLeavesOneThatIsGone) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    int left = 0;
    {
      Lobby lobby(shard.clock, [&](std::uint64_t, std::string_view) { ++left; });
      lobby.hold(1, Milliseconds(10), "");
    }
    env::sleep_for(self, shard.clock, Milliseconds(50));
    EXPECT_EQ(left, 0);
  });
}

}  // namespace
}  // namespace gregor::broker
