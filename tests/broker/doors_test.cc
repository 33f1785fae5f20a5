// The listeners of a node: which addresses they stand for, and what is said where one cannot be had.
#include "broker/doors.h"

#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/api_versions.h"
#include "wire/metadata.h"

namespace gregor::broker {
namespace {

using namespace test;

bool is_served(const Client& client, const std::string& address, std::uint16_t port) {
  auto socket = client.shard.network.connect(client.self, {address, port}, Milliseconds(500));
  if (!socket) return false;
  socket->reset();
  Peer peer(client.self, client.shard, {address, port});
  return peer.ask<wire::ApiVersionsResponse>(wire::ApiVersionsRequest{}, 2).body.error_code == 0;
}

/// What a node with these listeners says when it cannot come up; empty when it can.
std::string complaint(const std::string& listeners) {
  NodeWorld w(Settings{{"listeners", listeners},
                       {"listener.security.protocol.map", "A:PLAINTEXT,B:PLAINTEXT"},
                       {"inter.broker.listener.name", "A"}});
  w.world.run_for(std::chrono::seconds(2));
  return w.ended ? "" : w.ended.error().text;
}

TEST(Doors, WithoutAHostAreOpenToBothFamilies) {
  NodeWorld w;
  w.run([](const Client& client) {
    EXPECT_TRUE(is_served(client, "10.0.0.1", kPort));
    EXPECT_TRUE(is_served(client, "fd00::1", kPort));
  });
}

TEST(Doors, OfAnAddressAreOpenThereAlone) {
  NodeWorld w(Settings{{"listeners", "PLAINTEXT://10.0.0.1:9092"}});
  w.run([](const Client& client) {
    EXPECT_TRUE(is_served(client, "10.0.0.1", kPort));
    EXPECT_FALSE(is_served(client, "fd00::1", kPort));
  });
}

TEST(Doors, OfANameAreOpenAtEveryAddressThatItHas) {
  NodeWorld w(Settings{{"listeners", "PLAINTEXT://broker:9092"}});
  w.run([](const Client& client) {
    EXPECT_TRUE(is_served(client, "10.0.0.1", kPort));
    EXPECT_TRUE(is_served(client, "fd00::1", kPort));
  });
}

TEST(Doors, OfPortZeroGetAPortAndSayWhich) {
  NodeWorld w(Settings{{"listeners", "PLAINTEXT://broker:0"}}, 2);
  w.world.run_for(std::chrono::seconds(1));
  ASSERT_EQ(w.times_ready, 1);
  EXPECT_NE(w.port, 0);
  w.run([&](const Client& client) {
    EXPECT_TRUE(is_served(client, "10.0.0.1", w.port));
    EXPECT_TRUE(is_served(client, "fd00::1", w.port)) << "one name, one port";
  });
}

TEST(Doors, SeveralAreSeveralAndEachTellsItsOwnAddress) {
  NodeWorld w(Settings{{"listeners", "A://:9092,B://:9093"},
                       {"listener.security.protocol.map", "A:PLAINTEXT,B:PLAINTEXT"},
                       {"inter.broker.listener.name", "A"}},
              2);
  w.run([](const Client& client) {
    for (const std::uint16_t port : {9092, 9093}) {
      Peer peer(client.self, client.shard, {"10.0.0.1", port});
      EXPECT_EQ(peer.ask<wire::MetadataResponse>(wire::MetadataRequest{}, 12).body.brokers.at(0).port, port);
    }
  });
}

TEST(Doors, ThatCannotBeOpenedAreNamed) {
  EXPECT_NE(complaint("A://nobody.example:9092").find("nobody.example"), std::string::npos)
      << complaint("A://nobody.example:9092");
  EXPECT_NE(complaint("A://9.9.9.9:9092"), "") << "an address of another machine";
  EXPECT_EQ(complaint("A://:9092,B://:9093"), "");
}

TEST(Doors, APortInUseIsNamedWithTheWayOut) {
  NodeWorld w;
  w.run([&](const Client& client) {
    std::string said;
    bool ended = false;
    RememberingLog log;
    const config::BrokerConfig config =
        config_of({{"listeners", "PLAINTEXT://:9095"}, {"log.dirs", "/other"}, {"node.id", "2"}});
    struct Silent final : env::Acceptor {
      void on_accept(std::unique_ptr<env::Socket>) override {}
    } silent;
    w.world.add_node({.name = "taken", .body = [&](env::Fiber& self, env::Shard& shard) {
                        const auto holder = shard.network.listen({"::", 9095}, silent);
                        observe::NullObserver observer;
                        Node node(config, 1, observer, log);
                        const auto outcome = node.run(self, shard);
                        said = outcome ? "" : outcome.error().text;
                        ended = true;
                      }});
    client.sleep(Milliseconds(2'000));
    ASSERT_TRUE(ended);
    EXPECT_NE(said.find("9095"), std::string::npos) << said;
    EXPECT_NE(said.find("in use"), std::string::npos) << said;
    EXPECT_NE(said.find("--port"), std::string::npos) << said;
  });
}

}  // namespace
}  // namespace gregor::broker
