// Searches that nobody answers: what an answer says is tried in tests/broker/60_describe_cluster_test.cc.
#include "quorum/cluster_search.h"

#include <gtest/gtest.h>

#include "config/load.h"
#include "env/clock.h"
#include "sim/world.h"

namespace gregor::quorum {
namespace {

using namespace std::chrono_literals;

config::BrokerConfig searcher_of(const std::string& other) {
  const std::vector<config::Assignment> settings{
      {"node.id", "1", "test"},
      {"process.roles", "broker,controller", "test"},
      {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093", "test"},
      {"controller.listener.names", "CONTROLLER", "test"},
      {"controller.quorum.voters", "1@seeker:9093,2@" + other + ":9093", "test"}};
  return config::load_broker_config(settings).value().broker;
}

/// Takes connections and says nothing: as a controller that is still searching itself.
struct Silence final : env::Acceptor {
  void on_accept(std::unique_ptr<env::Socket> socket) override { held.push_back(std::move(socket)); }
  std::vector<std::unique_ptr<env::Socket>> held;
};

void add_silent_host(sim::World& world) {
  world.add_node({.name = "silent", .body = [](env::Fiber& self, env::Shard& shard) {
                    Silence silence;
                    const auto door = shard.network.listen({"0.0.0.0", 9093}, silence);
                    ASSERT_TRUE(door);
                    env::sleep_for(self, shard.clock, 1h);
                  }});
}

/// A search that is given up after `wait`: how long it went on.
Nanoseconds time_to_give_up(const std::string& other, Nanoseconds wait) {
  sim::World world({.seed = 3});
  add_silent_host(world);
  observe::NullLog log;
  const config::BrokerConfig config = searcher_of(other);
  std::optional<Nanoseconds> took;
  world.add_node({.name = "seeker", .body = [&](env::Fiber& self, env::Shard& shard) {
                    const auto search = std::make_shared<ClusterSearch>(shard, config, log);
                    MonotonicTime given_up_at{};
                    shard.fibers.spawn("giver", [&, search](env::Fiber& fiber) {
                      env::sleep_for(fiber, shard.clock, wait);
                      given_up_at = shard.clock.now();
                      search->give_up();
                    });
                    EXPECT_EQ(search->find(self), std::nullopt);
                    took = shard.clock.now() - given_up_at;
                    EXPECT_EQ(search->find(self), std::nullopt) << "and it does not begin again";
                  }});
  world.run_for(wait + 10s);
  EXPECT_TRUE(took) << "it went on";
  return took.value_or(1h);
}

TEST(ClusterSearch, EndsAtOnceWhenItIsGivenUpWhateverItWaitsFor) {
  EXPECT_LE(time_to_give_up("silent", 1s), 1ms) << "an answer";
  EXPECT_LE(time_to_give_up("10.9.9.9", 1s), 1ms) << "a host that is not there";
  EXPECT_LE(time_to_give_up("nobody.example", 30s), 1ms) << "a name that nobody knows";
}

}  // namespace
}  // namespace gregor::quorum
