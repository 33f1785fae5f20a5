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
  return {.self = kSelf, .voters = VoterSet{{kSelf}}};
}
EpochList log_of(LeaderEpoch epoch, Offset end) {
  EpochList log;
  log.append(epoch, end);
  return log;
}
Fsm made(const Fsm::Start& start) {
  return Fsm::make(start, kStart).value();
}

/// Tells the machine that everything it wants persisted is, until it leads.
Fsm elected(const Fsm::Start& start) {
  Fsm fsm = made(start);
  fsm.tick(kStart);
  for (Output output = fsm.take_output(); output.persist; output = fsm.take_output()) {
    fsm.step(StatePersisted{*output.persist}, kStart);
  }
  return fsm;
}

/// The LeaderChange record, which nobody has to be asked for, or a proposal.
void append(Fsm& fsm, Offset end) {
  if (fsm.log_end() > std::get<Leader>(fsm.role()).epoch_start) {
    ASSERT_TRUE(fsm.begin_append(fsm.epoch()));
  }
  fsm.step(LogAppended{end, fsm.epoch()}, kStart);
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
  fsm.step(StatePersisted{*fsm.take_output().persist}, kStart);
  const Output won = fsm.take_output();
  ASSERT_TRUE(won.persist);
  EXPECT_EQ(*won.persist, (ElectionState{LeaderEpoch{1}, NodeId{1}, std::nullopt}));
  EXPECT_FALSE(won.lead) << "the epoch may not be used before the disk knows of it";
  fsm.step(StatePersisted{*won.persist}, kStart);
  const Output durable = fsm.take_output();
  ASSERT_TRUE(durable.lead);
  EXPECT_EQ(durable.lead->epoch, LeaderEpoch{1});
  EXPECT_EQ(durable.lead->granted, std::vector<VoterKey>{kSelf});
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
  start.log = log_of(LeaderEpoch{9}, Offset{10});
  EXPECT_EQ(elected(start).epoch(), LeaderEpoch{10});
}

TEST(RaftElection, AVoterListedTwiceIsRefused) {
  Fsm::Start start = quorum_of_one();
  start.voters = VoterSet{{kSelf}, {kSelf.id, Uuid{8, 8}}};
  EXPECT_EQ(Fsm::make(start, kStart).error().code, Errc::invalid);
}

TEST(RaftElection, WhoIsNotListedUnderItsDirectoryIsAnObserverAndNeverStands) {
  for (const VoterKey& listed : {VoterKey{NodeId{1}, Uuid{8, 8}}, VoterKey{NodeId{2}, Uuid{7, 7}}}) {
    Fsm::Start start = quorum_of_one();
    start.voters = VoterSet{{listed}};
    Fsm fsm = made(start);
    EXPECT_FALSE(fsm.is_voter());
    fsm.tick(kStart + 1h);
    EXPECT_TRUE(std::holds_alternative<Unattached>(fsm.role()));
    EXPECT_EQ(fsm.epoch(), LeaderEpoch{0});
  }
  Fsm::Start start = quorum_of_one();
  start.voters = VoterSet{{NodeId{1}, Uuid{}}};
  EXPECT_TRUE(made(start).is_voter()) << "a static voter list knows no directory ids";
}

TEST(RaftCommit, OnlyFlushedRecordsAreCommitted) {
  Fsm fsm = elected(quorum_of_one());
  append(fsm, Offset{1});
  EXPECT_TRUE(fsm.take_output().high_watermark == std::nullopt) << "appended is not committed";
  fsm.step(LogFlushed{Offset{1}}, kStart);
  EXPECT_EQ(fsm.take_output().high_watermark, Offset{1});
  append(fsm, Offset{5});
  append(fsm, Offset{9});
  fsm.step(LogFlushed{Offset{5}}, kStart);
  EXPECT_EQ(fsm.high_watermark(), Offset{5});
  fsm.step(LogFlushed{Offset{5}}, kStart);
  EXPECT_EQ(fsm.take_output().high_watermark, Offset{5}) << "told once";
  EXPECT_TRUE(fsm.take_output().is_empty());
}

// Raft §5.4.2: what a former epoch left is committed only together with a record of the present one.
TEST(RaftCommit, RecordsOfAFormerEpochWaitForOneOfOurOwn) {
  Fsm::Start start = quorum_of_one();
  start.log = log_of(LeaderEpoch{3}, Offset{8});
  Fsm fsm = elected(start);
  EXPECT_EQ(fsm.high_watermark(), kNoOffset);
  fsm.step(LogFlushed{Offset{8}}, kStart);
  EXPECT_EQ(fsm.high_watermark(), kNoOffset);
  append(fsm, Offset{9});
  fsm.step(LogFlushed{Offset{9}}, kStart);
  EXPECT_EQ(fsm.high_watermark(), Offset{9});
}

TEST(RaftDeathTest, AppendingBeforeLeadingIsAProgrammersError) {
  Fsm fsm = made(quorum_of_one());
  EXPECT_DEATH(fsm.step(LogAppended{Offset{1}, LeaderEpoch{1}}, kStart), "log_work_");
  EXPECT_DEATH(fsm.step(LogFlushed{Offset{1}}, kStart), "flushed.end <= log_end");
}

}  // namespace
}  // namespace gregor::raft
