// Reading many partitions over many shards under one limit, and the alarm that rings when waiting is over.
// Method: whole nodes for the reads, since partitions live on several shards; the alarm by hand on one shard.
#include "broker/fetch_reads.h"

#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "tests/broker/support/shard_bench.h"
#include "wire/fetch.h"

namespace gregor::broker {
namespace {

using namespace test;

/// Values in each of the partitions 0 to `partitions`-1, fetched in one request.
std::vector<std::size_t> fetch_all(Peer& peer, std::int32_t partitions, std::int32_t bytes_max,
                                   std::int32_t partition_bytes_max = 1 << 20) {
  wire::FetchRequest request;
  request.max_bytes = bytes_max;
  request.topics.push_back({.topic = "orders", .topic_id = {}, .partitions = {}});
  for (std::int32_t p = 0; p < partitions; ++p)
    request.topics[0].partitions.push_back({.partition = p, .partition_max_bytes = partition_bytes_max});
  const auto answer = peer.ask<wire::FetchResponse>(request, 12);
  std::vector<std::size_t> counts(static_cast<std::size_t>(partitions));
  for (const auto& topic : answer.body.responses) {
    for (const auto& row : topic.partitions)
      counts.at(static_cast<std::size_t>(row.partition_index)) = values_in(row.records.value_or(Bytes{})).size();
  }
  return counts;
}

std::size_t sum(const std::vector<std::size_t>& counts) {
  std::size_t all = 0;
  for (const std::size_t count : counts) all += count;
  return all;
}

TEST(FetchReads, OneLimitHoldsOverAllShards) {
  for (const std::size_t shards : {std::size_t{1}, std::size_t{4}}) {
    SCOPED_TRACE(shards);
    NodeWorld w({}, shards);
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      create_topic(peer, "orders", 8);
      const ByteBuffer batch = batch_of({{"x"}});
      const auto size = static_cast<std::int32_t>(batch.size());
      for (std::int32_t p = 0; p < 8; ++p) {
        for (int i = 0; i < 3; ++i) produce(peer, "orders", batch, p);
      }
      EXPECT_EQ(sum(fetch_all(peer, 8, 1 << 20)), 24U);
      EXPECT_EQ(sum(fetch_all(peer, 8, 5 * size)), 5U);
      EXPECT_EQ(fetch_all(peer, 8, 1 << 20, 2 * size), std::vector<std::size_t>(8, 2));
      EXPECT_EQ(sum(fetch_all(peer, 8, 0)), 1U) << "one batch comes whatever the limits say";
      EXPECT_EQ(sum(fetch_all(peer, 8, 1 << 20, 0)), 1U);
    });
  }
}

FetchRow row_of(const TopicId& id, ShardId owner = ShardId{0}) {
  FetchRow row;
  row.topic_id = id;
  row.owner = owner;
  return row;
}

/// One shard with itself in the node's tables, so that it can post to itself.
void with_alarm(const std::function<void(env::Fiber&, ShardBench&, FetchAlarm&)>& body) {
  sim::run_fiber([&](env::Fiber& self, env::Shard& own) {
    ShardBench bench(own, 1, {});
    bench.core.shards[0] = &own;
    bench.core.broker_shards[0] = &bench.shard;
    FetchAlarm alarm(bench.shard, 100);
    body(self, bench, alarm);
  });
}

TEST(FetchAlarm, RingsAtOnceForAPartitionThatIsGone) {
  with_alarm([](env::Fiber& self, ShardBench& bench, FetchAlarm& alarm) {
    FetchRow row = row_of(Uuid{9, 9});
    alarm.watch({&row});
    const MonotonicTime before = bench.shard.shard.clock.now();
    EXPECT_TRUE(alarm.wait(self, before + Milliseconds(1'000)));
    EXPECT_LT(bench.shard.shard.clock.now() - before, Milliseconds(1));
  });
}

TEST(FetchAlarm, StaysSilentUntilTheDeadlineWhereNothingComes) {
  with_alarm([](env::Fiber& self, ShardBench& bench, FetchAlarm& alarm) {
    const MonotonicTime before = bench.shard.shard.clock.now();
    EXPECT_FALSE(alarm.wait(self, before + Milliseconds(1'000)));
    EXPECT_GE(bench.shard.shard.clock.now() - before, Milliseconds(1'000));
  });
}

TEST(FetchAlarm, RingsWhenTheNodeStopsAndAtOnceWhenItHas) {
  with_alarm([](env::Fiber& self, ShardBench& bench, FetchAlarm& alarm) {
    const MonotonicTime before = bench.shard.shard.clock.now();
    bench.shard.shard.fibers.spawn("stops", [&](env::Fiber& fiber) {
      env::sleep_for(fiber, bench.shard.shard.clock, Milliseconds(50));
      bench.shard.begin_to_stop();
    });
    EXPECT_TRUE(alarm.wait(self, before + Milliseconds(1'000)));
    EXPECT_LT(bench.shard.shard.clock.now() - before, Milliseconds(51));
    FetchAlarm late(bench.shard, 100);
    EXPECT_TRUE(late.wait(self, before + Milliseconds(1'000)));
    EXPECT_LT(bench.shard.shard.clock.now() - before, Milliseconds(51));
  });
}

}  // namespace
}  // namespace gregor::broker
