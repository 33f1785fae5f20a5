// The quorum's machine by hand: no clock, disk or network; every completion is told in the order that the test wants.
// Sources: Raft sections 5.2 and 5.4.2, KIP-595; INVARIANTS rows K1 and K2.
#include "raft/fsm.h"

#include <gtest/gtest.h>

#include "raft/invariants.h"

namespace gregor::raft {
namespace {

using namespace std::chrono_literals;

const VoterKey kSelf{NodeId{1}, Uuid{7, 7}};
constexpr MonotonicTime kStart{};

Fsm::Start quorum_of_one() {
  return {.self = kSelf,
          .voters = {kSelf},
          .state = {},
          .log_end = Offset{0},
          .log_epoch = LeaderEpoch{0},
          .election_timeout = 1s};
}
Fsm made(const Fsm::Start& start) {
  return Fsm::make(start, kStart).value();
}

/// Tells the machine that everything it wants persisted is, until it leads.
Fsm elected(const Fsm::Start& start) {
  Fsm fsm = made(start);
  fsm.tick(kStart);
  for (Output output = fsm.take_output(); output.persist; output = fsm.take_output()) {
    fsm.step(StatePersisted{output.persist->epoch});
  }
  return fsm;
}

TEST(RaftElection, AQuorumOfOneElectsItselfAtTheFirstTick) {
  Fsm fsm = elected(quorum_of_one());
  EXPECT_TRUE(fsm.is_leader());
  EXPECT_EQ(fsm.epoch(), LeaderEpoch{1});
  EXPECT_EQ(fsm.next_tick(), kForever);
}

TEST(RaftElection, TheVoteIsPersistedBeforeItCounts) {
  Fsm fsm = made(quorum_of_one());
  fsm.tick(kStart);
  const Output output = fsm.take_output();
  ASSERT_TRUE(output.persist);
  EXPECT_EQ(*output.persist, (ElectionState{LeaderEpoch{1}, std::nullopt, kSelf}));
  EXPECT_FALSE(output.lead);
  EXPECT_TRUE(std::holds_alternative<Candidate>(fsm.role())) << "nothing is on disk yet";
  fsm.tick(kStart + 1h);
  EXPECT_TRUE(fsm.take_output().is_empty()) << "time does not make a vote durable";
}

TEST(RaftElection, LeadershipIsPersistedBeforeItIsUsed) {
  Fsm fsm = made(quorum_of_one());
  fsm.tick(kStart);
  fsm.take_output();
  fsm.step(StatePersisted{LeaderEpoch{1}});
  const Output won = fsm.take_output();
  ASSERT_TRUE(won.persist);
  EXPECT_EQ(*won.persist, (ElectionState{LeaderEpoch{1}, NodeId{1}, std::nullopt}));
  EXPECT_FALSE(won.lead) << "the epoch may not be used before the disk knows of it";
  fsm.step(StatePersisted{LeaderEpoch{1}});
  EXPECT_EQ(fsm.take_output().lead, LeaderEpoch{1});
}

// KAFKA-10527: the former life may have written records at this epoch that the disk lost.
TEST(RaftElection, AFormerLeaderTakesALaterEpochAfterARestart) {
  Fsm::Start start = quorum_of_one();
  start.state = {.epoch = LeaderEpoch{4}, .leader = NodeId{1}, .voted = {}};
  EXPECT_TRUE(std::holds_alternative<Resigned>(made(start).role()));
  EXPECT_EQ(elected(start).epoch(), LeaderEpoch{5});
}

TEST(RaftElection, AVoteOfAFormerLifeIsNotGivenAgain) {
  Fsm::Start start = quorum_of_one();
  start.state = {.epoch = LeaderEpoch{4}, .leader = {}, .voted = kSelf};
  EXPECT_EQ(elected(start).epoch(), LeaderEpoch{5});
}

TEST(RaftElection, AnEpochInTheLogIsNotUsedAgainWhenQuorumStateIsOlder) {
  Fsm::Start start = quorum_of_one();
  start.state = {.epoch = LeaderEpoch{2}, .leader = NodeId{1}, .voted = {}};
  start.log_end = Offset{10};
  start.log_epoch = LeaderEpoch{9};
  EXPECT_EQ(elected(start).epoch(), LeaderEpoch{10});
}

TEST(RaftElection, SeveralVotersAreRefusedAndNotPretended) {
  Fsm::Start start = quorum_of_one();
  start.voters = {kSelf, {NodeId{2}, Uuid{8, 8}}, {NodeId{3}, Uuid{9, 9}}};
  const auto refused = Fsm::make(start, kStart);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unsupported);
}

TEST(RaftElection, AVoterUnderAnotherDirectoryIdIsAnotherVoter) {
  Fsm::Start start = quorum_of_one();
  start.voters = {{NodeId{1}, Uuid{8, 8}}};
  EXPECT_EQ(Fsm::make(start, kStart).error().code, Errc::invalid);
  start.voters = {{NodeId{2}, Uuid{7, 7}}};
  EXPECT_EQ(Fsm::make(start, kStart).error().code, Errc::invalid);
  start.voters = {{NodeId{1}, Uuid{}}};
  EXPECT_TRUE(Fsm::make(start, kStart)) << "a static voter list knows no directory ids";
}

TEST(RaftCommit, OnlyFlushedRecordsAreCommitted) {
  Fsm fsm = elected(quorum_of_one());
  fsm.step(LogAppended{Offset{1}});
  EXPECT_TRUE(fsm.take_output().high_watermark == std::nullopt) << "appended is not committed";
  fsm.step(LogFlushed{Offset{1}});
  EXPECT_EQ(fsm.take_output().high_watermark, Offset{1});
  fsm.step(LogAppended{Offset{5}});
  fsm.step(LogAppended{Offset{9}});
  fsm.step(LogFlushed{Offset{5}});
  EXPECT_EQ(fsm.high_watermark(), Offset{5});
  fsm.step(LogFlushed{Offset{5}});
  EXPECT_EQ(fsm.take_output().high_watermark, Offset{5}) << "told once";
  EXPECT_TRUE(fsm.take_output().is_empty());
}

// Raft §5.4.2: what a former epoch left is committed only together with a record of the present one.
TEST(RaftCommit, RecordsOfAFormerEpochWaitForOneOfOurOwn) {
  Fsm::Start start = quorum_of_one();
  start.log_end = Offset{8};
  start.log_epoch = LeaderEpoch{3};
  Fsm fsm = elected(start);
  EXPECT_EQ(fsm.high_watermark(), kNoOffset);
  fsm.step(LogFlushed{Offset{8}});
  EXPECT_EQ(fsm.high_watermark(), kNoOffset);
  fsm.step(LogAppended{Offset{9}});
  fsm.step(LogFlushed{Offset{9}});
  EXPECT_EQ(fsm.high_watermark(), Offset{9});
}

TEST(RaftDeathTest, AppendingBeforeLeadingIsAProgrammersError) {
  Fsm fsm = made(quorum_of_one());
  EXPECT_DEATH(fsm.step(LogAppended{Offset{1}}), "is_leader");
  EXPECT_DEATH(fsm.step(LogFlushed{Offset{1}}), "flushed.end <= log_end_");
}

}  // namespace
}  // namespace gregor::raft
