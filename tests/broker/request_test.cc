// How brokers are told to one client: this node by the address that the client came by, the others by what they
// registered under the same listener, fenced ones to those who ask for them.
#include "broker/api/request.h"

#include <gtest/gtest.h>

#include "tests/broker/support/shard_bench.h"
#include "wire/fetch.h"

namespace gregor::broker {
namespace {

using namespace test;

struct Asked {
  explicit Asked(ShardBench& bench, std::string listener = "PLAINTEXT")
      : place{.listener = std::move(listener), .local_host = "192.0.2.7", .local_port = 5555, .peer = {}},
        request{.header = {}, .body = {}, .in_flight = in_flight, .client = place, .shard = bench.shard} {}
  InFlight in_flight;
  ClientPlace place;
  api::Request request;
};

void register_three(ShardBench& bench) {
  bench.images.add_broker(NodeId{1}, "one.example", 9092);
  bench.images.add_broker(NodeId{2}, "two.example", 9093);
  bench.images.add_broker(NodeId{3}, "three.example", 9094, /*is_fenced=*/true);
}

TEST(BrokerAddresses, AreThisNodesAsTheClientCameAndTheOthersAsRegistered) {
  on_shard(1, [](ShardBench& bench) {
    register_three(bench);
    Asked asked(bench);
    const auto brokers = api::brokers_for(asked.request, bench.images.image(), false);
    ASSERT_EQ(brokers.size(), 2U);
    EXPECT_EQ(brokers[0].id, NodeId{1});
    EXPECT_EQ(brokers[0].host, "192.0.2.7");
    EXPECT_EQ(brokers[0].port, 5555);
    EXPECT_EQ(brokers[1].host, "two.example");
    EXPECT_EQ(brokers[1].port, 9093);
    EXPECT_EQ(brokers[1].rack, "r2");
  });
}

TEST(BrokerAddresses, AreTheAdvertisedOnesWhereThereAreAny) {
  on_shard(1,
           [](ShardBench& bench) {
             register_three(bench);
             Asked asked(bench);
             EXPECT_EQ(api::broker_for(asked.request, bench.images.image(), NodeId{1})->host, "outside.example");
             EXPECT_EQ(api::broker_for(asked.request, bench.images.image(), NodeId{1})->port, 1234);
           },
           {{"advertised.listeners", "PLAINTEXT://outside.example:1234"}});
}

TEST(BrokerAddresses, OfFencedOnesAreForThoseWhoAsk) {
  on_shard(1, [](ShardBench& bench) {
    register_three(bench);
    Asked asked(bench);
    const auto brokers = api::brokers_for(asked.request, bench.images.image(), true);
    ASSERT_EQ(brokers.size(), 3U);
    EXPECT_FALSE(brokers[1].is_fenced);
    EXPECT_TRUE(brokers[2].is_fenced);
    EXPECT_EQ(api::broker_for(asked.request, bench.images.image(), NodeId{3}), std::nullopt);
    EXPECT_EQ(api::broker_for(asked.request, bench.images.image(), NodeId{9}), std::nullopt);
    EXPECT_EQ(api::broker_for(asked.request, bench.images.image(), NodeId{2})->id, NodeId{2});
  });
}

TEST(Request, DecodesItsBodyAndNamesWhatDoesNotParse) {
  on_shard(1, [](ShardBench& bench) {
    Asked asked(bench);
    const ByteBuffer cut(3);
    asked.request.body = cut;
    asked.request.header.request_api_version = 12;
    const auto decoded = asked.request.decode<wire::FetchRequest>();
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::malformed);
    EXPECT_FALSE(decoded.error().text.empty());
  });
}

TEST(Request, NamesSoManyPartitionsAtMost) {
  EXPECT_TRUE(api::check_partition_count(api::kPartitionsPerRequestMax));
  const auto refused = api::check_partition_count(api::kPartitionsPerRequestMax + 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::limit);
}

}  // namespace
}  // namespace gregor::broker
