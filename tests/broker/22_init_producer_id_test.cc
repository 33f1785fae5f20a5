// InitProducerId: an id that nobody had before.
#include <gtest/gtest.h>

#include <set>

#include "tests/broker/support/node_world.h"
#include "wire/init_producer_id.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

wire::InitProducerIdRequest plain() {
  wire::InitProducerIdRequest request;
  request.transactional_id = std::nullopt;
  request.transaction_timeout_ms = INT32_MAX;
  return request;
}

TEST(InitProducerIdApi, GivesAnotherIdAtEpochZeroAtEveryVersion) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    std::set<std::int64_t> ids;
    for (std::int16_t version = 0; version <= 5; ++version) {
      const auto answer = peer.ask<wire::InitProducerIdResponse>(plain(), version);
      EXPECT_EQ(answer.body.error_code, 0);
      EXPECT_EQ(answer.body.producer_epoch, 0);
      EXPECT_GE(answer.body.producer_id, 0);
      EXPECT_TRUE(ids.insert(answer.body.producer_id).second);
    }
  });
}

TEST(InitProducerIdApi, RefusesWhatMakesNoSenseAndWhatWantsACoordinator) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto error = [&](const wire::InitProducerIdRequest& request) {
      const auto answer = peer.ask<wire::InitProducerIdResponse>(request, 5);
      EXPECT_EQ(answer.body.producer_id, -1);
      EXPECT_EQ(answer.body.producer_epoch, -1);
      return answer.body.error_code;
    };
    auto request = plain();
    request.transactional_id = "";
    EXPECT_EQ(error(request), code(ErrorCode::invalid_request));
    request = plain();
    request.producer_id = 5;
    EXPECT_EQ(error(request), code(ErrorCode::invalid_request)) << "an id without its epoch";
    request = plain();
    request.producer_epoch = 5;
    EXPECT_EQ(error(request), code(ErrorCode::invalid_request)) << "an epoch without its id";
    request = plain();
    request.transactional_id = "txn";
    EXPECT_EQ(error(request), code(ErrorCode::coordinator_not_available));
  });
}

}  // namespace
}  // namespace gregor::broker
