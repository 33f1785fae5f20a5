// Producer ids: never twice, whichever shard gives them and however the node's lives end.
#include "broker/producer_ids.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/broker/support/node_world.h"
#include "wire/init_producer_id.h"

namespace gregor::broker {
namespace {

using namespace test;

TEST(ProducerIds, AreNeverGivenTwiceOverShardsAndLives) {
  NodeWorld w({}, 3);
  std::set<std::int64_t> seen;
  std::size_t asked = 0;
  for (int life = 0; life < 6; ++life) {
    w.run([&](const Client& client) {
      wire::InitProducerIdRequest request;
      request.transactional_id = std::nullopt;
      for (int i = 0; i < 8; ++i) {
        Peer peer = client.connect();  // any shard
        for (int k = 0; k < 3; ++k, ++asked) {
          const auto answer = peer.ask<wire::InitProducerIdResponse>(request, 5);
          EXPECT_EQ(answer.body.error_code, 0);
          seen.insert(answer.body.producer_id);
        }
      }
    });
    life % 3 == 0 ? w.restart() : life % 3 == 1 ? w.crash_and_restart() : w.lose_power_and_restart();
  }
  EXPECT_EQ(seen.size(), asked);
}

TEST(ProducerIds, GoOnBeyondABlock) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    wire::InitProducerIdRequest request;
    request.transactional_id = std::nullopt;
    std::set<std::int64_t> seen;
    for (int i = 0; i < 2'500; ++i) seen.insert(peer.ask<wire::InitProducerIdResponse>(request, 5).body.producer_id);
    EXPECT_EQ(seen.size(), 2'500U);
  });
}

}  // namespace
}  // namespace gregor::broker
