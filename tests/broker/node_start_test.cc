// How a node comes up and goes down: in steps, each of which may be the last one.
#include "broker/node_start.h"

#include <gtest/gtest.h>

#include "tests/broker/support/cluster_world.h"
#include "wire/metadata.h"

namespace gregor::broker {
namespace {

using namespace test;

bool exists(NodeWorld& w, const std::string& path) {
  return w.world.disk(w.node).names().find(path).has_value();
}

TEST(NodeStart, FormatsAnEmptyDirectoryByItself) {
  NodeWorld w;
  w.run([](const Client&) {});
  EXPECT_TRUE(exists(w, "/broker-log/meta.properties"));
  EXPECT_TRUE(exists(w, "/broker-log/__cluster_metadata-0"));
}

TEST(NodeStart, ACleanEndLeavesItsMarkAndTheNextStartTakesItAway) {
  NodeWorld w;
  w.run([](const Client&) {});
  EXPECT_FALSE(exists(w, "/broker-log/.kafka_cleanshutdown")) << "it lives";
  w.stop();
  EXPECT_TRUE(w.ended) << w.ended.error().text;
  EXPECT_TRUE(exists(w, "/broker-log/.kafka_cleanshutdown"));
  w.start();
  EXPECT_FALSE(exists(w, "/broker-log/.kafka_cleanshutdown"));
}

TEST(NodeStart, AnotherNodeIdInItsDirectoryKeepsItFromStarting) {
  NodeWorld w;
  w.run([](const Client&) {});
  w.stop();
  bool ended = false;
  std::string said;
  RememberingLog log;
  const config::BrokerConfig config = config_of({{"node.id", "2"}});
  w.world.add_node({.name = "other",
                    .body =
                        [&](env::Fiber& self, env::Shard& shard) {
                          observe::NullObserver observer;
                          Node node(config, 1, observer, log);
                          const auto outcome = node.run(self, shard);
                          said = outcome ? "" : outcome.error().text;
                          ended = true;
                        },
                    .disk = w.world.share_disk(w.node)});
  w.world.run_for(std::chrono::seconds(2));
  ASSERT_TRUE(ended);
  EXPECT_NE(said.find("node"), std::string::npos) << said;
  EXPECT_EQ(log.count("broker.ready"), 0U);
  w.start();  // and ours is as it was
}

TEST(NodeStart, KeepsItsClusterAcrossLives) {
  NodeWorld w;
  std::string first;
  const auto cluster_id = [](const Client& client) {
    Peer peer = client.connect();
    const auto answer = peer.ask<wire::MetadataResponse>(wire::MetadataRequest{}, 12);
    return std::string(answer.body.cluster_id.value_or(""));
  };
  w.run([&](const Client& client) { first = cluster_id(client); });
  EXPECT_EQ(first.size(), 22U);
  w.crash_and_restart();
  w.run([&](const Client& client) { EXPECT_EQ(cluster_id(client), first); });
}

TEST(NodeStart, ItsLeaderEpochsRiseWithEachLife) {
  NodeWorld w;
  std::int32_t last = -1;
  const auto epoch = [](const Client& client) {
    Peer peer = client.connect();
    wire::MetadataRequest request;
    request.topics->push_back({.name = "orders"});
    return peer.ask<wire::MetadataResponse>(request, 12).body.topics.at(0).partitions.at(0).leader_epoch;
  };
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    last = epoch(client);
  });
  for (const bool is_clean : {true, false, true}) {
    is_clean ? w.restart() : w.crash_and_restart();
    w.run([&](const Client& client) {
      const std::int32_t now = epoch(client);
      EXPECT_GT(now, last);
      last = now;
    });
  }
}

/// One of three voters, whose others never come: their hosts are not even there.
Settings lonely_voter(const Settings& more) {
  return with({{"process.roles", "broker,controller"},
               {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
               {"advertised.listeners", "PLAINTEXT://broker:9092"},
               {"controller.quorum.voters", "1@broker:9093,2@10.9.9.2:9093,3@10.9.9.3:9093"}},
              more);
}

void stops_cleanly_within(NodeWorld& w, Milliseconds time) {
  const sim::SimTime asked = w.world.now();
  w.stop();
  EXPECT_LE(w.world.now() - asked, time);
  EXPECT_TRUE(w.ended) << w.ended.error().text;
  EXPECT_EQ(w.log.count("broker.failed"), 0U);
}

TEST(NodeStart, StopsAtOnceWhileItSearchesForItsClusterAndHasFormattedNothing) {
  for (const int ms : {10, 300, 2500, 30'000}) {
    NodeWorld w(lonely_voter({}), 2);
    w.world.run_for(Milliseconds(ms));
    ASSERT_GE(w.log.count("cluster.search"), 1U);
    stops_cleanly_within(w, Milliseconds(100));
    EXPECT_FALSE(exists(w, "/broker-log/meta.properties")) << "which cluster it is, nobody has said";
  }
}

TEST(NodeStart, StopsAtOnceWhileItsQuorumHasNoLeader) {
  for (const std::size_t shards : {1, 3}) {
    NodeWorld w(lonely_voter({{"gregor.initial.cluster", kClusterOfTests}}), shards);
    w.world.run_for(std::chrono::seconds(20));
    ASSERT_TRUE(exists(w, "/broker-log/meta.properties"));
    ASSERT_EQ(w.times_ready, 0);
    stops_cleanly_within(w, Milliseconds(100));
    w.world.restart(w.node);
    w.world.run_for(std::chrono::seconds(20));
    stops_cleanly_within(w, Milliseconds(100));
  }
}

TEST(NodeStart, EndsWithTheErrorThatKeptItFromStartingAndLeavesNothingRunning) {
  NodeWorld w(Settings{{"listeners", "PLAINTEXT://nobody.example:9092"}}, 3);
  w.world.run_for(std::chrono::seconds(2));
  EXPECT_FALSE(w.world.is_alive(w.node));
  ASSERT_FALSE(w.ended);
  EXPECT_EQ(w.ended.error().code, Errc::not_found);
  EXPECT_EQ(w.log.count("broker.failed"), 1U);
  EXPECT_FALSE(exists(w, "/broker-log/meta.properties")) << "the port comes first: nothing was touched";
}

}  // namespace
}  // namespace gregor::broker
