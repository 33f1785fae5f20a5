// FindCoordinator: groups live where their partition is led, and the first question makes their topic; other kinds have
// no coordinator, and that is said at every version, key by key.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/find_coordinator.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

constexpr std::int8_t kGroup = 0;
constexpr std::int8_t kTransaction = 1;
constexpr std::int8_t kShare = 2;

wire::FindCoordinatorRequest request_for(std::int16_t version, std::int8_t type) {
  wire::FindCoordinatorRequest request;
  if (version < 4) request.key = "group";
  if (version >= 4) request.coordinator_keys = {"group", "other"};
  if (version >= 1) request.key_type = type;
  return request;
}

TEST(FindCoordinatorApi, NamesThisNodeForEveryGroupAtEveryVersion) {
  NodeWorld w(Settings{{"offsets.topic.num.partitions", "3"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (std::int16_t version = 0; version <= 6; ++version) {
      SCOPED_TRACE(version);
      const auto answer = peer.ask<wire::FindCoordinatorResponse>(request_for(version, kGroup), version);
      if (version < 4) {
        EXPECT_EQ(answer.body.error_code, 0);
        EXPECT_EQ(answer.body.node_id, 1);
        EXPECT_EQ(answer.body.port, kPort);
        continue;
      }
      ASSERT_EQ(answer.body.coordinators.size(), 2U);
      EXPECT_EQ(answer.body.coordinators[0].key, "group");
      EXPECT_EQ(answer.body.coordinators[1].key, "other");
      for (const auto& coordinator : answer.body.coordinators) {
        EXPECT_EQ(coordinator.error_code, 0);
        EXPECT_EQ(coordinator.node_id, 1);
        EXPECT_EQ(coordinator.port, kPort);
      }
    }
  });
}

TEST(FindCoordinatorApi, SaysAtEveryVersionThatTransactionsHaveNone) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (std::int16_t version = 1; version <= 6; ++version) {
      SCOPED_TRACE(version);
      const auto answer = peer.ask<wire::FindCoordinatorResponse>(request_for(version, kTransaction), version);
      if (version < 4) {
        EXPECT_EQ(answer.body.error_code, code(ErrorCode::coordinator_not_available));
        EXPECT_EQ(answer.body.node_id, -1);
        EXPECT_EQ(answer.body.port, -1);
        continue;
      }
      ASSERT_EQ(answer.body.coordinators.size(), 2U);
      for (const auto& coordinator : answer.body.coordinators) {
        EXPECT_EQ(coordinator.error_code, code(ErrorCode::coordinator_not_available));
        EXPECT_EQ(coordinator.node_id, -1);
      }
    }
  });
}

TEST(FindCoordinatorApi, KindsOfKeysThatTheVersionDoesNotKnowAreInvalid) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto error = [&](std::int8_t type, std::int16_t version) {
      wire::FindCoordinatorRequest request;
      request.key_type = type;
      request.coordinator_keys = {"k"};
      return peer.ask<wire::FindCoordinatorResponse>(request, version).body.coordinators.at(0).error_code;
    };
    EXPECT_EQ(error(kShare, 5), code(ErrorCode::invalid_request));
    EXPECT_EQ(error(kShare, 6), code(ErrorCode::coordinator_not_available));
    EXPECT_EQ(error(9, 6), code(ErrorCode::invalid_request));
    EXPECT_EQ(error(-1, 6), code(ErrorCode::invalid_request));
  });
}

}  // namespace
}  // namespace gregor::broker
