// A broker that stood still for longer than its session tells and does nothing by what it knew before.
#include "broker/wakefulness.h"

#include <gtest/gtest.h>

#include "tests/broker/support/cluster_world.h"
#include "wire/create_topics.h"
#include "wire/describe_cluster.h"
#include "wire/metadata.h"

namespace gregor::broker {
namespace {

using namespace test;
using std::chrono::seconds;

/// Deaths are noticed by sessions alone, as of machines that freeze.
ClusterWorld three_nodes() {
  return ClusterWorld({combined_node(1, 3), combined_node(2, 3), combined_node(3, 3)});
}

std::int32_t leader_told_by(Peer& peer) {
  wire::MetadataRequest request;
  request.topics->push_back({.name = "t"});
  const auto answer = peer.ask<wire::MetadataResponse>(request, 12);
  return answer.body.topics.at(0).partitions.empty() ? -1 : answer.body.topics[0].partitions[0].leader_id;
}

std::int32_t active_controller(const ClusterClient& client) {
  Peer peer = client.to_controller(1);
  wire::DescribeClusterRequest request;
  request.endpoint_type = 2;
  return peer.ask<wire::DescribeClusterResponse>(request, 2).body.controller_id;
}

/// Topic "t" with its only partition on `leader` first, then on the others.
void create_led_by(const ClusterClient& client, std::int32_t leader) {
  Peer peer = client.to_broker(leader);
  wire::CreateTopicsRequest request;
  request.timeout_ms = 10'000;
  const std::int32_t replicas[] = {leader, leader % 3 + 1, (leader + 1) % 3 + 1};
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  topic.num_partitions = -1;
  topic.replication_factor = -1;
  topic.assignments.push_back({.partition_index = 0, .broker_ids = {std::begin(replicas), std::end(replicas)}});
  const auto answer = peer.ask<wire::CreateTopicsResponse>(request, 7);
  ASSERT_EQ(answer.body.topics.at(0).error_code, 0) << answer.body.topics[0].error_message.value_or("");
  for (int i = 0; i < 100 && produce(peer, "t", batch_of({.values = {"first"}})).error != 0; ++i)
    client.sleep(Milliseconds(100));
}

enum class Sleeper { active_controller, another };

/// The leader of "t" stands still for `pause` with a Metadata, or else a Produce, before it that came meanwhile.
struct Woken {
  std::int32_t sleeper = -1;
  std::int32_t told_leader = -1;
  Produced produced;
};
Woken wake(ClusterWorld& w, Sleeper who, seconds pause) {
  Woken woken;
  w.run([&](const ClusterClient& client) {
    const std::int32_t active = active_controller(client);
    woken.sleeper = who == Sleeper::active_controller ? active : active % 3 + 1;
    create_led_by(client, woken.sleeper);
    Peer asking = client.to_broker(woken.sleeper);
    Peer writing = client.to_broker(woken.sleeper);
    EXPECT_EQ(leader_told_by(asking), woken.sleeper);
    const sim::NodeIndex node = w.at(woken.sleeper).node;
    w.world.pause(node);
    client.sleep(pause);
    wire::MetadataRequest request;
    request.topics->push_back({.name = "t"});
    asking.send(request, 12);
    client.sleep(Milliseconds(100));  // it waits in the socket when the process goes on
    w.world.resume(node);
    woken.produced = produce(writing, "t", batch_of({.values = {"late"}}), 0, 1);
    const auto told = asking.take<wire::MetadataResponse>(12);
    woken.told_leader = told.body.topics.at(0).partitions.at(0).leader_id;
  });
  return woken;
}

TEST(Wakefulness, AfterALongSleepOthersAreKnownToLead) {
  for (const Sleeper who : {Sleeper::another, Sleeper::active_controller}) {
    ClusterWorld w = three_nodes();
    const Woken woken = wake(w, who, seconds(15));
    EXPECT_NE(woken.told_leader, woken.sleeper) << "an old answer";
    EXPECT_GT(woken.told_leader, 0);
    EXPECT_EQ(woken.produced.error, code(wire::ErrorCode::not_leader_or_follower))
        << "it would be acknowledged and then cut off";
    EXPECT_EQ(w.at(woken.sleeper).log.count("broker.woke_up"), 1U);
    EXPECT_EQ(w.at(woken.sleeper).log.count("broker.caught_up controller=heard"), 1U);
  }
}

TEST(Wakefulness, AShortSleepIsNone) {
  ClusterWorld w = three_nodes();
  const Woken woken = wake(w, Sleeper::another, seconds(5));
  EXPECT_EQ(woken.told_leader, woken.sleeper);
  EXPECT_EQ(woken.produced.error, 0);
  EXPECT_EQ(w.at(woken.sleeper).log.count("broker.woke_up"), 0U);
}

TEST(Wakefulness, WhoIsOnlyCutOffFromTheControllersServesOn) {
  ClusterWorld w = three_nodes();
  w.run([&](const ClusterClient& client) {
    const std::int32_t leader = active_controller(client) % 3 + 1;
    create_led_by(client, leader);
    for (int i = 1; i <= 3; ++i) {
      if (i != leader) w.world.network().cut(w.at(i).node, w.at(leader).node);
    }
    client.sleep(seconds(20));
    Peer peer = client.to_broker(leader);
    const MonotonicTime before = client.now();
    EXPECT_EQ(leader_told_by(peer), leader) << "as Kafka's: it cannot know better";
    EXPECT_LT(client.now() - before, seconds(1));
    EXPECT_EQ(w.at(leader).log.count("broker.woke_up"), 0U);
  });
}

TEST(Wakefulness, WithoutAControllerItGoesOnAfterASession) {
  ClusterWorld w = three_nodes();
  w.run([&](const ClusterClient& client) {
    const std::int32_t leader = active_controller(client) % 3 + 1;
    create_led_by(client, leader);
    Peer peer = client.to_broker(leader);
    EXPECT_EQ(leader_told_by(peer), leader);
    for (int i = 1; i <= 3; ++i) {
      if (i != leader) w.world.network().cut(w.at(i).node, w.at(leader).node);
    }
    w.world.pause(w.at(leader).node);
    client.sleep(seconds(12));
    w.world.resume(w.at(leader).node);
    const MonotonicTime before = client.now();
    EXPECT_EQ(leader_told_by(peer), leader);
    EXPECT_GE(client.now() - before, seconds(8));
    EXPECT_LE(client.now() - before, Milliseconds(9200));
    client.sleep(seconds(10));  // a call that was under way comes to its end
    EXPECT_EQ(w.at(leader).log.count("broker.caught_up controller=silent"), 1U);
  });
}

TEST(Wakefulness, AloneThereIsNobodyToHearFrom) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    w.world.pause(w.node);
    client.sleep(seconds(30));
    w.world.resume(w.node);
    const MonotonicTime before = client.now();
    EXPECT_EQ(produce(peer, "t", batch_of({.values = {"a"}})).error, 0);
    EXPECT_LT(client.now() - before, seconds(1));
    EXPECT_EQ(w.log.count("broker.woke_up"), 0U);
  });
}

}  // namespace
}  // namespace gregor::broker
