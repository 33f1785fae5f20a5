// A world of one fake broker and one client, for tests of the client.
#pragma once

#include <gtest/gtest.h>

#include "client/cluster.h"
#include "sim/world.h"
#include "tests/client/support/fake_broker.h"

namespace gregor::client::test {

using ClientBody = std::function<void(env::Fiber& self, Cluster& cluster)>;

class SmallWorld {
 public:
  explicit SmallWorld(std::uint64_t seed = 1) : world({.seed = seed}) {
    broker_node = world.add_node(
        {.name = "broker", .body = [this](env::Fiber& self, env::Shard& shard) { broker.run(self, shard); }});
  }

  static ClusterSettings settings() {
    ClusterSettings settings;
    settings.bootstrap = {{"broker", kPort}};
    settings.link.request_timeout = Milliseconds(2'000);
    settings.api_timeout = Milliseconds(20'000);
    return settings;
  }

  /// Runs `body` on a node of its own until it returns; fails the test when it never does.
  void run(ClientBody body, const ClusterSettings& with = settings()) {
    bool done = false;
    client_node = world.add_node({.name = "client", .body = [&](env::Fiber& self, env::Shard& shard) {
                                    Cluster cluster(shard, with);
                                    body(self, cluster);
                                    done = true;
                                  }});
    const auto end = world.run_until([&] { return done; }, {.deadline = world.now() + std::chrono::hours(1)});
    ASSERT_EQ(end, sim::RunEnd::satisfied) << "the client never came to its end";
    world.run_for(std::chrono::seconds(1));  // what was left behind unwinds
  }

  sim::World world;
  FakeBroker broker;
  sim::NodeIndex broker_node = 0;
  sim::NodeIndex client_node = 0;
};

}  // namespace gregor::client::test
