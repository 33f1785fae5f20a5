// A shard's connections: how many it takes, from whom, and what becomes of them when it stops.
#include "broker/broker_shard.h"

#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/alter_client_quotas.h"
#include "wire/api_versions.h"
#include "wire/metadata.h"

namespace gregor::broker {
namespace {

using namespace test;

bool is_served(Peer& peer) {
  peer.send(wire::ApiVersionsRequest{}, 2);
  return peer.receive().has_value();
}

TEST(BrokerShard, RefusesConnectionsBeyondItsLimitAndTakesThemAgainLater) {
  NodeWorld w(Settings{{"max.connections", "3"}}, 2);
  w.run([&](const Client& client) {
    std::vector<Peer> peers;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(is_served(peers.emplace_back(client.connect())));
    Peer fourth = client.connect();
    EXPECT_FALSE(is_served(fourth));
    EXPECT_EQ(w.log.count("max.connections reached"), 1U);
    peers.pop_back();
    client.sleep(Milliseconds(50));
    Peer fifth = client.connect();
    EXPECT_TRUE(is_served(fifth));
  });
}

TEST(BrokerShard, RefusesWhoHasTooManyFromOneAddressAndNobodyElse) {
  NodeWorld w(Settings{{"max.connections.per.ip", "2"}});
  w.run([&](const Client& client) {
    std::vector<Peer> peers;
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(is_served(peers.emplace_back(client.connect())));
    Peer third = client.connect();
    EXPECT_FALSE(is_served(third));
    EXPECT_EQ(w.log.count("max.connections.per.ip reached"), 1U);
    bool other_is_served = false;
    w.world.add_node({.name = "elsewhere", .body = [&](env::Fiber& self, env::Shard& shard) {
                        Peer other(self, shard, {"10.0.0.1", kPort});
                        other_is_served = is_served(other);
                      }});
    client.sleep(Milliseconds(100));
    EXPECT_TRUE(other_is_served);
    peers.clear();
    client.sleep(Milliseconds(50));
    Peer again = client.connect();
    EXPECT_TRUE(is_served(again));
  });
}

TEST(BrokerShard, AnAddressMayHaveALimitOfItsOwn) {
  NodeWorld w(Settings{{"max.connections.per.ip", "1"}, {"max.connections.per.ip.overrides", "10.0.0.1:9, 10.0.0.2:3"}},
              2);
  w.run([&](const Client& client) {
    std::vector<Peer> peers;
    int served = 0;
    for (int i = 0; i < 6; ++i) served += is_served(peers.emplace_back(client.connect())) ? 1 : 0;
    EXPECT_EQ(served, 3) << "the client's address is 10.0.0.2";
  });
}

TEST(BrokerShard, AnAddressHasOneLimitForTheNodeHoweverManyShardsItHas) {
  NodeWorld w(Settings{{"max.connections.per.ip", "3"}}, 4);
  w.run([&](const Client& client) {
    std::vector<Peer> peers;
    int served = 0;
    for (int i = 0; i < 12; ++i) served += is_served(peers.emplace_back(client.connect())) ? 1 : 0;
    EXPECT_EQ(served, 3);
    EXPECT_EQ(w.log.count("max.connections.per.ip reached"), 9U);
    peers.clear();
    client.sleep(Milliseconds(50));
    Peer again = client.connect();
    EXPECT_TRUE(is_served(again));
  });
}

TEST(BrokerShard, ConnectionsAboveTheRateWaitForTheirTurn) {
  NodeWorld w(Settings{{"max.connection.creation.rate", "5"}}, 2);
  w.run([&](const Client& client) {
    const MonotonicTime began = client.now();
    for (int i = 0; i < 5; ++i) {
      Peer peer = client.connect();
      EXPECT_TRUE(is_served(peer));
    }
    EXPECT_LT(client.now() - began, Milliseconds(500)) << "a second's worth at once";
    for (int i = 0; i < 10; ++i) {
      Peer peer = client.connect();
      EXPECT_TRUE(is_served(peer));
    }
    EXPECT_GE(client.now() - began, Milliseconds(1'900)) << "then five a second";
    EXPECT_LT(client.now() - began, Milliseconds(3'000));
  });
}

TEST(BrokerShard, AnAddressAboveItsQuotaOfNewConnectionsIsRefused) {
  NodeWorld w({}, 2);
  w.run([&](const Client& client) {
    Peer first = client.connect();
    wire::AlterClientQuotasRequest request;
    auto& entry = request.entries.emplace_back();
    entry.entity.push_back({.entity_type = "ip", .entity_name = std::nullopt});
    entry.ops.push_back({.key = "connection_creation_rate", .value = 2.0});
    first.ask<wire::AlterClientQuotasResponse>(request, 1);
    client.sleep(Milliseconds(50));
    int served = 0;
    for (int i = 0; i < 4; ++i) {
      Peer peer = client.connect();
      served += is_served(peer) ? 1 : 0;
    }
    EXPECT_GE(served, 2);
    EXPECT_LT(served, 4);
    EXPECT_GE(w.log.count("connection_creation_rate"), 1U);
    client.sleep(Milliseconds(2'000));
    Peer later = client.connect();
    EXPECT_TRUE(is_served(later));
  });
}

TEST(BrokerShard, RequestsWaitWhileOthersTakeTheRoomForThem) {
  NodeWorld w(Settings{{"queued.max.request.bytes", "20000"}, {"socket.request.max.bytes", "20000"}}, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders", 4);
    for (int i = 0; i < 40; ++i) {
      EXPECT_EQ(produce(peer, "orders", batch_of({{std::string(15'000, 'x')}}), i % 4).error, 0);
    }
  });
}

TEST(BrokerShard, WhoComesBeforeTheNodeIsReadyWaitsAndIsServed) {
  for (int microseconds = 0; microseconds <= 4'000; microseconds += 250) {
    SCOPED_TRACE(microseconds);
    NodeWorld w({}, 2);
    bool was_early = false;
    bool served = false;
    w.world.add_node({.name = "early", .body = [&](env::Fiber& self, env::Shard& shard) {
                        env::sleep_for(self, shard.clock, std::chrono::microseconds(microseconds));
                        auto socket = shard.network.connect(self, {"10.0.0.1", kPort}, Milliseconds(1'000));
                        if (!socket) return;  // not even listening
                        socket->reset();
                        Peer peer(self, shard, {"10.0.0.1", kPort});
                        was_early = w.times_ready == 0;
                        served = is_served(peer);
                        EXPECT_TRUE(served);
                        EXPECT_EQ(w.times_ready, 1) << "answered before it was ready";
                      }});
    w.run([](const Client& client) { client.sleep(Milliseconds(100)); });
    EXPECT_TRUE(served || !was_early);
  }
}

TEST(BrokerShard, IdleConnectionsAreClosedAfterTheirTime) {
  NodeWorld w(Settings{{"connections.max.idle.ms", "5000"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_TRUE(is_served(peer));
    client.sleep(Milliseconds(4'000));
    EXPECT_TRUE(is_served(peer));
    client.sleep(Milliseconds(11'000));
    EXPECT_FALSE(is_served(peer));
  });
}

TEST(BrokerShard, RequestsLargerThanTheLimitEndTheConnection) {
  NodeWorld w(Settings{{"socket.request.max.bytes", "10000"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    EXPECT_EQ(produce(peer, "orders", batch_of({{std::string(9'000, 'x')}})).error, 0);
    std::array<std::byte, 4> size;
    store_big_endian(size.data(), std::int32_t{10'001});
    peer.send(size);
    EXPECT_TRUE(peer.is_closed());
    EXPECT_EQ(w.log.count("socket.request.max.bytes"), 1U);
  });
}

TEST(BrokerShard, SpreadsItsPartitionsAndAnswersForThoseOfOthers) {
  NodeWorld w({}, 4);
  w.run([&](const Client& client) {
    std::vector<Peer> peers;
    for (int i = 0; i < 6; ++i) peers.push_back(client.connect());
    create_topic(peers[0], "orders", 16);
    for (std::int32_t p = 0; p < 16; ++p) {
      for (Peer& peer : peers) EXPECT_EQ(produce(peer, "orders", batch_of({{"a"}}), p).error, 0);
      EXPECT_EQ(fetch(peers[static_cast<std::size_t>(p) % 6], "orders", 0, p).values.size(), 6U);
    }
  });
}

// A socket of both families names an IPv4 peer "::ffff:1.2.3.4"; a client is told the plain address.
TEST(BrokerShard, TellsAClientTheAddressItCameBy) {
  NodeWorld w(Settings{{"listeners", "PLAINTEXT://[::]:9092"}});
  w.run([&](const Client& client) {
    wire::MetadataRequest request;
    Peer over_ipv4 = client.connect();
    EXPECT_EQ(over_ipv4.ask<wire::MetadataResponse>(request, 12).body.brokers.at(0).host, "10.0.0.1");
    Peer over_ipv6(client.self, client.shard, {"fd00::1", kPort});
    EXPECT_EQ(over_ipv6.ask<wire::MetadataResponse>(request, 12).body.brokers.at(0).host, "fd00::1");
  });
}

}  // namespace
}  // namespace gregor::broker
