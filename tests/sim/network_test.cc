// Hosts, links, listeners and names.
#include "sim/network.h"

#include <gtest/gtest.h>

#include "env/clock.h"
#include "sim/run_fiber.h"
#include "sim/world.h"
#include "tests/sim/support/echo.h"

namespace gregor::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::echo_of;
using testing::echo_once;
using testing::serve_echo;

/// A server, node 0, and a client, node 1, which does `client` and then nothing.
struct Pair {
  template <class Client>
  explicit Pair(Client client, WorldOptions options = {}) : world(options) {
    world.add_node({.name = "server", .body = serve_echo});
    world.add_node({.name = "client", .body = client});
  }
  World world;
};

struct Silent final : env::Acceptor {
  void on_accept(std::unique_ptr<env::Socket>) override {}
};

TEST(Network, NamesAndNumbersResolve) {
  World world;
  world.add_node({.name = "other", .body = [](env::Fiber&, env::Shard&) {}});
  world.add_node({.name = "asking", .body = [](env::Fiber& self, env::Shard& shard) {
                    using Addresses = std::vector<std::string>;
                    EXPECT_EQ(*shard.network.resolve(self, "other"), (Addresses{"10.0.0.1", "fd00::1"}));
                    EXPECT_EQ(*shard.network.resolve(self, "localhost"), (Addresses{"127.0.0.1", "::1"}));
                    EXPECT_EQ(*shard.network.resolve(self, "1.2.3.4"), (Addresses{"1.2.3.4"}));
                    EXPECT_EQ(shard.network.resolve(self, "nobody").error().code, Errc::not_found);
                  }});
  world.run_until_idle();
}

TEST(Network, PortZeroGivesAPortAndATakenPortIsRefused) {
  run_fiber([](env::Fiber&, env::Shard& shard) {
    Silent acceptor;
    const auto first = shard.network.listen({"127.0.0.1", 0}, acceptor).value();
    EXPECT_NE(first->local().port, 0);
    EXPECT_EQ(shard.network.listen(first->local(), acceptor).error().code, Errc::exists);
    EXPECT_EQ(shard.network.listen({"0.0.0.0", first->local().port}, acceptor).error().code, Errc::exists);
    EXPECT_EQ(shard.network.listen({"9.9.9.9", 0}, acceptor).error().code, Errc::invalid);
  });
}

TEST(Network, AClosedListenerFreesItsPort) {
  run_fiber([](env::Fiber&, env::Shard& shard) {
    Silent acceptor;
    ASSERT_TRUE(shard.network.listen({"::", 99}, acceptor));
    EXPECT_TRUE(shard.network.listen({"::", 99}, acceptor));
  });
}

TEST(Network, ACutHoldsBytesBackAndAHealLetsThemThrough) {
  Result<std::uint32_t> echoed = 0U;
  SimTime done{};
  std::unique_ptr<Pair> pair;
  pair = std::make_unique<Pair>([&](env::Fiber& self, env::Shard& shard) {
    echoed = echo_once(self, shard, echo_of(pair->world, 0), 1000, 10);
    done = pair->world.now();
  });
  pair->world.at(SimTime(milliseconds(20)), [&] { pair->world.network().cut(0, 1); });
  pair->world.at(SimTime(seconds(10)), [&] { pair->world.network().heal(0, 1); });
  pair->world.run_for(seconds(30));
  EXPECT_EQ(echoed.value(), 1000U);
  EXPECT_GT(done, SimTime(seconds(10)));
  EXPECT_EQ(pair->world.faults().of(FaultKind::partition).had_effect, 1U);
}

TEST(Network, CutsAddUp) {
  World world;
  world.add_node({.name = "a", .body = [](env::Fiber&, env::Shard&) {}});
  world.add_node({.name = "b", .body = [](env::Fiber&, env::Shard&) {}});
  SimNetwork& network = world.network();
  network.cut(0, 1);
  network.cut_one_way(0, 1);
  network.heal(0, 1);
  EXPECT_TRUE(network.is_blocked(0, 1));
  EXPECT_FALSE(network.is_blocked(1, 0));
  network.heal_all();
  EXPECT_FALSE(network.is_blocked(0, 1));
}

TEST(Network, AOneWayCutStopsTheAnswersAndTheSenderGivesUp) {
  Result<std::uint32_t> echoed = 0U;
  std::unique_ptr<Pair> pair;
  pair = std::make_unique<Pair>([&](env::Fiber& self, env::Shard& shard) {
    echoed = echo_once(self, shard, echo_of(pair->world, 0), 100'000, 10);
  });
  pair->world.at(SimTime(milliseconds(20)), [&] { pair->world.network().cut_one_way(0, 1); });
  pair->world.run_for(seconds(200));
  ASSERT_FALSE(echoed);
  EXPECT_EQ(pair->world.faults().of(FaultKind::one_way_partition).had_effect, 1U);
  EXPECT_GT(pair->world.trace().count_of(EventKind::sender_gave_up), 0U);
}

TEST(Network, AClogPassesByItself) {
  Result<std::uint32_t> echoed = 0U;
  std::unique_ptr<Pair> pair;
  pair = std::make_unique<Pair>(
      [&](env::Fiber& self, env::Shard& shard) { echoed = echo_once(self, shard, echo_of(pair->world, 0), 1000, 10); });
  pair->world.at(SimTime(milliseconds(20)), [&] { pair->world.network().clog(1, 0, seconds(3)); });
  pair->world.run_for(seconds(10));
  EXPECT_EQ(echoed.value(), 1000U);
  EXPECT_EQ(pair->world.faults().of(FaultKind::clog).had_effect, 1U);
}

TEST(Network, ASlowLinkTakesLonger) {
  const auto time_of_100 = [](bool slow) {
    SimTime done{};
    std::unique_ptr<Pair> pair;
    pair = std::make_unique<Pair>([&](env::Fiber& self, env::Shard& shard) {
      EXPECT_TRUE(echo_once(self, shard, echo_of(pair->world, 0), 100, 10));
      done = pair->world.now();
    });
    if (slow) pair->world.network().slow_down(0, 1, {.base = milliseconds(50)});
    pair->world.run_for(seconds(30));
    return done;
  };
  EXPECT_GT(time_of_100(true), time_of_100(false) + seconds(5));
}

TEST(Network, WhatADelayerHoldsBackIsNotOvertaken) {
  struct HoldsOnce final : PieceDelayer {
    Nanoseconds delay_of(const Connection&, Side from, Bytes) override {
      return from == Side::dialled && ++pieces == 3 ? Nanoseconds(seconds(4)) : Nanoseconds(0);
    }
    int pieces = 0;
  };
  Result<std::uint32_t> echoed = 0U;
  SimTime done{};
  std::unique_ptr<Pair> pair;
  pair = std::make_unique<Pair>([&](env::Fiber& self, env::Shard& shard) {
    echoed = echo_once(self, shard, echo_of(pair->world, 0), 100, 10);
    done = pair->world.now();
  });
  HoldsOnce delayer;
  pair->world.network().add_delayer(delayer);
  pair->world.run_for(seconds(30));
  EXPECT_EQ(echoed.value(), 100U) << "each text came back in its turn";
  EXPECT_GT(done, SimTime(seconds(4)));
  EXPECT_GT(delayer.pieces, 3);
  pair->world.network().remove_delayer(delayer);
}

TEST(Network, AResetFailsBothEnds) {
  Result<std::uint32_t> echoed = 0U;
  std::unique_ptr<Pair> pair;
  pair = std::make_unique<Pair>([&](env::Fiber& self, env::Shard& shard) {
    echoed = echo_once(self, shard, echo_of(pair->world, 0), 100'000, 10);
  });
  pair->world.run_for(milliseconds(50));
  const auto ids = pair->world.network().connections_of(0);
  ASSERT_EQ(ids.size(), 1U);
  EXPECT_TRUE(pair->world.network().reset(ids.front()));
  pair->world.run_for(seconds(1));
  EXPECT_EQ(echoed.error().code, Errc::closed);
  EXPECT_TRUE(pair->world.network().connections_of(0).empty());
  EXPECT_FALSE(pair->world.network().reset(ids.front())) << "both ends let go of it";
}

}  // namespace
}  // namespace gregor::sim
