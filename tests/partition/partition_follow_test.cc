// A follower holds what its leader holds, byte by byte; after a failover it keeps what was committed and drops the rest
// (KIP-101, KIP-279, KIP-320).
// Method: three partitions over logs on a simulated disk; requests go by hand.
#include <gtest/gtest.h>

#include "tests/partition/support/trio.h"

namespace gregor::partition {
namespace {

using test::BatchOf;
using test::Trio;

constexpr ProducerId kProducer{9};
constexpr NodeId kA{1};
constexpr NodeId kB{2};
constexpr NodeId kC{3};

config::TopicConfig config_with(int min_insync) {
  config::TopicConfig config;
  config.min_insync_replicas = min_insync;
  return config;
}

BatchOf numbered(int sequence) {
  return {.values = {"value " + std::to_string(sequence)}, .producer = kProducer, .sequence = Sequence{sequence}};
}

TEST(PartitionFollow, CopiesTheLeadersBytesAndWhatIsKnownOfProducers) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    for (int i = 0; i < 7; ++i) trio.a.submit(numbered(i), 1)->await(self);
    trio.replicate(self);
    const ByteBuffer leaders = trio.a.file(self);
    EXPECT_FALSE(leaders.empty());
    for (test::Member* follower : {&trio.b, &trio.c}) {
      EXPECT_EQ(follower->file(self), leaders);
      EXPECT_EQ(follower->partition->producers().entries(), trio.a.partition->producers().entries());
      EXPECT_EQ(follower->high_watermark(), Offset{7});
    }
  });
}

TEST(PartitionFollow, TheHighWatermarkFollowsOneFetchBehind) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    trio.a.submit(numbered(0), 1)->await(self);
    EXPECT_EQ(trio.a.high_watermark(), Offset{0});
    test::fetch(self, trio.b, trio.a);
    test::fetch(self, trio.c, trio.a);
    EXPECT_EQ(trio.b.log_end(), Offset{1});
    EXPECT_EQ(trio.a.high_watermark(), Offset{0}) << "nobody has said yet that it holds the record";
    test::fetch(self, trio.b, trio.a);
    EXPECT_EQ(trio.a.high_watermark(), Offset{0}) << "the third member of the ISR lacks it";
    test::fetch(self, trio.c, trio.a);
    EXPECT_EQ(trio.a.high_watermark(), Offset{1});
    EXPECT_EQ(trio.b.high_watermark(), Offset{0});
    test::fetch(self, trio.b, trio.a);
    EXPECT_EQ(trio.b.high_watermark(), Offset{1});
  });
}

TEST(PartitionFollow, AReturningLeaderDropsWhatOnlyItHeld) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    trio.a.submit(numbered(0), 1)->await(self);
    trio.replicate(self);
    auto lost = trio.a.submit(numbered(1));
    test::settle(self, shard);
    ASSERT_EQ(trio.a.log_end(), Offset{2});
    trio.controller.elect(kB);
    trio.hear(self);
    EXPECT_EQ(lost->await(self).error, 6) << "NOT_LEADER_OR_FOLLOWER";
    trio.b.submit({.values = {"of the new leader"}}, 1)->await(self);
    trio.replicate(self, 4);
    EXPECT_EQ(trio.a.file(self), trio.b.file(self));
    EXPECT_EQ(trio.a.partition->producers().entries(), trio.b.partition->producers().entries())
        << "the sequence that was cut off is unknown again";
    EXPECT_EQ(trio.b.high_watermark(), Offset{2});
    ASSERT_FALSE(trio.a.observer.all<observe::LogTruncated>().empty());
    EXPECT_EQ(trio.a.observer.all<observe::LogTruncated>().back().to, Offset{1});
  });
}

TEST(PartitionFollow, AReturningLeaderAppendsARetryOfWhatItHadToDrop) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    trio.a.submit(numbered(0), 1)->await(self);
    trio.replicate(self);
    trio.a.submit(numbered(1), 1)->await(self);
    trio.controller.elect(kB);
    trio.hear(self);
    trio.replicate(self, 4);
    trio.controller.elect(kA);
    trio.hear(self);
    const auto retried = trio.a.submit(numbered(1), 1)->await(self);
    EXPECT_EQ(retried.error, 0);
    EXPECT_EQ(retried.base_offset, Offset{1}) << "no duplicate: it stands nowhere any more";
    trio.replicate(self, 5);
    EXPECT_EQ(trio.c.file(self), trio.a.file(self));
    EXPECT_EQ(trio.a.high_watermark(), Offset{2});
  });
}

TEST(PartitionFollow, AFollowerWithALowHighWatermarkKeepsWhatIsCommitted) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    trio.a.submit(numbered(0), 1)->await(self);
    for (int i = 0; i < 2; ++i) {
      test::fetch(self, trio.b, trio.a);
      test::fetch(self, trio.c, trio.a);
    }
    ASSERT_EQ(trio.a.high_watermark(), Offset{1});
    ASSERT_EQ(trio.b.high_watermark(), Offset{0}) << "it has not heard of it";
    trio.b.crash_and_reopen(self, config_with(1));
    trio.controller.elect(kB);
    trio.hear(self);
    trio.replicate(self, 4);
    EXPECT_EQ(trio.b.log_end(), Offset{1}) << "KIP-101: nothing is cut at a high watermark";
    EXPECT_EQ(trio.a.log_end(), Offset{1});
    EXPECT_EQ(trio.b.high_watermark(), Offset{1});
  });
}

TEST(PartitionFollow, ACrashedFollowerGoesOnWhereItsLogEnds) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    for (int i = 0; i < 3; ++i) trio.a.submit(numbered(i), 1)->await(self);
    trio.replicate(self);
    trio.c.crash_and_reopen(self, config_with(1));
    EXPECT_EQ(trio.c.log_end(), Offset{3});
    trio.a.submit(numbered(3), 1)->await(self);
    trio.replicate(self);
    EXPECT_EQ(trio.c.file(self), trio.a.file(self));
    EXPECT_EQ(trio.c.partition->producers().entries().size(), 1U);
    EXPECT_EQ(trio.a.high_watermark(), Offset{4});
  });
}

TEST(PartitionFollow, ALateAnswerOfAFormerLeaderIsNotTaken) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    trio.a.submit(numbered(0), 1)->await(self);
    auto late = test::ask(self, trio.c, trio.a);
    ASSERT_TRUE(late);
    trio.controller.elect(kB);
    trio.hear(self);
    EXPECT_EQ(test::give(self, trio.c, std::move(*late)), Followed::refused);
    EXPECT_EQ(trio.c.log_end(), Offset{0});
  });
}

TEST(PartitionFollow, ADamagedAnswerIsNotTaken) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    trio.a.submit(numbered(0), 1)->await(self);
    auto answer = test::ask(self, trio.c, trio.a);
    const auto bytes = std::make_shared<ByteBuffer>(answer->records.begin(), answer->records.end());
    bytes->back() ^= std::byte{1};
    answer->records = *bytes;
    answer->owner = bytes;
    EXPECT_EQ(test::give(self, trio.c, std::move(*answer)), Followed::refused);
    EXPECT_EQ(trio.c.log_end(), Offset{0});
    EXPECT_TRUE(test::fetch(self, trio.c, trio.a));
    EXPECT_EQ(trio.c.log_end(), Offset{1});
  });
}

TEST(PartitionFollow, AnAnswerThatIsCutShortGivesItsWholeBatches) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    for (int i = 0; i < 2; ++i) trio.a.submit(numbered(i), 1)->await(self);
    auto answer = test::ask(self, trio.c, trio.a);
    answer->records = answer->records.first(answer->records.size() - 1);
    EXPECT_EQ(test::give(self, trio.c, std::move(*answer)), Followed::done);
    EXPECT_EQ(trio.c.log_end(), Offset{1});
  });
}

TEST(PartitionFollow, AReplicaOutOfTheLeadersRangeStartsOverWhereTheLeaderDoes) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    trio.controller.set_isr({kA, kB});
    trio.hear(self);
    for (int i = 0; i < 4; ++i) {
      trio.a.submit(numbered(i), 1)->await(self);
      for (int round = 0; round < 2; ++round) test::fetch(self, trio.b, trio.a);
    }
    ASSERT_EQ(trio.a.high_watermark(), Offset{4});
    const auto now = [&] { return shard.clock.now(); };
    const DeletionAnswer waiting = trio.a.partition->delete_records(self, Offset{3}, now());
    EXPECT_EQ(waiting.error, PartitionError::request_timed_out) << "who follows might lead next and show them again";
    EXPECT_EQ(waiting.before, Offset{3});
    EXPECT_EQ(trio.a.partition->delete_records(self, Offset{-2}, now()).before, kNoOffset) << "refused";
    trio.replicate(self, 6);
    EXPECT_EQ(trio.a.partition->delete_records(self, Offset{3}, now()).log_start_offset, Offset{3})
        << "all have followed";
    EXPECT_EQ(trio.c.partition->replica()->log_start_offset(), Offset{3});
    EXPECT_EQ(trio.c.log_end(), Offset{4});
    EXPECT_EQ(trio.c.high_watermark(), Offset{4});
    EXPECT_EQ(trio.b.partition->replica()->log_start_offset(), Offset{3}) << "told with the next answer";
    EXPECT_EQ(trio.controller.state().isr, (std::vector<NodeId>{kA, kB, kC})) << "it caught up and was let in";
  });
}

TEST(PartitionFollow, AbortedTransactionsAreKnownOnEveryReplica) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    BatchOf batch = numbered(0);
    batch.is_transactional = true;
    trio.a.submit(batch, 1)->await(self);
    env::Promise<AppendOutcome> ended;
    trio.a.partition->submit_marker({.producer_id = kProducer, .epoch = ProducerEpoch{0}, .is_abort = true},
                                    [&ended](AppendOutcome outcome) { ended.set(std::move(outcome)); });
    test::settle(self, shard);
    EXPECT_FALSE(ended.is_set()) << "a marker waits for the ISR too";
    trio.replicate(self, 5);
    EXPECT_EQ(ended.await(self).error, 0);
    for (test::Member* follower : {&trio.b, &trio.c}) {
      const auto read = follower->partition->read(self, {.offset = Offset{0},
                                                         .bytes_max = 1 << 20,
                                                         .isolation = Isolation::read_committed,
                                                         .answered_by = replica::AnsweredBy::any_replica});
      EXPECT_EQ(read.error, PartitionError::none);
      EXPECT_EQ(follower->log_end(), Offset{2});
      EXPECT_EQ(read.high_watermark, Offset{2});
      EXPECT_EQ(read.last_stable_offset, Offset{2});
      ASSERT_EQ(read.aborted.size(), 1U);
      EXPECT_EQ(read.aborted[0].producer_id, kProducer);
    }
  });
}

TEST(PartitionFollow, WhereTheTopicAsksForFlushesAFollowerHoldsOnlyWhatItFlushed) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    config::TopicConfig config = config_with(1);
    config.flush_messages = 1;
    Trio trio(self, shard, config);
    trio.controller.set_isr({kA, kB});
    trio.hear(self);
    auto append = trio.a.submit(numbered(0));
    test::settle(self, shard);
    trio.b.disk.orders.flushes_hang = true;
    auto answer = test::ask(self, trio.b, trio.a);
    bool is_dealt_with = false;
    trio.b.partition->replicate(std::move(*answer), [&](Followed) { is_dealt_with = true; });
    test::settle(self, shard);
    EXPECT_FALSE(is_dealt_with);
    EXPECT_FALSE(test::fetch(self, trio.b, trio.a)) << "to fetch behind it would claim that it is held";
    EXPECT_FALSE(append->is_set());
    trio.b.disk.orders.let_go();
    test::settle(self, shard);
    EXPECT_TRUE(is_dealt_with);
    EXPECT_TRUE(test::fetch(self, trio.b, trio.a));
    EXPECT_EQ(append->await(self).error, 0);
  });
}

TEST(PartitionFollow, WhatWasAcknowledgedSurvivesThePowerLossOfAllWhereTheTopicAsksForFlushes) {
  config::TopicConfig config = config_with(2);
  config.flush_messages = 1;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto disk = std::make_shared<sim::DiskImage>();
    std::int64_t acknowledged = 0;
    sim::run_fiber({.seed = seed, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
      Trio trio(self, shard, config);
      std::vector<std::shared_ptr<env::Promise<AppendOutcome>>> appends;
      for (int i = 0; i < 6; ++i) {
        appends.push_back(trio.a.submit(numbered(i)));
        test::settle(self, shard);
        trio.replicate(self, i % 3 == 2 ? 2 : 1);
      }
      for (const auto& append : appends) acknowledged += append->is_set() && append->await(self).error == 0 ? 1 : 0;
    });
    ASSERT_GT(acknowledged, 2);
    RandomStream losses(seed);
    disk->lose_power(losses);
    sim::run_fiber({.seed = seed, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
      Trio trio(self, shard, config, LeaderEpoch{1});
      EXPECT_GE(trio.a.log_end(), Offset{acknowledged});
      trio.replicate(self, 6);
      EXPECT_EQ(trio.b.file(self), trio.a.file(self));
      EXPECT_EQ(trio.c.file(self), trio.a.file(self));
      EXPECT_EQ(trio.c.partition->producers().entries(), trio.a.partition->producers().entries());
      EXPECT_GE(trio.a.high_watermark(), Offset{acknowledged});
    });
  }
}

}  // namespace
}  // namespace gregor::partition
