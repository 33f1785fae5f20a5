// Voters that come, move and go, asked for as Kafka's tools do it: of any broker (KIP-853). Method: three nodes of a
// quorum whose log names its voters; the first begins it alone.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/broker/support/cluster_world.h"
#include "wire/add_raft_voter.h"
#include "wire/describe_quorum.h"
#include "wire/remove_raft_voter.h"

namespace gregor::broker {
namespace {

using namespace test;
using std::chrono::seconds;
using wire::ErrorCode;

Settings dynamic_node(int i) {
  const std::string id = std::to_string(i);
  return {{"node.id", id},
          {"process.roles", "broker,controller"},
          {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
          {"advertised.listeners", "PLAINTEXT://n" + id + ":9092,CONTROLLER://n" + id + ":9093"},
          {"controller.quorum.bootstrap.servers", "n1:9093,n2:9093,n3:9093"},
          {"metadata.log.max.record.bytes.between.snapshots", "100"},
          {"metadata.max.retention.bytes", "1000"},
          {"internal.metadata.log.segment.bytes", "2000"}};
}

std::vector<Settings> three_nodes() {
  return {with(dynamic_node(1), {{"gregor.initial.standalone", "true"}}), dynamic_node(2), dynamic_node(3)};
}

/// The first begins alone, too.
std::vector<Settings> three_that_join() {
  std::vector<Settings> nodes = three_nodes();
  for (Settings& node : nodes) node = with(node, {{"controller.quorum.auto.join.enable", "true"}});
  return nodes;
}

wire::DescribeQuorumRequest quorum_asked() {
  wire::DescribeQuorumRequest request;
  request.topics.push_back({.topic_name = "__cluster_metadata", .partitions = {{.partition_index = 0}}});
  return request;
}

using Replica = wire::DescribeQuorumResponse::ReplicaState;
struct Standing {
  std::int32_t leader = -1;
  std::vector<Replica> voters;
  std::vector<Replica> observers;
  std::vector<std::pair<std::int32_t, std::string>> hosts;
  [[nodiscard]] std::vector<std::int32_t> voter_ids() const {
    std::vector<std::int32_t> ids;
    for (const Replica& voter : voters) ids.push_back(voter.replica_id);
    return ids;
  }
};
Standing describe(const ClusterClient& client, int by) {
  Peer peer = client.to_broker(by);
  const auto answer = peer.ask<wire::DescribeQuorumResponse>(quorum_asked(), 2);
  const auto& partition = answer.body.topics.at(0).partitions.at(0);
  Standing standing{partition.leader_id, partition.current_voters, partition.observers, {}};
  for (const auto& node : answer.body.nodes) {
    standing.hosts.emplace_back(node.node_id, node.listeners.empty() ? "" : std::string(node.listeners[0].host));
  }
  return standing;
}

std::int16_t add(const ClusterClient& client, int by, int voter, Uuid directory) {
  Peer peer = client.to_broker(by);
  const std::string host = "n" + std::to_string(voter);
  wire::AddRaftVoterRequest request{
      .cluster_id = std::nullopt, .timeout_ms = 10'000, .voter_id = voter, .voter_directory_id = directory};
  request.listeners.push_back({.name = "CONTROLLER", .host = host, .port = kControllerPort});
  return peer.ask<wire::AddRaftVoterResponse>(request, 0).body.error_code;
}
std::int16_t remove(const ClusterClient& client, int by, int voter, Uuid directory) {
  Peer peer = client.to_broker(by);
  const wire::RemoveRaftVoterRequest request{
      .cluster_id = std::nullopt, .voter_id = voter, .voter_directory_id = directory};
  return peer.ask<wire::RemoveRaftVoterResponse>(request, 0).body.error_code;
}

const Replica* find(const std::vector<Replica>& replicas, std::int32_t id) {
  const auto found = std::ranges::find(replicas, id, &Replica::replica_id);
  return found == replicas.end() ? nullptr : &*found;
}

/// An observer becomes a voter, once the leader has seen it caught up.
void grow(ClusterWorld& w, int by, int voter) {
  w.run_until("node " + std::to_string(voter) + " votes", [&](const ClusterClient& client) {
    const Standing now = describe(client, by);
    if (find(now.voters, voter) != nullptr) return true;
    const Replica* observer = find(now.observers, voter);
    if (observer == nullptr) return false;
    const std::int16_t error = add(client, by, voter, observer->replica_directory_id);
    EXPECT_TRUE(error == 0 || error == code(ErrorCode::request_timed_out)) << error;
    return error == 0;
  });
}

TEST(VoterChanges, AQuorumOfOneGrowsToThreeAndOutlivesItsFirst) {
  ClusterWorld w(three_nodes());
  w.run([](const ClusterClient& client) {
    const Standing alone = describe(client, 3);
    EXPECT_EQ(alone.voter_ids(), std::vector<std::int32_t>{1});
    EXPECT_FALSE(alone.voters.at(0).replica_directory_id.is_zero()) << "the log names directories";
    Peer peer = client.to_broker(1);
    create_topic(peer, "before");
  });
  grow(w, 3, 2);
  grow(w, 1, 3);
  Uuid first;
  w.run([&](const ClusterClient& client) {
    const Standing all = describe(client, 2);
    EXPECT_EQ(all.voter_ids(), (std::vector<std::int32_t>{1, 2, 3}));
    first = all.voters.at(0).replica_directory_id;
    EXPECT_EQ(add(client, 2, 3, Uuid{7, 7}), code(ErrorCode::duplicate_voter));
    EXPECT_EQ(remove(client, 2, 3, Uuid{7, 7}), code(ErrorCode::voter_not_found)) << "another directory";
  });
  w.world.crash(w.at(1).node);
  w.run_until("another leads", [](const ClusterClient& client) { return describe(client, 2).leader > 1; });
  w.run_until("the first is removed", [&](const ClusterClient& client) {
    return remove(client, 3, 1, first) == 0 || describe(client, 3).voter_ids() == std::vector<std::int32_t>{2, 3};
  });
  w.run([](const ClusterClient& client) {
    Peer peer = client.to_broker(2);
    create_topic(peer, "after");
  });
  // What was removed comes back as an observer: its directory is no voter's.
  w.world.restart(w.at(1).node);
  w.await_ready();
  w.run_until("the first observes", [](const ClusterClient& client) {
    const Standing now = describe(client, 1);
    return now.voter_ids() == std::vector<std::int32_t>{2, 3} && find(now.observers, 1) != nullptr;
  });
}

TEST(VoterChanges, ANewVoterThatFetchesASnapshotVotesFromThere) {
  ClusterWorld w(three_nodes());
  w.await_ready();
  w.world.crash(w.at(3).node);
  w.world.wipe_disk(w.at(3).node);
  grow(w, 1, 2);
  w.run([](const ClusterClient& client) {
    Peer peer = client.to_broker(1);
    for (int i = 0; i < 30; ++i) create_topic(peer, "t" + std::to_string(i));
  });
  w.world.run_for(seconds(30));
  w.world.restart(w.at(3).node);
  w.await_ready();
  const auto first_segment =
      w.world.disk(w.at(3).node).names().find("/broker-log/__cluster_metadata-0/00000000000000000000.log");
  EXPECT_FALSE(first_segment) << "it has fetched the log from its beginning";
  grow(w, 2, 3);
  w.world.crash(w.at(1).node);
  w.run_until("the new voter's vote elects",
              [](const ClusterClient& client) { return describe(client, 3).leader > 1; });
  w.run([](const ClusterClient& client) {
    Peer peer = client.to_broker(3);
    create_topic(peer, "elected");
  });
}

TEST(VoterChanges, AVoterThatComesUpElsewhereTellsItsNewAddress) {
  ClusterWorld w(three_nodes());
  w.await_ready();
  grow(w, 1, 2);
  grow(w, 1, 3);
  w.world.crash(w.at(3).node);
  for (config::Listener& told : w.at(3).config.advertised_listeners) {
    if (told.name == "CONTROLLER") told.host = "10.0.0.3";
  }
  w.world.restart(w.at(3).node);
  w.run_until("the list has the new address", [](const ClusterClient& client) {
    const Standing now = describe(client, 1);
    return std::ranges::find(now.hosts, std::pair<std::int32_t, std::string>{3, "10.0.0.3"}) != now.hosts.end();
  });
}

TEST(VoterChanges, AWipedFirstNodeDoesNotBeginASecondQuorum) {
  ClusterWorld w(three_nodes());
  w.await_ready();
  grow(w, 1, 2);
  grow(w, 1, 3);
  Standing before;
  w.run([&](const ClusterClient& client) { before = describe(client, 2); });
  w.world.crash(w.at(1).node);
  w.world.wipe_disk(w.at(1).node);
  w.run_until("another leads", [](const ClusterClient& client) { return describe(client, 2).leader > 1; });
  w.world.restart(w.at(1).node);
  w.await_ready();
  EXPECT_EQ(w.at(1).log.count("cluster.lives"), 1U);
  w.run_until("it observes under its new directory", [&](const ClusterClient& client) {
    const Standing now = describe(client, 1);
    const Replica* observer = find(now.observers, 1);
    return now.voter_ids() == before.voter_ids() && observer != nullptr &&
           observer->replica_directory_id != before.voters.at(0).replica_directory_id;
  });
}

void await_voters(ClusterWorld& w, int by, const std::vector<std::int32_t>& ids) {
  w.run_until("the voters are as they should be",
              [&](const ClusterClient& client) { return describe(client, by).voter_ids() == ids; });
}

// KIP-1186.
TEST(VoterChanges, ControllersThatJoinByThemselvesMakeAQuorumThatOutlivesItsFirst) {
  ClusterWorld w(three_that_join());
  await_voters(w, 2, {1, 2, 3});
  w.world.crash(w.at(1).node);
  w.run_until("another leads", [](const ClusterClient& client) { return describe(client, 2).leader > 1; });
  w.run([](const ClusterClient& client) {
    Peer peer = client.to_broker(3);
    create_topic(peer, "after");
  });
}

TEST(VoterChanges, AWipedControllerTakesThePlaceOfItsFormerDirectoryByItself) {
  ClusterWorld w(three_that_join());
  await_voters(w, 1, {1, 2, 3});
  Standing before;
  w.run([&](const ClusterClient& client) { before = describe(client, 1); });
  w.world.crash(w.at(3).node);
  w.world.wipe_disk(w.at(3).node);
  w.world.restart(w.at(3).node);
  w.run_until("its new directory votes", [&](const ClusterClient& client) {
    const Standing now = describe(client, 1);
    const Replica* voter = find(now.voters, 3);
    return voter != nullptr && voter->replica_directory_id != before.voters.at(2).replica_directory_id;
  });
  await_voters(w, 1, {1, 2, 3});
}

// The one that came first keeps the place; the other does not begin to remove it, and is removed by nobody.
TEST(VoterChanges, ATwinDoesNotTakeThePlaceOfAVoterThatLives) {
  std::vector<Settings> nodes = three_that_join();
  nodes.push_back(with(nodes[2], {{"process.roles", "controller"},
                                  {"listeners", "CONTROLLER://:9093"},
                                  {"advertised.listeners", "CONTROLLER://n4:9093"}}));
  ClusterWorld w(nodes);
  w.world.crash(w.at(4).node);
  await_voters(w, 1, {1, 2, 3});
  Standing before;
  w.run([&](const ClusterClient& client) { before = describe(client, 1); });
  w.world.restart(w.at(4).node);
  w.world.run_for(seconds(30));
  w.run([&](const ClusterClient& client) {
    const Standing now = describe(client, 1);
    EXPECT_EQ(now.voter_ids(), before.voter_ids());
    EXPECT_EQ(find(now.voters, 3)->replica_directory_id, before.voters.at(2).replica_directory_id);
  });
}

}  // namespace
}  // namespace gregor::broker
