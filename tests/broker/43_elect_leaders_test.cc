// ElectLeaders on a node whose leaders are right already, and what is no election.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/elect_leaders.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

wire::ElectLeadersRequest request_for(std::string_view topic, std::vector<std::int32_t> partitions, std::int8_t type) {
  wire::ElectLeadersRequest request;
  request.election_type = type;
  request.topic_partitions->push_back({.topic = topic, .partitions = std::move(partitions)});
  return request;
}

TEST(ElectLeadersApi, ARightLeaderStaysAtEveryVersion) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t", 2);
    for (std::int16_t version = 0; version <= 2; ++version) {
      const auto answer = peer.ask<wire::ElectLeadersResponse>(request_for("t", {0, 1, 7}, 0), version);
      EXPECT_EQ(answer.body.error_code, 0);
      const auto& rows = answer.body.replica_election_results.at(0).partition_result;
      ASSERT_EQ(rows.size(), 3U);
      EXPECT_EQ(rows[0].error_code, code(ErrorCode::election_not_needed));
      EXPECT_EQ(rows[1].error_code, code(ErrorCode::election_not_needed));
      EXPECT_EQ(rows[2].error_code, code(ErrorCode::unknown_topic_or_partition));
    }
  });
}

TEST(ElectLeadersApi, AllMeansThoseThatHadAnElectionAndUnknownKindsAreRefused) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t", 2);
    wire::ElectLeadersRequest all;
    all.topic_partitions.reset();
    const auto answer = peer.ask<wire::ElectLeadersResponse>(all, 2);
    ASSERT_EQ(answer.body.replica_election_results.size(), 1U);
    EXPECT_TRUE(answer.body.replica_election_results[0].partition_result.empty());
    const auto refused = peer.ask<wire::ElectLeadersResponse>(request_for("t", {0}, 9), 2);
    EXPECT_EQ(refused.body.error_code, code(ErrorCode::invalid_request));
    EXPECT_EQ(refused.body.replica_election_results.at(0).partition_result.at(0).error_code,
              code(ErrorCode::invalid_request));
  });
}

}  // namespace
}  // namespace gregor::broker
