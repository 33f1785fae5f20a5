// A broker's shard on one machine speaks to the controller of a node on another.
#include "broker/controller_link.h"

#include <gtest/gtest.h>

#include "tests/broker/support/controller_listener.h"
#include "tests/broker/support/shard_bench.h"
#include "wire/allocate_producer_ids.h"
#include "wire/create_topics.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

constexpr NodeId kController{1};

struct FixedAddress final : ControllerDirectory {
  [[nodiscard]] std::optional<ControllerAddress> address_of(const BrokerShard&, NodeId node) const override {
    if (node != kController) return std::nullopt;
    return ControllerAddress{"10.0.0.1", kControllerPort};
  }
};

struct FarBench {
  explicit FarBench(const Client& client) : bench(client.shard, 1, {}) { bench.core.controllers = &addresses; }
  void tell_leader(NodeId leader) {
    bench.shard.feed.show_leader({.id = leader, .epoch = LeaderEpoch{++epoch}, .is_here = false});
  }
  ControllerLink& link() { return *bench.shard.controller; }

  FixedAddress addresses;
  ShardBench bench;
  std::int32_t epoch = 0;
};

MonotonicTime in(const Client& client, Milliseconds wait) {
  return client.now() + wait;
}

TEST(ControllerLink, AsksTheLeaderOverItsControllerListener) {
  NodeWorld w(with_controller_listener());
  w.run([&](const Client& client) {
    FarBench far(client);
    far.tell_leader(kController);
    const wire::AllocateProducerIdsRequest request{.broker_id = 1, .broker_epoch = 12'345};
    const auto answer =
        far.link().call<wire::AllocateProducerIdsResponse>(client.self, request, in(client, Milliseconds(5000)));
    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_EQ(answer->body.error_code, code(ErrorCode::stale_broker_epoch));
    far.link().close();
  });
}

TEST(ControllerLink, WaitsUntilALeaderIsKnownButNotBeyondItsDeadline) {
  NodeWorld w(with_controller_listener());
  w.run([&](const Client& client) {
    FarBench far(client);
    const wire::AllocateProducerIdsRequest request{.broker_id = 1, .broker_epoch = 1};
    const MonotonicTime deadline = in(client, Milliseconds(1000));
    const auto none = far.link().call<wire::AllocateProducerIdsResponse>(client.self, request, deadline);
    EXPECT_EQ(none.error().code, Errc::timed_out);
    EXPECT_LE(client.now(), deadline + Milliseconds(50));
    far.tell_leader(NodeId{2});  // without an address
    client.shard.fibers.spawn("elect", [&](env::Fiber& self) {
      env::sleep_for(self, client.shard.clock, Milliseconds(500));
      far.tell_leader(kController);
    });
    EXPECT_TRUE(
        far.link().call<wire::AllocateProducerIdsResponse>(client.self, request, in(client, Milliseconds(5000))));
    far.link().close();
    EXPECT_EQ(far.link()
                  .call<wire::AllocateProducerIdsResponse>(client.self, request, in(client, Milliseconds(5000)))
                  .error()
                  .code,
              Errc::closed);
  });
}

TEST(ControllerLink, ForwardsARequestWholeAndReturnsItsAnswerWhole) {
  NodeWorld w(with_controller_listener());
  w.run([&](const Client& client) {
    FarBench far(client);
    far.tell_leader(kController);
    wire::CreateTopicsRequest asked;
    asked.topics.push_back({.name = "forwarded", .num_partitions = 3, .replication_factor = 1});
    wire::RequestHeader header;
    header.request_api_version = 7;
    header.correlation_id = 99;
    const ByteBuffer frame = wire::encode_request_frame(header, asked).value();
    const auto answer = far.link().forward(client.self, Bytes(frame).subspan(sizeof(std::int32_t)), "10.0.0.9",
                                           in(client, Milliseconds(5000)));
    ASSERT_TRUE(answer) << answer.error().text;
    wire::Reader from{Bytes(*answer)};
    EXPECT_EQ(wire::decode_response_header(from, wire::ApiKey::create_topics, 7)->correlation_id, 99);
    wire::CreateTopicsResponse created;
    ASSERT_TRUE(decode(from, created, 7));
    EXPECT_EQ(created.topics.at(0).error_code, 0);
    EXPECT_EQ(created.topics.at(0).num_partitions, 3);
    far.link().close();
  });
}

TEST(ControllerLink, VotersOfTheConfigurationHaveAddresses) {
  on_shard(1,
           [](ShardBench& bench) {
             const ConfiguredControllers controllers;
             EXPECT_EQ(controllers.address_of(bench.shard, NodeId{2}), (ControllerAddress{"b", 9093}));
             EXPECT_EQ(controllers.address_of(bench.shard, NodeId{9}), std::nullopt);
           },
           {{"controller.quorum.voters", "1@a:9093,2@b:9093,3@c:9093"},
            {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"}});
}

}  // namespace
}  // namespace gregor::broker
