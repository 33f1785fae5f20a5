#include <gtest/gtest.h>

#include <set>

#include "env/clock.h"
#include "sim/world.h"
#include "tests/sim/support/echo.h"

namespace gregor::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::echo_of;
using testing::serve_echo;

/// The outcome of one connect to node 0, which `prepare` may do something to before.
template <class Prepare>
Result<std::string> dial(Nanoseconds timeout, Prepare prepare, std::uint16_t port = testing::kEchoPort) {
  World world;
  world.add_node({.name = "server", .body = serve_echo});
  Result<std::string> outcome = fail(Errc::invalid, "it never came back");
  world.run_for(milliseconds(1));
  prepare(world);
  world.add_node({.name = "client", .body = [&](env::Fiber& self, env::Shard& shard) {
                    auto socket = shard.network.connect(self, {echo_of(world, 0).address, port}, timeout);
                    if (socket) {
                      outcome = (*socket)->local().address;
                    } else {
                      outcome = fail(socket.error());
                    }
                  }});
  world.run_for(seconds(100));
  return outcome;
}

TEST(NetworkDial, ReachesWhoListens) {
  EXPECT_EQ(dial(seconds(1), [](World&) {}).value(), "10.0.0.2");
}

TEST(NetworkDial, IsRefusedWhereNobodyListens) {
  EXPECT_EQ(dial(
                seconds(1), [](World&) {}, 99)
                .error()
                .code,
            Errc::closed);
  EXPECT_EQ(dial(seconds(1), [](World& world) { world.crash(0); }).error().code, Errc::closed);
}

TEST(NetworkDial, TimesOutWhereNothingAnswers) {
  EXPECT_EQ(dial(seconds(1), [](World& world) { world.lose_power(0); }).error().code, Errc::timed_out);
  const auto cut_answers = [](World& world) { world.network().cut_one_way(0, 1); };
  EXPECT_EQ(dial(seconds(1), cut_answers).error().code, Errc::timed_out);
}

TEST(NetworkDial, KeepsKnockingUntilTheLinkHeals) {
  const auto cut_for_a_while = [](World& world) {
    world.network().cut(0, 1);
    world.after(seconds(2), [&] { world.network().heal(0, 1); });
  };
  EXPECT_TRUE(dial(seconds(10), cut_for_a_while));
}

TEST(NetworkDial, APausedListenerStillCompletesTheHandshake) {
  EXPECT_TRUE(dial(seconds(1), [](World& world) { world.pause(0); }));
}

TEST(NetworkDial, AnAddressOfNobodyIsAnError) {
  World world;
  world.add_node({.name = "n", .body = [](env::Fiber& self, env::Shard& shard) {
                    EXPECT_EQ(shard.network.connect(self, {"10.9.9.9", 1}, seconds(1)).error().code, Errc::io);
                  }});
  world.run_until_idle();
}

TEST(NetworkDial, ConnectionsAreSpreadOverTheShardsThatListen) {
  World world;
  std::set<std::uint32_t> took;
  struct Taker final : env::Acceptor {
    explicit Taker(std::set<std::uint32_t>& t, std::uint32_t s) : took(t), shard(s) {}
    void on_accept(std::unique_ptr<env::Socket>) override { took.insert(shard); }
    std::set<std::uint32_t>& took;
    std::uint32_t shard;
  };
  world.add_node({.name = "server", .shard_count = 3, .body = [&](env::Fiber& self, env::Shard& shard) {
                    Taker taker(took, shard.mailbox.self().value());
                    const auto listener = shard.network.listen({"0.0.0.0", testing::kEchoPort}, taker).value();
                    while (true) self.park();
                  }});
  world.run_for(milliseconds(1));
  world.add_node({.name = "client", .body = [&](env::Fiber& self, env::Shard& shard) {
                    for (int i = 0; i < 30; ++i)
                      EXPECT_TRUE(shard.network.connect(self, echo_of(world, 0), seconds(1)));
                  }});
  world.run_for(seconds(10));
  EXPECT_EQ(took.size(), 3U);
}

TEST(NetworkDial, ACancelledConnectLeavesNothingBehind) {
  World world;
  world.add_node({.name = "server", .body = serve_echo});
  world.add_node({.name = "client", .body = [&](env::Fiber& self, env::Shard& shard) {
                    for (int i = 0; i < 50; ++i) {
                      env::Fiber& dialler = shard.fibers.spawn("dialler", [&](env::Fiber& child) {
                        (void)shard.network.connect(child, echo_of(world, 0), seconds(1));
                      });
                      dialler.wake();
                      env::sleep_for(self, shard.clock, Nanoseconds(i * 10'000));
                      shard.fibers.for_each([&](env::Fiber& fiber) {
                        if (fiber.name() == "dialler") fiber.cancel();
                      });
                    }
                    env::sleep_for(self, shard.clock, seconds(1));
                    EXPECT_EQ(shard.fibers.live_count(), 1U);
                  }});
  world.run_for(seconds(20));
  EXPECT_TRUE(world.network().connections_of(0).empty());
}

}  // namespace
}  // namespace gregor::sim
