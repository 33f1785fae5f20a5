// CreatePartitions: new partitions are there when the answer is, and take records.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/create_partitions.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

wire::CreatePartitionsRequest request_for(std::string_view name, std::int32_t count) {
  wire::CreatePartitionsRequest request;
  request.topics.push_back({.name = name, .count = count, .assignments = std::nullopt});
  return request;
}

TEST(CreatePartitionsApi, NewPartitionsServeAtOnceAtEveryVersion) {
  NodeWorld w({}, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    for (std::int16_t version = 0; version <= 3; ++version) {
      SCOPED_TRACE(version);
      const auto answer = peer.ask<wire::CreatePartitionsResponse>(request_for("t", version + 2), version);
      ASSERT_EQ(answer.body.results.size(), 1U);
      EXPECT_EQ(answer.body.results[0].error_code, 0);
      EXPECT_FALSE(answer.body.results[0].error_message.has_value());
      EXPECT_EQ(produce(peer, "t", batch_of({.values = {"a"}}), version + 1).error, 0);
    }
  });
  w.restart();
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_EQ(fetch(peer, "t", 0, 4).values, std::vector<std::string>{"a"});
  });
}

TEST(CreatePartitionsApi, RefusalsAndChecksMakeNone) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    const auto error = [&](wire::CreatePartitionsRequest request) {
      return peer.ask<wire::CreatePartitionsResponse>(request, 3).body.results.at(0).error_code;
    };
    EXPECT_EQ(error(request_for("t", 1)), code(ErrorCode::invalid_partitions));
    EXPECT_EQ(error(request_for("nope", 2)), code(ErrorCode::unknown_topic_or_partition));
    auto placed = request_for("t", 2);
    placed.topics[0].assignments.emplace();
    placed.topics[0].assignments->push_back({.broker_ids = {7}});
    EXPECT_EQ(error(placed), code(ErrorCode::invalid_replica_assignment));
    auto checked = request_for("t", 2);
    checked.validate_only = true;
    EXPECT_EQ(error(checked), 0);
    EXPECT_EQ(produce(peer, "t", batch_of({.values = {"a"}}), 1).error, code(ErrorCode::unknown_topic_or_partition));
  });
}

}  // namespace
}  // namespace gregor::broker
