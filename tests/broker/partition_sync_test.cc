// A shard holds the partitions that the metadata gives it, by topic id: opened, led, configured and removed as it says.
// Method: images made by hand are shown to the feed; no controller runs.
#include "broker/partition_sync.h"

#include <gtest/gtest.h>

#include "partition/directories.h"
#include "sim/run_fiber.h"
#include "tests/broker/support/image_bench.h"
#include "tests/broker/support/node_world.h"

namespace gregor::broker {
namespace {

using namespace test;

constexpr NodeId kSelf{1};

/// Lives within one run_fiber body: shard 0 of `shard_count`.
struct Bench {
  Bench(env::Fiber& self, env::Shard& own, std::size_t shard_count = 1)
      : shard(own),
        shards{&own},
        directories(shards, observer, log),
        feed(own, observer),
        table(partition::PartitionSeat{own, directories, observer, log, codec, config}),
        settings(config, feed, log),
        sync(settings, shard_count, ShardId{0}, feed, table, log) {
    EXPECT_TRUE(directories.open(self, own, {"/log"}, 1));
    EXPECT_TRUE(directories.begin_use(self));
  }
  std::shared_ptr<partition::Partition> find(const TopicId& id, int index = 0) {
    return table.find(id, PartitionIndex{index});
  }
  std::int16_t append(env::Fiber& self, partition::Partition& to, const std::string& value = "x") {
    const auto bytes = std::make_shared<ByteBuffer>(batch_of({{value}}));
    const auto promise = std::make_shared<env::Promise<partition::AppendOutcome>>();
    to.submit({.records = *bytes, .owner = bytes},
              [promise](partition::AppendOutcome outcome) { promise->set(std::move(outcome)); });
    return promise->await(self).error;
  }

  config::BrokerConfig config = config_of({});
  observe::NullObserver observer;
  RememberingLog log;
  env::Shard& shard;
  env::ShardTable shards;
  partition::Directories directories;
  controller::ImageFeed feed;
  record::CodecScratch codec;
  partition::PartitionTable table;
  LiveSettings settings;
  PartitionSync sync;
  ImageMaker images;
};

TEST(PartitionSync, OpensWhatTheImageGivesThisNodeAndNothingElse) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    const TopicId mine = bench.images.add_topic("mine", {{.leader = kSelf, .replicas = {kSelf}}});
    const TopicId other = bench.images.add_topic("other", {{.leader = NodeId{2}, .replicas = {NodeId{2}}}});
    bench.images.show(bench.feed);
    EXPECT_EQ(bench.find(mine), nullptr) << "it does not follow yet";
    bench.sync.begin();
    EXPECT_NE(bench.find(mine), nullptr);
    EXPECT_EQ(bench.find(other), nullptr);
    const TopicId later = bench.images.add_topic("later", {{.leader = kSelf, .replicas = {kSelf}}});
    bench.images.show(bench.feed);
    EXPECT_NE(bench.find(later), nullptr);
    EXPECT_TRUE(bench.table.settle_all(self));
    EXPECT_TRUE(bench.table.close_all(self));
  });
}

TEST(PartitionSync, NothingLeadsBeforeThisLifeIsRegistered) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    const TopicId id =
        bench.images.add_topic("mine", {{.leader = kSelf, .leader_epoch = LeaderEpoch{4}, .replicas = {kSelf}}});
    bench.images.show(bench.feed);
    bench.sync.begin();
    EXPECT_TRUE(bench.table.settle_all(self));
    const auto partition = bench.find(id);
    EXPECT_EQ(bench.append(self, *partition), 6) << "NOT_LEADER_OR_FOLLOWER";
    bench.sync.begin_to_lead();
    EXPECT_TRUE(bench.table.settle_all(self));
    EXPECT_EQ(bench.append(self, *partition), 0);
    bench.images.change("mine", 0, metadata::kNoLeader, {kSelf});
    bench.images.show(bench.feed);
    EXPECT_TRUE(bench.table.settle_all(self));
    EXPECT_EQ(bench.append(self, *partition), 6) << "it leads no more";
    EXPECT_TRUE(bench.table.close_all(self));
  });
}

TEST(PartitionSync, ATopicMadeAnewUnderItsNameIsAnother) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    bench.sync.begin();
    bench.sync.begin_to_lead();
    const TopicId first = bench.images.add_topic("orders", {{.leader = kSelf, .replicas = {kSelf}}});
    bench.images.show(bench.feed);
    EXPECT_EQ(bench.append(self, *bench.find(first)), 0);
    bench.images.remove_topic("orders");
    const TopicId second = bench.images.add_topic("orders", {{.leader = kSelf, .replicas = {kSelf}}});
    bench.images.show(bench.feed);
    EXPECT_EQ(bench.find(first), nullptr);
    const auto anew = bench.find(second);
    ASSERT_NE(anew, nullptr);
    EXPECT_TRUE(anew->settled(self));
    EXPECT_EQ(anew->replica()->log_end_offset(), Offset{0});
    EXPECT_TRUE(bench.table.close_all(self));
  });
}

TEST(PartitionSync, APartitionThatMovesAwayIsRemoved) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    bench.sync.begin();
    const TopicId id = bench.images.add_topic("orders", {{.leader = kSelf, .replicas = {kSelf}}});
    bench.images.show(bench.feed);
    EXPECT_NE(bench.find(id), nullptr);
    bench.images.change("orders", 0, NodeId{2}, {NodeId{2}});
    bench.images.show(bench.feed);
    EXPECT_EQ(bench.find(id), nullptr);
    EXPECT_TRUE(bench.table.close_all(self));
  });
}

TEST(PartitionSync, APartitionThatAnotherLeadsIsFollowed) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    bench.sync.begin();
    bench.sync.begin_to_lead();
    const TopicId id = bench.images.add_topic("orders", {{.leader = NodeId{2}, .replicas = {NodeId{2}, kSelf}}});
    bench.images.show(bench.feed);
    const auto partition = bench.find(id);
    ASSERT_NE(partition, nullptr);
    EXPECT_TRUE(partition->settled(self));
    EXPECT_EQ(partition->following(), NodeId{2});
    EXPECT_EQ(bench.append(self, *partition), 6) << "NOT_LEADER_OR_FOLLOWER";
    EXPECT_TRUE(bench.table.close_all(self));
  });
}

TEST(PartitionSync, EachPartitionIsHeldByOneShardOfTheNode) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard, 3);
    const std::vector<Placed> places(30, Placed{.leader = kSelf, .replicas = {kSelf}});
    const TopicId id = bench.images.add_topic("orders", places);
    bench.images.show(bench.feed);
    bench.sync.begin();
    int held = 0;
    for (int i = 0; i < 30; ++i) {
      EXPECT_EQ(bench.find(id, i) != nullptr, partition::shard_of(id, PartitionIndex{i}, 3) == ShardId{0});
      held += bench.find(id, i) != nullptr ? 1 : 0;
    }
    EXPECT_GT(held, 0);
    EXPECT_LT(held, 30);
    EXPECT_TRUE(bench.table.close_all(self));
  });
}

TEST(PartitionSync, SettingsOfATopicReachItsPartitionsAndNonsenseIsLoggedAndPassedOver) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    bench.sync.begin();
    bench.sync.begin_to_lead();
    const TopicId id = bench.images.add_topic("orders", {{.leader = kSelf, .replicas = {kSelf}}});
    bench.images.show(bench.feed);
    const std::string large(500, 'x');
    EXPECT_EQ(bench.append(self, *bench.find(id), large), 0);
    bench.images.configure("orders", "max.message.bytes", "200");
    bench.images.show(bench.feed);
    EXPECT_EQ(bench.append(self, *bench.find(id), large), 10) << "MESSAGE_TOO_LARGE";
    bench.images.configure("orders", "max.message.bytes", "a lot");
    bench.images.show(bench.feed);
    EXPECT_EQ(bench.append(self, *bench.find(id), large), 0) << "the defaults";
    EXPECT_EQ(bench.log.count("topic.config"), 1U);
    EXPECT_TRUE(bench.table.close_all(self));
  });
}

}  // namespace
}  // namespace gregor::broker
