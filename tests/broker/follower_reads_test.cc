// Consumers that name their rack read from the replica there (KIP-392): the leader sends them, the follower gives what
// it knows to be committed and no more, soon after it was committed; when it dies they go back to the leader. Method: a
// simulated cluster of three racks; clients frame by frame, and our own consumer.
#include <gtest/gtest.h>

#include <algorithm>

#include "client/consumer.h"
#include "tests/broker/support/cluster_world.h"
#include "wire/create_topics.h"
#include "wire/fetch.h"
#include "wire/metadata.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;
using Row = wire::FetchResponse::PartitionData;

std::string rack_of(std::int32_t broker) {
  return "rack-" + std::to_string(broker);
}

std::vector<Settings> three_racks(const std::string& selector) {
  std::vector<Settings> nodes;
  for (int i = 1; i <= 3; ++i) {
    nodes.push_back(with(combined_node(i, 3), {{"broker.rack", rack_of(i)}, {"replica.selector.class", selector}}));
  }
  return nodes;
}

const std::string kByRack(config::kRackAwareSelector);

struct Leading {
  std::int32_t leader = -1;
  std::int32_t epoch = -1;
  TopicId topic = {};
  std::size_t in_sync = 0;
};

/// By what the first broker says but `dead`.
Leading leading(const ClusterClient& client, std::int32_t dead = -1) {
  for (int i = 1; i <= 3; ++i) {
    if (i == dead) continue;
    Peer peer = client.to_broker(i);
    wire::MetadataRequest request;
    request.topics->push_back({.name = "orders"});
    const auto answer = peer.ask<wire::MetadataResponse>(request, 12);
    const auto& topic = answer.body.topics.at(0);
    if (topic.partitions.empty()) continue;
    const auto& partition = topic.partitions[0];
    return {partition.leader_id, partition.leader_epoch, topic.topic_id, partition.isr_nodes.size()};
  }
  return {};
}

void create_orders(const ClusterClient& client) {
  Peer peer = client.to_broker(1);
  wire::CreateTopicsRequest request;
  request.timeout_ms = 10'000;
  request.topics.push_back({.name = "orders", .num_partitions = 1, .replication_factor = 3});
  ASSERT_EQ(peer.ask<wire::CreateTopicsResponse>(request, 7).body.topics.at(0).error_code, 0);
}

bool write(const ClusterClient& client, const std::string& value, std::int32_t dead = -1) {
  const Leading now = leading(client, dead);
  if (now.leader < 0 || now.leader == dead) return false;
  Peer peer = client.to_broker(now.leader);
  return produce(peer, "orders", batch_of({.values = {value}})).error == 0;
}

struct Reading {
  std::int64_t offset = 0;
  std::string rack = {};
  std::int32_t epoch = -1;
  std::int32_t wait_ms = 0;
  std::int16_t version = 12;
};
Row read(Peer& peer, const Reading& reading) {
  wire::FetchRequest request;
  request.max_wait_ms = reading.wait_ms;
  request.min_bytes = 1;
  request.rack_id = reading.rack;
  request.topics.push_back({.topic = "orders"});
  request.topics[0].partitions.push_back({.partition = 0,
                                          .current_leader_epoch = reading.epoch,
                                          .fetch_offset = reading.offset,
                                          .partition_max_bytes = 1 << 20});
  const auto answer = peer.ask<wire::FetchResponse>(request, reading.version);
  EXPECT_EQ(answer.body.responses.size(), 1U);
  return answer.body.responses.empty() ? Row{} : answer.body.responses[0].partitions.at(0);
}

std::int32_t other_than(std::int32_t leader) {
  return leader == 1 ? 2 : 1;
}

/// Topic "orders" with one record that all replicas hold.
void begin(ClusterWorld& w) {
  w.run([](const ClusterClient& client) { create_orders(client); });
  w.run_until("a record is written", [](const ClusterClient& client) { return write(client, "0"); });
  w.run_until("all replicas are in sync", [](const ClusterClient& client) { return leading(client).in_sync == 3; });
}

TEST(FollowerReads, TheLeaderNamesTheReplicaInTheConsumersRack) {
  ClusterWorld w(three_racks(kByRack));
  begin(w);
  w.run([](const ClusterClient& client) {
    const Leading now = leading(client);
    const std::int32_t follower = other_than(now.leader);
    Peer peer = client.to_broker(now.leader);
    const Row sent = read(peer, {.rack = rack_of(follower), .wait_ms = 5'000});
    EXPECT_EQ(sent.error_code, 0);
    EXPECT_EQ(sent.preferred_read_replica, follower);
    EXPECT_TRUE(sent.records->empty()) << "who is sent elsewhere is given nothing here";
    for (const std::string& rack : {std::string(), rack_of(now.leader), std::string("rack-9")}) {
      const Row kept = read(peer, {.rack = rack});
      EXPECT_EQ(kept.preferred_read_replica, -1) << rack;
      EXPECT_EQ(values_in(*kept.records), std::vector<std::string>{"0"}) << rack;
    }
    const Row old = read(peer, {.rack = rack_of(follower), .version = 10});
    EXPECT_EQ(old.preferred_read_replica, -1) << "nothing of racks before version 11";
    Peer there = client.to_broker(follower);
    EXPECT_EQ(values_in(*read(there, {.rack = rack_of(follower)}).records), std::vector<std::string>{"0"});
    EXPECT_EQ(read(there, {.version = 10}).error_code, code(ErrorCode::not_leader_or_follower));
  });
}

TEST(FollowerReads, WithoutARackAwareSelectorTheLeaderServesAll) {
  ClusterWorld w(three_racks(std::string(config::kLeaderSelector)));
  begin(w);
  w.run([](const ClusterClient& client) {
    const Leading now = leading(client);
    Peer peer = client.to_broker(now.leader);
    const Row row = read(peer, {.rack = rack_of(other_than(now.leader))});
    EXPECT_EQ(row.preferred_read_replica, -1);
    EXPECT_EQ(values_in(*row.records), std::vector<std::string>{"0"});
  });
}

TEST(FollowerReads, AWaitingReaderAtAFollowerIsAnsweredSoonAfterTheCommit) {
  ClusterWorld w(three_racks(kByRack));
  begin(w);
  w.run([](const ClusterClient& client) {
    const Leading now = leading(client);
    client.sleep(Milliseconds(600));  // the fetchers wait at the leader
    Peer there = client.to_broker(other_than(now.leader));
    wire::FetchRequest request;
    request.max_wait_ms = 5'000;
    request.min_bytes = 1;
    request.topics.push_back({.topic = "orders"});
    request.topics[0].partitions.push_back({.partition = 0, .fetch_offset = 1, .partition_max_bytes = 1 << 20});
    there.send(request, 12);
    Peer leader = client.to_broker(now.leader);
    ASSERT_EQ(produce(leader, "orders", batch_of({.values = {"1"}})).error, 0);
    const MonotonicTime committed = client.now();
    const auto answer = there.take<wire::FetchResponse>(12);
    EXPECT_EQ(values_in(*answer.body.responses.at(0).partitions.at(0).records), std::vector<std::string>{"1"});
    EXPECT_LT(client.now() - committed, Milliseconds(100)) << "replica.fetch.wait.max.ms is 500";
  });
}

TEST(FollowerReads, EpochsAndOffsetsAreJudgedAsTheLeaderWould) {
  ClusterWorld w(three_racks(kByRack));
  begin(w);
  w.run([](const ClusterClient& client) {
    const Leading now = leading(client);
    Peer there = client.to_broker(other_than(now.leader));
    EXPECT_EQ(read(there, {.epoch = now.epoch}).error_code, 0);
    EXPECT_EQ(read(there, {.epoch = now.epoch + 1}).error_code, code(ErrorCode::unknown_leader_epoch));
    EXPECT_EQ(read(there, {.offset = 9, .epoch = now.epoch}).error_code, code(ErrorCode::offset_out_of_range));
    const Row ahead = read(there, {.offset = 9});
    EXPECT_EQ(ahead.error_code, 0) << "who names no epoch may be ahead of a follower: it waits";
    EXPECT_TRUE(ahead.records->empty());
    Peer leader = client.to_broker(now.leader);
    EXPECT_EQ(read(leader, {.offset = 9}).error_code, code(ErrorCode::offset_out_of_range));
  });
}

TEST(FollowerReads, OurConsumerFollowsTheLeadersWordAndGoesBackWhenTheReplicaDies) {
  ClusterWorld w(three_racks(kByRack));
  begin(w);
  std::int32_t follower = -1;
  std::vector<std::int64_t> seen;
  bool is_dead = false;
  w.run([&](const ClusterClient& client) {
    const Leading now = leading(client);
    follower = other_than(now.leader);
    client::ClusterSettings settings;
    settings.bootstrap = {{"n" + std::to_string(now.leader), kPort}};
    settings.link.request_timeout = Milliseconds(2'000);
    client::Cluster cluster(client.shard, settings);
    client::Consumer consumer(cluster, {.fetch_wait = Milliseconds(100), .rack = rack_of(follower)});
    consumer.assign("orders", PartitionIndex{0}, Offset{0});
    UniqueFunction<void(const client::ConsumedRecord&)> visit = [&](const client::ConsumedRecord& record) {
      seen.push_back(record.record.offset.value());
    };
    const auto poll = [&] { return consumer.poll(client.self, cluster.deadline_in(Milliseconds(20'000)), visit); };
    for (int i = 0; i < 5 && seen.empty(); ++i) EXPECT_TRUE(poll());
    EXPECT_EQ(seen, std::vector<std::int64_t>{0});
    EXPECT_EQ(consumer.preferred_replica("orders", PartitionIndex{0}), NodeId{follower});
    w.world.crash(w.at(follower).node);
    is_dead = true;
    for (int i = 0; i < 300 && !write(client, "1", follower); ++i) client.sleep(Milliseconds(100));
    for (int i = 0; i < 300 && seen.size() < 2; ++i) {
      if (!poll()) client.sleep(Milliseconds(100));
    }
    EXPECT_NE(consumer.preferred_replica("orders", PartitionIndex{0}), NodeId{follower});
  });
  EXPECT_TRUE(is_dead);
  EXPECT_GE(seen.size(), 2U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

}  // namespace
}  // namespace gregor::broker
