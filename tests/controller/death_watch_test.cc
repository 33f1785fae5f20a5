// Processes of brokers that end, pause, are cut off and come back, and what the controller makes of it.
#include "controller/death_watch.h"

#include <gtest/gtest.h>

#include "tests/controller/support/brokers.h"

namespace gregor::controller {
namespace {

using namespace std::chrono_literals;

constexpr NodeId k2{2};
constexpr NodeId k3{3};
constexpr std::uint16_t kPort = 9092;

/// A machine whose process takes every connection and keeps it.
struct Keeper final : env::Acceptor {
  void on_accept(std::unique_ptr<env::Socket> socket) override { kept.push_back(std::move(socket)); }
  std::vector<std::unique_ptr<env::Socket>> kept;
};

void keep_connections(env::Fiber& self, env::Shard& shard) {
  Keeper keeper;
  const auto listener = shard.network.listen({"0.0.0.0", kPort}, keeper);
  ASSERT_TRUE(listener) << why(listener);
  for (;;) env::sleep_for(self, shard.clock, 1h);
}

/// Beside the controller's node the machines of brokers 2 and 3, which FakeBrokers speaks for.
class Watched : public testing::Test {
 protected:
  using Body = std::function<void(env::Fiber&, const Seat&, FakeBrokers&)>;
  void live(const Body& body, Milliseconds probe = 100ms) {
    NodeLife life(std::make_shared<sim::DiskImage>(), 1, [&](env::Fiber& self, const Seat& seat) {
      FakeBrokers brokers(self, seat);
      brokers.serve_all({k2, k3});
      topic_ = brokers.place("t", {k2, k3});
      brokers.pass(1s, {k2, k3});
      body(self, seat, brokers);
    });
    life.config.gregor_failover_probe_ms = static_cast<std::int32_t>(probe.count());
    world_ = &life.world;
    for (const char* name : {"host2", "host3"}) machines_.push_back(add_machine(name));
    life.to_end();
    ASSERT_TRUE(life.started) << why(life.started);
  }
  sim::NodeIndex add_machine(const std::string& name) {
    return world_->add_node({.name = name, .shard_count = 1, .body = keep_connections});
  }
  /// Of broker 2.
  sim::NodeIndex machine() { return machines_.front(); }

  sim::World* world_ = nullptr;
  std::vector<sim::NodeIndex> machines_;
  TopicId topic_;
};

TEST_F(Watched, AKilledProcessIsFencedWithinAFewHundredMilliseconds) {
  live([this](env::Fiber& self, const Seat& seat, FakeBrokers& brokers) {
    world_->crash(machine());
    env::sleep_for(self, seat.shard.clock, 300ms);
    EXPECT_TRUE(brokers.shown(k2).fenced);
    EXPECT_FALSE(brokers.shown(k3).fenced);
    EXPECT_EQ(brokers.partition(topic_).leader, k3);
    EXPECT_EQ(brokers.partition(topic_).isr, std::vector<NodeId>{k3});
  });
}

TEST_F(Watched, WithoutAProbeTheSessionDecides) {
  live(
      [this](env::Fiber&, const Seat&, FakeBrokers& brokers) {
        world_->crash(machine());
        brokers.pass(7s, {k3});
        EXPECT_FALSE(brokers.shown(k2).fenced);
        brokers.pass(3s, {k3});
        EXPECT_TRUE(brokers.shown(k2).fenced);
      },
      0ms);
}

TEST_F(Watched, ACutLinkOrAPauseOrPowerLossIsNoDeath) {
  using Fault = std::function<void(sim::World&, sim::NodeIndex)>;
  const Fault cut = [](sim::World& world, sim::NodeIndex node) { world.network().cut(0, node); };
  const Fault cut_and_reset = [](sim::World& world, sim::NodeIndex node) {
    for (const auto connection : world.network().connections_of(node)) world.network().reset(connection);
    world.network().cut(0, node);
  };
  const Fault pause = [](sim::World& world, sim::NodeIndex node) { world.pause(node); };
  const Fault reset = [](sim::World& world, sim::NodeIndex node) {
    for (const auto connection : world.network().connections_of(node)) world.network().reset(connection);
  };
  const Fault reset_and_pause = [](sim::World& world, sim::NodeIndex node) {
    for (const auto connection : world.network().connections_of(node)) world.network().reset(connection);
    world.pause(node);
  };
  const Fault power = [](sim::World& world, sim::NodeIndex node) { world.lose_power(node); };
  for (const Fault& fault : {cut, cut_and_reset, pause, reset, reset_and_pause, power}) {
    machines_.clear();
    live([&](env::Fiber&, const Seat&, FakeBrokers& brokers) {
      fault(*world_, machine());
      brokers.pass(7s, {k3});
      EXPECT_FALSE(brokers.shown(k2).fenced);
      EXPECT_EQ(brokers.partition(topic_).leader, k2);
      brokers.pass(3s, {k3});
      EXPECT_TRUE(brokers.shown(k2).fenced) << "its session ends all the same";
    });
  }
}

TEST_F(Watched, AnotherLifeIsNotFencedForTheFormersDeath) {
  live([this](env::Fiber&, const Seat&, FakeBrokers& brokers) {
    world_->crash(machine());
    brokers.pass(1s, {k3});
    EXPECT_TRUE(brokers.shown(k2).fenced);
    brokers.serve(k2, 2);  // nobody listens at its address: it never did in this life
    brokers.pass(5s, {k2, k3});
    EXPECT_FALSE(brokers.shown(k2).fenced);
  });
}

TEST_F(Watched, AProcessThatIsStartedAgainNeedNotWaitForItsFormerSession) {
  live([this](env::Fiber& self, const Seat& seat, FakeBrokers& brokers) {
    EXPECT_FALSE(brokers.enroll(k2, 2)) << "the former life is at work";
    world_->crash(machine());
    world_->restart_after(machine(), 20ms);
    env::sleep_for(self, seat.shard.clock, 60ms);
    const BrokerEpoch former = brokers.epoch(k2);
    brokers.serve(k2, 2);
    EXPECT_GT(brokers.epoch(k2), former);
    brokers.pass(5s, {k2, k3});
    EXPECT_FALSE(brokers.shown(k2).fenced);
  });
}

TEST_F(Watched, WhoGoesOnSpeakingIsNotGone) {
  live([this](env::Fiber& self, const Seat& seat, FakeBrokers& brokers) {
    world_->crash(machine());  // or what stands before its port
    for (int i = 0; i < 100; ++i) {
      env::sleep_for(self, seat.shard.clock, 50ms);
      ASSERT_TRUE(brokers.beat(k2));
    }
    EXPECT_FALSE(brokers.shown(k2).fenced);
  });
}

}  // namespace
}  // namespace gregor::controller
