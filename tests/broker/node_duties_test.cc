// What a node tells the active controller of itself: where its own controller is, and where its partitions lie.
#include <gtest/gtest.h>

#include "tests/broker/support/cluster_world.h"
#include "wire/describe_cluster.h"
#include "wire/describe_log_dirs.h"

namespace gregor::broker {
namespace {

using namespace test;

wire::DescribeClusterRequest controllers_asked() {
  wire::DescribeClusterRequest request;
  request.endpoint_type = 2;
  return request;
}

TEST(NodeDuties, EveryControllerIsRegisteredUnderTheAddressThatOthersReach) {
  ClusterWorld w({combined_node(1, 3), combined_node(2, 3), combined_node(3, 3)});
  w.await_ready();
  w.run_until("three controllers registered", [](const ClusterClient& client) {
    Peer peer = client.to_controller(2);
    const auto answer = peer.ask<wire::DescribeClusterResponse>(controllers_asked(), 2);
    if (answer.body.brokers.size() != 3) return false;
    for (const auto& controller : answer.body.brokers) {
      EXPECT_EQ(controller.host, "n" + std::to_string(controller.broker_id));
      EXPECT_EQ(controller.port, kControllerPort);
    }
    return true;
  });
}

TEST(NodeDuties, AControllerRegistersAnewInEachLife) {
  ClusterWorld w({combined_node(1, 3), combined_node(2, 3), combined_node(3, 3)});
  w.await_ready();
  w.world.crash(w.at(3).node);
  w.at(3).config.advertised_listeners.push_back({"CONTROLLER", "10.0.0.3", kControllerPort});
  w.world.restart(w.at(3).node);
  w.run_until("the new address", [](const ClusterClient& client) {
    Peer peer = client.to_controller(1);
    const auto answer = peer.ask<wire::DescribeClusterResponse>(controllers_asked(), 2);
    for (const auto& controller : answer.body.brokers) {
      if (controller.broker_id == 3 && controller.host == "10.0.0.3") return true;
    }
    return false;
  });
}

TEST(NodeDuties, PartitionsOfABrokerWithSeveralDirectoriesAreToldToLieWhereTheyDo) {
  const Settings two_directories{{"log.dirs", "/one,/two"}};
  ClusterWorld w({with(combined_node(1, 1), two_directories)});
  w.run([](const ClusterClient& client) {
    Peer peer = client.to_broker(1);
    create_topic(peer, "spread", 6);
  });
  w.world.run_for(std::chrono::seconds(5));
  // The image is what a restart replays: a partition whose directory is known to be lost would lead nothing.
  EXPECT_EQ(w.at(1).log.count("directories.not_told"), 0U);
  w.world.lose_power(w.at(1).node);
  w.world.restart(w.at(1).node);
  w.run([](const ClusterClient& client) {
    Peer peer = client.to_broker(1);
    for (std::int32_t partition = 0; partition < 6; ++partition) {
      EXPECT_EQ(produce(peer, "spread", batch_of({.values = {"v"}}), partition).error, 0);
    }
  });
}

}  // namespace
}  // namespace gregor::broker
