// One partition: what it accepts, what it gives back, what a crash and a restart leave of it.
// Method: the real log on a simulated disk that fails on order; virtual time.
#include "partition/partition.h"

#include <gtest/gtest.h>

#include "base/mutant.h"
#include "tests/partition/support/bench_top.h"

namespace gregor::partition {
namespace {

using test::BatchOf;
using test::BenchTop;

constexpr ProducerId kProducer{9};

config::TopicConfig flushed() {
  config::TopicConfig config;
  config.flush_messages = 1;
  return config;
}

BatchOf produced_at(WallTime now) {
  return {.values = {"x"}, .producer = kProducer, .sequence = Sequence{0}, .timestamp_ms = now.ms};
}

TEST(Partition, OffsetsAreDenseInTheOrderOfSubmit) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self);
    auto first = top.submit(*partition, {.values = {"a", "b"}});
    auto second = top.submit(*partition, {.values = {"c"}});
    EXPECT_EQ(first->await(self).base_offset, Offset{0});
    EXPECT_EQ(second->await(self).base_offset, Offset{2});
    EXPECT_EQ(top.disk.orders.writes, 1) << "what queued together is written together";
    EXPECT_EQ(partition->replica()->high_watermark(), Offset{3});
  });
}

TEST(Partition, ARequestBeforeTheLogIsOpenWaitsForIt) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.table.create(test::kOrders, {});
    auto append = top.submit(*partition, {.values = {"a"}});
    partition->apply(test::leads_alone(LeaderEpoch{0}));
    EXPECT_EQ(append->await(self).error, 0);
  });
}

TEST(Partition, OnlyALeaderAppendsAndEpochsOfOthersAreFenced) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self, {}, LeaderEpoch{3});
    ReadAsk ask{.offset = Offset{0}, .current_leader_epoch = LeaderEpoch{2}};
    EXPECT_EQ(partition->read(self, ask).error, PartitionError::fenced_leader_epoch);
    ask.current_leader_epoch = LeaderEpoch{4};
    EXPECT_EQ(partition->read(self, ask).error, PartitionError::unknown_leader_epoch);
    partition->apply(test::nobody_leads(LeaderEpoch{3}));
    EXPECT_EQ(top.append(self, *partition, {.values = {"a"}}).error, 6);
    ask.current_leader_epoch = kNoLeaderEpoch;
    EXPECT_EQ(partition->read(self, ask).error, PartitionError::not_leader_or_follower);
  });
}

TEST(Partition, ALeaderEpochStandsInTheLogBeforeItsFirstRecord) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self, {}, LeaderEpoch{5});
    const OffsetAnswer earliest =
        partition->find_offset(self, kEarliestTimestamp, Isolation::read_uncommitted, kNoLeaderEpoch);
    EXPECT_EQ(earliest.leader_epoch, LeaderEpoch{5});
  });
}

TEST(Partition, TheEpochOfTheLeaderStandsInItsBatches) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self, {}, LeaderEpoch{5});
    ASSERT_EQ(top.append(self, *partition, {.values = {"a"}}).error, 0);
    const ReadOutcome read = top.read(self, *partition, 0);
    EXPECT_EQ(record::BatchView::parse(read.records).value().leader_epoch(), LeaderEpoch{5});
  });
}

TEST(Partition, StateOfProducersSurvivesARestart) {
  const auto disk = std::make_shared<sim::DiskImage>();
  for (const bool cleanly : {true, false}) {
    const int life = cleanly ? 0 : 1;
    sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
      BenchTop top(self, shard);
      const auto partition = top.partition(self, {}, LeaderEpoch{life});
      EXPECT_EQ(
          top.append(self, *partition, {.values = {"x"}, .producer = kProducer, .sequence = Sequence{life}}).error, 0);
      if (cleanly) {
        EXPECT_TRUE(top.table.close_all(self));
      }
    });
  }
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self, {}, LeaderEpoch{2});
    const auto again = top.append(self, *partition, {.values = {"x"}, .producer = kProducer, .sequence = Sequence{1}});
    EXPECT_EQ(again.error, 0);
    EXPECT_EQ(again.base_offset, Offset{1}) << "a duplicate of what the former life wrote";
    EXPECT_EQ(partition->replica()->log_end_offset(), Offset{2});
  });
}

TEST(Partition, MaintenanceForgetsProducersThatExpired) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self);
    top.append(self, *partition, produced_at(shard.clock.wall_now()));
    partition->maintain(self);
    EXPECT_EQ(partition->producers().size(), 1U);
    env::sleep_for(self, shard.clock, std::chrono::hours(25));
    partition->maintain(self);
    EXPECT_EQ(partition->producers().size(), 0U);
  });
}

TEST(Partition, AShorterProducerIdExpirationHoldsFromTheNextMaintenance) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self);
    top.append(self, *partition, produced_at(shard.clock.wall_now()));
    env::sleep_for(self, shard.clock, std::chrono::minutes(2));
    partition->maintain(self);
    EXPECT_EQ(partition->producers().size(), 1U);
    top.settings.producer_id_expiration_ms = 60'000;
    partition->maintain(self);
    EXPECT_EQ(partition->producers().size(), 0U);
  });
}

TEST(Partition, FlushMsFlushesWhatMaintenanceFindsDue) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    config::TopicConfig config;
    config.flush_ms = 1000;
    const auto partition = top.partition(self, config);
    top.append(self, *partition, {.values = {"x"}});
    const int before = top.disk.orders.flushes;
    partition->maintain(self);
    EXPECT_EQ(top.disk.orders.flushes, before) << "not due yet";
    env::sleep_for(self, shard.clock, Milliseconds(1001));
    partition->maintain(self);
    EXPECT_EQ(partition->checkpoint_line()->recovery_point, Offset{1});
  });
}

TEST(Partition, ADeletedTopicRefusesAndItsFolderGoes) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self);
    top.append(self, *partition, {.values = {"x"}});
    top.table.remove(test::kOrders.topic_id, test::kOrders.partition, PartitionError::unknown_topic_or_partition);
    EXPECT_EQ(top.append(self, *partition, {.values = {"y"}}).error, 3);
    EXPECT_EQ(top.read(self, *partition, 0).error, PartitionError::unknown_topic_or_partition);
    partition->wait_until_idle(self);
    EXPECT_EQ(shard.disk.status(self, "data/orders-0").error().code, Errc::not_found);
  });
}

TEST(Partition, ATopicMadeAnewBeginsAtZeroWhateverTheOldOneHeld) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    top.append(self, *top.partition(self), {.values = {"old", "older"}});
    top.table.remove(test::kOrders.topic_id, test::kOrders.partition, PartitionError::unknown_topic_or_partition);
    TopicPartition anew = test::kOrders;
    anew.topic_id = {7, 8};
    const auto partition = top.table.create(anew, {});
    partition->apply(test::leads_alone(LeaderEpoch{0}));
    EXPECT_EQ(top.append(self, *partition, {.values = {"new"}}).base_offset, Offset{0});
    EXPECT_EQ(top.read(self, *partition, 0).log_start_offset, Offset{0});
  });
}

TEST(Partition, CloseWritesWhatIsQueuedAndRefusesWhatComesLater) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    BenchTop top(self, shard);
    const auto partition = top.partition(self, flushed());
    auto queued = top.submit(*partition, {.values = {"x"}});
    EXPECT_TRUE(partition->close(self));
    EXPECT_EQ(queued->await(self).error, 0);
    EXPECT_EQ(top.append(self, *partition, {.values = {"y"}}).error, 6);
  });
}

}  // namespace
}  // namespace gregor::partition
