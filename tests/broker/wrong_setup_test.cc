// Clusters set up wrongly: each is refused, or lived with, in one line that says what to do; none loses records.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/broker/support/cluster_world.h"
#include "wire/create_topics.h"
#include "wire/describe_quorum.h"
#include "wire/metadata.h"

namespace gregor::broker {
namespace {

using namespace test;
using std::chrono::seconds;

std::vector<Settings> three_nodes() {
  return {combined_node(1, 3), combined_node(2, 3), combined_node(3, 3)};
}

void create_replicated(const ClusterClient& client, int by, const std::string& name) {
  Peer peer = client.to_broker(by);
  wire::CreateTopicsRequest request;
  request.timeout_ms = 10'000;
  request.topics.push_back({.name = name, .num_partitions = 1, .replication_factor = 3});
  request.topics[0].configs.push_back({.name = "min.insync.replicas", .value = "2"});
  const auto answer = peer.ask<wire::CreateTopicsResponse>(request, 7);
  EXPECT_EQ(answer.body.topics.at(0).error_code, 0) << answer.body.topics[0].error_message.value_or("");
}

std::int32_t leader_of(Peer& peer, const std::string& topic) {
  wire::MetadataRequest request;
  request.topics->push_back({.name = topic});
  const auto answer = peer.ask<wire::MetadataResponse>(request, 12);
  return answer.body.topics.at(0).partitions.empty() ? -1 : answer.body.topics[0].partitions[0].leader_id;
}

bool produce_by(const ClusterClient& client, int by, const std::string& value) {
  Peer peer = client.to_broker(by);
  const std::int32_t leader = leader_of(peer, "kept");
  if (leader < 1) return false;
  Peer to_leader = client.to_broker(leader);
  return produce(to_leader, "kept", batch_of({.values = {value}, .timestamp_ms = sim::kWorldBeginsMs})).error == 0;
}

std::vector<std::string> read_by(const ClusterClient& client, int by) {
  Peer peer = client.to_broker(by);
  const std::int32_t leader = leader_of(peer, "kept");
  if (leader < 1) return {};
  Peer to_leader = client.to_broker(leader);
  return fetch(to_leader, "kept", 0).values;
}

void write_one(ClusterWorld& w) {
  w.run([](const ClusterClient& client) { create_replicated(client, 1, "kept"); });
  w.run_until("the record is written", [](const ClusterClient& client) { return produce_by(client, 1, "one"); });
}

void is_kept(ClusterWorld& w, int by) {
  w.run_until("the record is read",
              [by](const ClusterClient& client) { return read_by(client, by) == std::vector<std::string>{"one"}; });
}

// The rest of the quorum would count its vote twice: once from the life that it forgot.
TEST(WrongSetup, AWipedVoterThatStillSaysTheClusterIsNewJoinsItAndLosesNothing) {
  constexpr int kWiped = GREGOR_SANITIZED ? 1 : 3;  // one after the other
  ClusterWorld w(three_nodes());
  write_one(w);
  for (int i = 1; i <= kWiped; ++i) {
    w.world.crash(w.at(i).node);
    w.world.wipe_disk(w.at(i).node);
    w.world.run_for(seconds(15));
    w.world.restart(w.at(i).node);
    w.await_ready();
    EXPECT_EQ(w.at(i).log.count("cluster.lives"), 1U) << "node " << i;
    w.run_until("node " + std::to_string(i) + " has it again", [i](const ClusterClient& client) {
      Peer peer = client.to_broker(i);
      wire::MetadataRequest request;
      request.topics->push_back({.name = "kept"});
      const auto answer = peer.ask<wire::MetadataResponse>(request, 12);
      const auto& partitions = answer.body.topics.at(0).partitions;
      return !partitions.empty() && partitions[0].isr_nodes.size() == 3;
    });
  }
  is_kept(w, 2);
}

TEST(WrongSetup, ASecondNodeOfOneIdIsRefusedWhileTheFirstLives) {
  auto nodes = three_nodes();
  // As if settings had been copied: the same id on another machine.
  const Settings hurried{{"initial.broker.registration.timeout.ms", "20000"}};
  nodes.push_back(with(broker_node(4, 3), hurried));
  nodes.push_back(with(with(broker_node(4, 3), hurried), {{"advertised.listeners", "PLAINTEXT://n5:9092"}}));
  ClusterWorld w(nodes);
  ASSERT_TRUE(w.wait_until([&] { return !w.world.is_alive(w.at(4).node) || !w.world.is_alive(w.at(5).node); }));
  const int refused = w.world.is_alive(w.at(4).node) ? 5 : 4;
  ASSERT_FALSE(w.at(refused).ended);
  EXPECT_NE(w.at(refused).ended.error().text.find("node.id of its own"), std::string::npos)
      << w.at(refused).ended.error().text;
  EXPECT_EQ(w.at(refused).log.count("broker.id_is_taken"), 1U);
  write_one(w);
  is_kept(w, 2);
}

/// Voter `i` once more, on a machine of its own: settings that were copied. It has empty directories.
Settings copied_controller(int i) {
  Settings settings = controller_node(i, 3);
  std::erase_if(settings, [](const auto& setting) { return setting.first == "gregor.initial.cluster"; });
  return settings;
}

/// What is committed in the metadata log, by the word of broker 4; -1 where nobody leads.
std::int64_t metadata_end(ClusterWorld& w) {
  std::int64_t end = -1;
  w.run_until("the quorum has a leader", [&end](const ClusterClient& client) {
    Peer peer = client.to_broker(4);
    wire::DescribeQuorumRequest request;
    request.topics.push_back({.topic_name = "__cluster_metadata", .partitions = {{.partition_index = 0}}});
    const auto answer = peer.ask<wire::DescribeQuorumResponse>(request, 2);
    if (answer.body.error_code == 0) end = answer.body.topics.at(0).partitions.at(0).high_watermark;
    return end >= 0;
  });
  return end;
}

// A leader of a static list knows voters by node id alone. If it took the two for one, two leaders could be elected
// with one vote, and what one of them has on disk would be committed by the other's word.
TEST(WrongSetup, ASecondControllerOfOneIdNeverCountsAndBothSidesSaySo) {
  for (int copied = 1; copied <= 3; ++copied) {
    ClusterWorld w({controller_node(1, 3), controller_node(2, 3), controller_node(3, 3), broker_node(4, 3),
                    copied_controller(copied)});
    w.world.crash(w.at(5).node);
    ASSERT_TRUE(w.wait_until([&] { return w.at(4).ready_life != 0; }));
    w.world.run_for(seconds(1));
    w.world.restart(w.at(5).node);  // it comes second, which the order of the first seconds does not decide
    // Whoever leads, for one of them the other's id is the leader's own. No outage is so long that a disk could have
    // been replaced meanwhile.
    for (int leader = 1; leader <= 3; ++leader) {
      w.world.crash(w.at(leader).node);
      w.world.run_for(Milliseconds(500));
      w.world.restart(w.at(leader).node);
      w.world.run_for(seconds(20));
    }
    const std::int64_t before = metadata_end(w);
    w.world.run_for(seconds(60));
    EXPECT_LE(metadata_end(w) - before, 150) << "no-ops, and not two who take turns in the log";
    EXPECT_GE(w.at(5).log.count("another process with this node.id is at work"), 1U) << copied;
    EXPECT_EQ(w.at(copied).log.count("another process with this node.id is at work"), 0U)
        << "the voter itself was refused";
    std::size_t told = 0;
    for (int leader = 1; leader <= 3; ++leader) told += w.at(leader).log.count("quorum.id_is_taken");
    EXPECT_GE(told, 1U);
    EXPECT_TRUE(w.world.is_alive(w.at(copied).node));
  }
}

TEST(WrongSetup, ANodeOfAnotherClusterIsToldSoAndHearsNothing) {
  auto nodes = three_nodes();
  Settings foreign = with(combined_node(1, 1), {{"node.id", "4"},
                                                {"controller.quorum.voters", "4@n4:9093"},
                                                {"advertised.listeners", "PLAINTEXT://n4:9092"},
                                                {"gregor.initial.cluster", "AAAAAAAAAAAAAAAAAAAAAQ"}});
  nodes.push_back(foreign);
  ClusterWorld w(nodes);
  write_one(w);
  // Its settings are made to name our controllers; its directories are still the other cluster's.
  w.world.crash(w.at(4).node);
  w.at(4).config = config_of(with(broker_node(4, 3), {{"initial.broker.registration.timeout.ms", "20000"}}));
  w.world.restart(w.at(4).node);
  w.world.run_for(seconds(60));
  EXPECT_NE(w.at(4).ready_life, w.world.incarnation(w.at(4).node)) << "it came up";
  const std::size_t said = w.at(4).log.count("directories are of another cluster");
  EXPECT_GE(said, 1U);
  EXPECT_LE(said, 3U) << "once for each controller that it asked";
  is_kept(w, 1);
}

TEST(WrongSetup, AVoterWhoseListDisagreesIsToldAndElectsNobody) {
  ClusterWorld w(three_nodes());
  write_one(w);
  w.world.crash(w.at(3).node);
  w.at(3).config =
      config_of(with(combined_node(3, 3), {{"controller.quorum.voters", "3@n3:9093,2@n2:9093,9@n9:9093"}}));
  w.world.restart(w.at(3).node);
  ASSERT_TRUE(w.wait_until([&] { return !w.world.is_alive(w.at(3).node); }, seconds(60))) << "it came up";
  const std::string said = w.at(3).ended ? "" : w.at(3).ended.error().text;
  EXPECT_NE(said.find("controller.quorum.voters"), std::string::npos) << said;
  w.at(3).config = config_of(combined_node(3, 3));
  w.world.restart(w.at(3).node);
  w.await_ready();
  is_kept(w, 3);
}

TEST(WrongSetup, AClockThatIsAnHourOffChangesNothingThatIsPromised) {
  ClusterWorld w(three_nodes());
  w.world.jump_wall_clock(w.at(2).node, Milliseconds(3'600'000));
  w.world.jump_wall_clock(w.at(3).node, Milliseconds(-3'600'000));
  write_one(w);
  w.world.crash(w.at(1).node);
  w.world.run_for(seconds(15));
  is_kept(w, 2);
  w.world.restart(w.at(1).node);
  w.await_ready();
  is_kept(w, 1);
}

}  // namespace
}  // namespace gregor::broker
