// AlterReplicaLogDirs over the wire: where a partition lies by what DescribeLogDirs says, what cannot be moved, and
// what a controller hears of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "metadata/directories.h"
#include "metadata/replay.h"
#include "record/record_view.h"
#include "tests/broker/support/cluster_world.h"
#include "wire/alter_partition_reassignments.h"
#include "wire/alter_replica_log_dirs.h"
#include "wire/api_versions.h"
#include "wire/describe_log_dirs.h"
#include "wire/incremental_alter_configs.h"

namespace gregor::broker {
namespace {

using namespace test;

const Settings kTwoDirectories{{"log.dirs", "/one,/two"}};

std::int16_t move(Peer& peer, const std::string& topic, std::int32_t partition, const std::string& directory,
                  std::int16_t version = 2) {
  wire::AlterReplicaLogDirsRequest request;
  auto& wanted = request.dirs.emplace_back();
  wanted.path = directory;
  wanted.topics.push_back({.name = topic, .partitions = {partition}});
  const auto answer = peer.ask<wire::AlterReplicaLogDirsResponse>(request, version);
  EXPECT_EQ(answer.body.results.at(0).topic_name, topic);
  EXPECT_EQ(answer.body.results.at(0).partitions.at(0).partition_index, partition);
  return answer.body.results.at(0).partitions.at(0).error_code;
}

struct Seen {
  std::string directory;  ///< of the log
  std::string copy_in;    ///< empty: it is not being moved
  std::int64_t lag = 0;   ///< of the copy
  bool operator==(const Seen&) const = default;
};

Seen look(Peer& peer, const std::string& topic, std::int32_t partition) {
  wire::DescribeLogDirsRequest request;
  request.topics = std::nullopt;
  const auto answer = peer.ask<wire::DescribeLogDirsResponse>(request, 4);
  Seen seen;
  for (const auto& result : answer.body.results) {
    for (const auto& found : result.topics) {
      for (const auto& one : found.partitions) {
        if (found.name != topic || one.partition_index != partition) continue;
        (one.is_future_key ? seen.copy_in : seen.directory) = result.log_dir;
        if (one.is_future_key) seen.lag = one.offset_lag;
      }
    }
  }
  return seen;
}

bool comes_to_lie(const Client& client, Peer& peer, const std::string& topic, std::int32_t partition,
                  const std::string& directory) {
  const Seen wanted{directory, "", 0};
  for (int i = 0; i < 200 && look(peer, topic, partition) != wanted; ++i) client.sleep(Milliseconds(50));
  return look(peer, topic, partition) == wanted;
}

/// One byte a second, on every broker.
void slow_copies_down(Peer& peer) {
  wire::IncrementalAlterConfigsRequest request;
  auto& broker = request.resources.emplace_back();
  broker.resource_type = 4;
  broker.configs.push_back(
      {.name = "replica.alter.log.dirs.io.max.bytes.per.second", .config_operation = 0, .value = "1"});
  const auto answer = peer.ask<wire::IncrementalAlterConfigsResponse>(request, 1);
  EXPECT_EQ(answer.body.responses.at(0).error_code, 0);
}

std::string other_than(const std::string& directory) {
  return directory == "/one" ? "/two" : "/one";
}

TEST(AlterReplicaLogDirs, AdvertisedVersions) {
  NodeWorld w;
  w.run([](const Client& client) {
    Peer peer = client.connect();
    const auto answer = peer.ask<wire::ApiVersionsResponse>(wire::ApiVersionsRequest{}, 0);
    const auto found = std::ranges::find_if(answer.body.api_keys, [](const auto& api) { return api.api_key == 34; });
    ASSERT_NE(found, answer.body.api_keys.end());
    EXPECT_EQ(found->min_version, 1);
    EXPECT_EQ(found->max_version, 2);
  });
}

TEST(AlterReplicaLogDirs, APartitionMovesWithAllItHolds) {
  for (const std::int16_t version : {1, 2}) {
    NodeWorld w(kTwoDirectories, 2);
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      create_topic(peer, "orders", 2);
      ASSERT_EQ(produce(peer, "orders", batch_of({{"a", "b"}}), 1).error, 0);
      const std::string goal = other_than(look(peer, "orders", 1).directory);
      EXPECT_EQ(move(peer, "orders", 1, goal, version), 0);
      EXPECT_TRUE(comes_to_lie(client, peer, "orders", 1, goal));
      EXPECT_EQ(fetch(peer, "orders", 0, 1).values, (std::vector<std::string>{"a", "b"}));
      ASSERT_EQ(produce(peer, "orders", batch_of({{"c"}}), 1).base_offset, 2);
      EXPECT_EQ(move(peer, "orders", 1, goal, version), 0) << "it lies there";
    });
    w.lose_power_and_restart();
    w.run([](const Client& client) {
      Peer peer = client.connect();
      EXPECT_EQ(fetch(peer, "orders", 0, 1).values.size(), 2U) << "the copy was flushed, what came after was not";
    });
  }
}

TEST(AlterReplicaLogDirs, AThrottledMoveIsSeenGoesOnInTheNextLifeAndIsEndedByThePresentDirectory) {
  NodeWorld w(kTwoDirectories);
  std::string from;
  const auto is_seen = [&](const Client& client, Peer& peer) {
    Seen seen;
    for (int i = 0; i < 100 && seen.copy_in.empty(); ++i) {
      client.sleep(Milliseconds(20));
      seen = look(peer, "orders", 0);
    }
    return seen.directory == from && seen.copy_in == other_than(from);
  };
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders", 1, {{"internal.segment.bytes", "1024"}});
    slow_copies_down(peer);
    for (int i = 0; i < 10; ++i) ASSERT_EQ(produce(peer, "orders", batch_of({{std::string(700, 'x')}})).error, 0);
    from = look(peer, "orders", 0).directory;
    EXPECT_EQ(move(peer, "orders", 0, other_than(from)), 0);
    EXPECT_TRUE(is_seen(client, peer));
    EXPECT_GT(look(peer, "orders", 0).lag, 0);
  });
  w.restart();
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_TRUE(is_seen(client, peer));
    EXPECT_EQ(move(peer, "orders", 0, from), 0);
    EXPECT_EQ(look(peer, "orders", 0), (Seen{from, "", 0}));
  });
}

TEST(AlterReplicaLogDirs, WhatCannotBeMovedIsSaidOneByOne) {
  NodeWorld w(kTwoDirectories);
  w.run([](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    EXPECT_EQ(move(peer, "orders", 0, "/three"), code(wire::ErrorCode::log_dir_not_found));
    EXPECT_EQ(move(peer, "orders", 7, "/one"), code(wire::ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(move(peer, "nobody", 0, "/one"), code(wire::ErrorCode::unknown_topic_or_partition));
    const std::string long_name(230, 'x');
    create_topic(peer, long_name);
    EXPECT_EQ(move(peer, long_name, 0, "/one"), code(wire::ErrorCode::invalid_topic_exception)) << "KAFKA-4893";
  });
}

// A cluster of a combined node and a broker: nothing of the topic is on the second broker before it is moved there.
class AlterReplicaLogDirsInACluster : public testing::Test {
 protected:
  ClusterWorld w_{{with(combined_node(1, 1), kTwoDirectories), with(broker_node(2, 1), kTwoDirectories)}};
};

TEST_F(AlterReplicaLogDirsInACluster, AReplicaToComeIsMadeWhereItIsWished) {
  w_.run([](const ClusterClient& client) {
    Peer first = client.to_broker(1);
    Peer second = client.to_broker(2);
    create_topic_on(client, "filler", {2});  // by itself the next goes to the other directory
    std::string filled;
    for (int i = 0; i < 100 && filled.empty(); ++i) {
      client.sleep(Milliseconds(50));
      filled = look(second, "filler", 0).directory;
    }
    ASSERT_FALSE(filled.empty());
    create_topic_on(client, "orders", {1});
    const auto wish = [&] { return move(second, "orders", 0, filled); };
    auto told = wish();
    for (int i = 0; i < 100 && told == code(wire::ErrorCode::unknown_topic_or_partition); ++i) {
      client.sleep(Milliseconds(50));  // the second broker has not heard of it yet
      told = wish();
    }
    EXPECT_EQ(told, code(wire::ErrorCode::replica_not_available));
    wire::AlterPartitionReassignmentsRequest request;
    request.topics.push_back({.name = "orders"});
    request.topics[0].partitions.push_back({.partition_index = 0, .replicas = std::vector<std::int32_t>{2}});
    EXPECT_EQ(first.ask<wire::AlterPartitionReassignmentsResponse>(request, 0).body.error_code, 0);
    EXPECT_TRUE(comes_to_lie(client, second, "orders", 0, filled));
  });
}

/// In which directory the metadata log of the first node has the second's replica of orders.
Uuid directory_told(ClusterWorld& w) {
  const auto log = w.world.disk(w.at(1).node).content_of("one/__cluster_metadata-0/00000000000000000000.log");
  metadata::Replay replay;
  for (Bytes rest = *log; !rest.empty();) {
    const auto batch = record::BatchView::parse(rest);
    if (!batch) break;  // reserved
    rest = rest.subspan(batch->size());
    std::vector<ByteBuffer> values;
    record::RecordIterator records(*batch, batch->record_bytes());
    for (auto one = records.next(); one && *one && !batch->is_control(); one = records.next()) {
      values.emplace_back((*one)->value->begin(), (*one)->value->end());
    }
    EXPECT_TRUE(values.empty() || replay.apply_batch(values, batch->last_offset(), batch->leader_epoch()));
  }
  const metadata::Topic* topic = replay.image().find_topic("orders");
  return metadata::directory_of(*topic->partitions.find(PartitionIndex{0}), NodeId{2});
}

// KIP-858: the controller is told afterwards, so that it knows what a directory that fails takes with it.
TEST_F(AlterReplicaLogDirsInACluster, TheControllerIsToldWhereTheLogCameToLie) {
  const auto run_on = [this] { w_.world.run_for(std::chrono::seconds(3)); };
  w_.run([](const ClusterClient& client) { create_topic_on(client, "orders", {2}); });
  run_on();
  const Uuid before = directory_told(w_);
  EXPECT_FALSE(metadata::is_reserved_id(before));
  w_.run([](const ClusterClient& client) {
    Peer second = client.to_broker(2);
    const std::string goal = other_than(look(second, "orders", 0).directory);
    EXPECT_EQ(move(second, "orders", 0, goal), 0);
    EXPECT_TRUE(comes_to_lie(client, second, "orders", 0, goal));
  });
  run_on();
  EXPECT_FALSE(metadata::is_reserved_id(directory_told(w_)));
  EXPECT_NE(directory_told(w_), before);
}

}  // namespace
}  // namespace gregor::broker
