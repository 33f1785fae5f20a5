// DescribeCluster: the brokers and the controller, and nothing for those who want controllers of a broker.
#include <gtest/gtest.h>

#include "quorum/cluster_search.h"
#include "tests/broker/support/node_world.h"
#include "wire/describe_cluster.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

TEST(DescribeClusterApi, TellsBrokersControllerAndClusterAtEveryVersion) {
  NodeWorld w(Settings{{"broker.rack", "r1"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (std::int16_t version = 0; version <= 2; ++version) {
      SCOPED_TRACE(version);
      wire::DescribeClusterRequest request;
      request.include_cluster_authorized_operations = version == 1;
      const auto answer = peer.ask<wire::DescribeClusterResponse>(request, version);
      EXPECT_EQ(answer.body.error_code, 0);
      EXPECT_EQ(answer.body.cluster_id.size(), 22U);
      EXPECT_EQ(answer.body.controller_id, 1);
      EXPECT_EQ(answer.body.cluster_authorized_operations, version == 1 ? 8096 : INT32_MIN);
      ASSERT_EQ(answer.body.brokers.size(), 1U);
      EXPECT_EQ(answer.body.brokers[0].broker_id, 1);
      EXPECT_EQ(answer.body.brokers[0].host, "10.0.0.1");
      EXPECT_EQ(answer.body.brokers[0].port, kPort);
      EXPECT_EQ(answer.body.brokers[0].rack, "r1");
      EXPECT_FALSE(answer.body.brokers[0].is_fenced);
    }
  });
}

TEST(DescribeClusterApi, EndpointsOfAnotherKindAreRefused) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto error = [&](std::int8_t type) {
      wire::DescribeClusterRequest request;
      request.endpoint_type = type;
      const auto answer = peer.ask<wire::DescribeClusterResponse>(request, 1);
      EXPECT_TRUE(answer.body.brokers.empty());
      EXPECT_TRUE(answer.body.error_message.has_value());
      return answer.body.error_code;
    };
    EXPECT_EQ(error(2), code(ErrorCode::mismatched_endpoint_type));
    EXPECT_EQ(error(0), code(ErrorCode::unsupported_endpoint_type));
    EXPECT_EQ(error(3), code(ErrorCode::unsupported_endpoint_type));
  });
}

TEST(DescribeClusterApi, AControllersListenerTellsNodesThatLookForTheirCluster) {
  NodeWorld w(Settings{{"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
                       {"gregor.initial.cluster", "4L6g3nShT-eMCtK--X86sw"}});
  w.run([&](const Client& client) {
    Peer controller{client.self, client.shard, {"10.0.0.1", 9093}};
    wire::DescribeClusterRequest request;
    EXPECT_EQ(controller.ask<wire::DescribeClusterResponse>(request, 2).body.error_code,
              code(ErrorCode::mismatched_endpoint_type));
    request.endpoint_type = 2;
    EXPECT_EQ(controller.ask<wire::DescribeClusterResponse>(request, 2).body.controller_id, 1);

    config::BrokerConfig searcher;
    searcher.node_id = NodeId{2};
    searcher.controller_quorum_voters = {{1, "10.0.0.1", 9093}, {2, "10.0.0.1", 9094}};
    observe::NullLog log;
    const auto search = std::make_shared<quorum::ClusterSearch>(client.shard, searcher, log);
    EXPECT_EQ(search->find(client.self), "4L6g3nShT-eMCtK--X86sw");
    search->give_up();  // too late, and no harm
  });
}

}  // namespace
}  // namespace gregor::broker
