// acks=all means: on every member of the ISR, in the epoch of the write, with as many of them as min.insync.replicas
// asks for, or an error that says which of these failed.
// Method: three partitions over logs on a simulated disk; requests go by hand.
#include <gtest/gtest.h>

#include "tests/partition/support/trio.h"

namespace gregor::partition {
namespace {

using test::Trio;

constexpr NodeId kA{1};
constexpr NodeId kB{2};
constexpr std::int16_t kNotEnoughReplicas = 19;
constexpr std::int16_t kRequestTimedOut = 7;
constexpr std::int16_t kNotLeaderOrFollower = 6;

config::TopicConfig config_with(int min_insync) {
  config::TopicConfig config;
  config.min_insync_replicas = min_insync;
  return config;
}

TEST(PartitionWait, AcksAllWaitsForEveryMemberOfTheIsrAndAcksOneDoesNot) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(2));
    EXPECT_EQ(trio.a.submit({.values = {"one"}}, 1)->await(self).error, 0);
    auto all = trio.a.submit({.values = {"all"}});
    test::fetch(self, trio.b, trio.a);
    test::fetch(self, trio.b, trio.a);
    test::settle(self, shard);
    EXPECT_FALSE(all->is_set());
    EXPECT_EQ(trio.a.partition->waiting_for_isr(), 1U);
    EXPECT_TRUE(trio.a.observer.all<observe::ProduceAcknowledged>().size() == 1);
    test::fetch(self, trio.c, trio.a);
    test::fetch(self, trio.c, trio.a);
    const AppendOutcome outcome = all->await(self);
    EXPECT_EQ(outcome.error, 0);
    EXPECT_EQ(outcome.base_offset, Offset{1});
    EXPECT_EQ(trio.a.partition->waiting_for_isr(), 0U);
  });
}

TEST(PartitionWait, ReadersSeeNothingThatTheIsrLacksAndAreWokenWhenItHoldsIt) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    trio.a.submit({.values = {"x"}}, 1)->await(self);
    const ReadOutcome before = trio.a.partition->read(self, {.offset = Offset{0}, .bytes_max = 1 << 20});
    EXPECT_TRUE(before.records.empty());
    std::uint64_t told = 0;
    const auto watch = trio.a.partition->watch(before.visible_bytes, [&told](std::uint64_t bytes) { told += bytes; });
    EXPECT_EQ(told, 0U);
    trio.replicate(self);
    const ReadOutcome after = trio.a.partition->read(self, {.offset = Offset{0}, .bytes_max = 1 << 20});
    EXPECT_EQ(told, after.records.size());
    EXPECT_FALSE(after.records.empty());
  });
}

TEST(PartitionWait, FollowersAreWokenWhenTheLogGrows) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    std::uint64_t told = 0;
    const auto watch = trio.a.partition->watch(
        0, [&told](std::uint64_t bytes) { told += bytes; }, Reader::follower);
    trio.a.submit({.values = {"x"}}, 1)->await(self);
    EXPECT_EQ(told, trio.a.file(self).size());
  });
}

TEST(PartitionWait, FollowersAreWokenWhenTheHighWatermarkMoves) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(2));
    trio.a.submit({.values = {"x"}}, 1)->await(self);
    test::fetch(self, trio.b, trio.a);
    test::fetch(self, trio.c, trio.a);
    int woken = 0;
    const auto count = [&woken](std::uint64_t) { ++woken; };
    const std::uint64_t all = UINT64_MAX - 1;
    const auto watch = trio.a.partition->watch(all, count, Reader::follower, Offset{0});
    EXPECT_EQ(woken, 0);
    trio.replicate(self, 1);
    EXPECT_EQ(trio.a.high_watermark(), Offset{1});
    EXPECT_EQ(woken, 1);
    const auto late = trio.a.partition->watch(all, count, Reader::follower, Offset{0});
    EXPECT_EQ(woken, 2) << "it moved before the watch began";
    const auto knows = trio.a.partition->watch(all, count, Reader::follower, Offset{1});
    EXPECT_EQ(woken, 2);
  });
}

TEST(PartitionWait, ThatTakesTooLongIsAnsweredSoAndStandsInTheLog) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    const MonotonicTime before = shard.clock.now();
    auto late = trio.a.submit({.values = {"x"}}, -1, Milliseconds(300));
    EXPECT_EQ(late->await(self).error, kRequestTimedOut);
    EXPECT_GE(shard.clock.now() - before, Milliseconds(300));
    EXPECT_EQ(trio.a.log_end(), Offset{1});
    EXPECT_EQ(trio.a.partition->waiting_for_isr(), 0U);
  });
}

TEST(PartitionWait, WhereTheReplicaGoesAwayTheWriterIsNotToldThatNothingStands) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    auto waits = trio.a.submit({.values = {"x"}});
    test::settle(self, shard);
    test::fetch(self, trio.b, trio.a);
    EXPECT_EQ(trio.a.partition->waiting_for_isr(), 1U);
    trio.a.partition->retire(PartitionError::not_leader_or_follower);
    EXPECT_EQ(waits->await(self).error, kNotLeaderOrFollower);
    EXPECT_EQ(trio.b.log_end(), Offset{1}) << "who leads next may well show it";
    trio.a.partition->wait_until_idle(self);
  });
}

TEST(PartitionWait, AnIsrThatIsTooSmallRefusesAcksAllBeforeTheAppend) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(2));
    trio.controller.set_isr({kA});
    trio.hear(self);
    EXPECT_EQ(trio.a.submit({.values = {"x"}})->await(self).error, kNotEnoughReplicas);
    EXPECT_EQ(trio.a.log_end(), Offset{0});
    EXPECT_EQ(trio.a.submit({.values = {"x"}}, 1)->await(self).error, 0) << "acks=1 asks for nobody";
  });
}

TEST(PartitionWait, BelowMinInsyncReplicasNothingIsCommitted) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(2));
    auto append = trio.a.submit({.values = {"x"}}, -1, Milliseconds(60'000));
    test::settle(self, shard);
    trio.controller.set_isr({kA});
    trio.hear(self);
    test::settle(self, shard);
    EXPECT_FALSE(append->is_set()) << "the high watermark stands still below min.insync.replicas (KIP-966)";
    config::TopicConfig eased = config_with(1);
    trio.a.partition->configure(eased);
    EXPECT_EQ(append->await(self).error, 0);
  });
}

TEST(PartitionWait, ASilentFollowerLeavesTheIsrAfterItsTimeAndReturnsWhenItHasCaughtUp) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    trio.replicate(self);
    auto append = trio.a.submit({.values = {"x"}}, -1, Milliseconds(60'000));
    for (int i = 0; i < 15; ++i) {
      env::sleep_for(self, shard.clock, Milliseconds(100));
      test::fetch(self, trio.b, trio.a);
    }
    EXPECT_EQ(append->await(self).error, 0);
    EXPECT_EQ(trio.controller.state().isr, (std::vector<NodeId>{kA, kB}));
    trio.replicate(self, 4);
    test::settle(self, shard);
    EXPECT_EQ(trio.controller.state().isr.size(), 3U);
  });
}

TEST(PartitionWait, AProposalWithoutAnAnswerIsMadeAgain) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    trio.controller.set_isr({kA, kB});
    trio.hear(self);
    trio.a.proposals_are_lost = true;
    trio.replicate(self, 3);
    EXPECT_EQ(trio.a.proposals, 1);
    trio.a.submit({.values = {"x"}}, 1)->await(self);
    test::fetch(self, trio.b, trio.a);
    test::fetch(self, trio.b, trio.a);
    EXPECT_EQ(trio.a.high_watermark(), Offset{0}) << "who may be in the ISR by now counts as in it";
    trio.a.proposals_are_lost = false;
    for (int i = 0; i < 60; ++i) {
      env::sleep_for(self, shard.clock, Milliseconds(100));
      trio.replicate(self, 1);
    }
    EXPECT_EQ(trio.controller.state().isr.size(), 3U);
    EXPECT_EQ(trio.a.high_watermark(), Offset{1});
  });
}

TEST(PartitionWait, ADuplicateIsAnsweredNoSoonerThanItsOriginal) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    const test::BatchOf batch{.values = {"x"}, .producer = ProducerId{9}, .sequence = Sequence{0}};
    auto original = trio.a.submit(batch);
    auto again = trio.a.submit(batch);
    test::settle(self, shard);
    EXPECT_FALSE(original->is_set());
    EXPECT_FALSE(again->is_set());
    trio.replicate(self);
    EXPECT_EQ(again->await(self).base_offset, Offset{0});
    EXPECT_EQ(original->await(self).error, 0);
  });
}

TEST(PartitionWait, TheLeaderNamesTheReplicasThatAConsumerCouldReadFrom) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    trio.a.submit({.values = {"x"}}, 1)->await(self);
    for (int i = 0; i < 2; ++i) test::fetch(self, trio.b, trio.a);
    const ReadOutcome read =
        trio.a.partition->read(self, {.offset = Offset{1}, .bytes_max = 1 << 20, .wants_candidates = true});
    ASSERT_EQ(read.candidates.size(), 2U);
    EXPECT_TRUE(read.candidates[0].is_leader);
    EXPECT_EQ(read.candidates[1].replica, kB) << "the third replica lacks what is asked for";
  });
}

TEST(PartitionWait, ALeaderThatClosesAnswersThoseWhoWait) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, config_with(1));
    auto append = trio.a.submit({.values = {"x"}}, -1, Milliseconds(60'000));
    test::settle(self, shard);
    EXPECT_TRUE(trio.a.partition->close(self));
    EXPECT_EQ(append->await(self).error, 6);
  });
}

}  // namespace
}  // namespace gregor::partition
