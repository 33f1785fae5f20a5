// Followers of three brokers fetch in sessions (KIP-227), and where the leaders have too few slots for them nothing is
// lost: every record is acknowledged by all and stands on all. Method: a simulated cluster, clients frame by frame.
#include <gtest/gtest.h>

#include "tests/broker/support/cluster_world.h"
#include "wire/create_topics.h"
#include "wire/metadata.h"

namespace gregor::broker {
namespace {

using namespace test;

constexpr int kPartitionsOfSessions = 6;

std::int32_t leader_of(Peer& peer, int partition) {
  wire::MetadataRequest request;
  request.topics->push_back({.name = "orders"});
  const auto answer = peer.ask<wire::MetadataResponse>(request, 12);
  for (const auto& row : answer.body.topics.at(0).partitions) {
    if (row.partition_index == partition) return row.leader_id;
  }
  return -1;
}

void write_everywhere(const std::string& slots) {
  std::vector<Settings> nodes;
  for (int i = 1; i <= 3; ++i) {
    nodes.push_back(with(combined_node(i, 3), {{"max.incremental.fetch.session.cache.slots", slots}}));
  }
  ClusterWorld w(nodes);
  w.run([](const ClusterClient& client) {
    Peer peer = client.to_broker(1);
    wire::CreateTopicsRequest request;
    request.timeout_ms = 10'000;
    request.topics.push_back({.name = "orders", .num_partitions = kPartitionsOfSessions, .replication_factor = 3});
    ASSERT_EQ(peer.ask<wire::CreateTopicsResponse>(request, 7).body.topics.at(0).error_code, 0);
  });
  int written = 0;
  w.run_until("a hundred records stand on all replicas", [&](const ClusterClient& client) {
    Peer peer = client.to_broker(1);
    for (; written < 100; ++written) {
      const int partition = written % kPartitionsOfSessions;
      const std::int32_t leader = leader_of(peer, partition);
      if (leader < 0) return false;
      Peer to_leader = client.to_broker(leader);
      if (produce(to_leader, "orders", batch_of({.values = {"x"}}), partition).error != 0) return false;
    }
    return true;
  });
  w.run([](const ClusterClient& client) {
    Peer peer = client.to_broker(1);
    int found = 0;
    for (int partition = 0; partition < kPartitionsOfSessions; ++partition) {
      Peer to_leader = client.to_broker(leader_of(peer, partition));
      const auto fetched = fetch(to_leader, "orders", 0, partition);
      EXPECT_EQ(fetched.high_watermark, static_cast<std::int64_t>(fetched.values.size()));
      found += static_cast<int>(fetched.values.size());
    }
    EXPECT_GE(found, 100);
  });
}

TEST(ReplicaSessions, EveryRecordIsOnAllReplicas) {
  write_everywhere("1000");
}

TEST(ReplicaSessions, WhereSessionsCompeteForOneSlotAndWhereThereIsNoneToo) {
  write_everywhere("1");
  write_everywhere("0");
}

}  // namespace
}  // namespace gregor::broker
