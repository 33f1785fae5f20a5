// Leading: what commits, what a fetch is told, and when a leader must stop.
#include <gtest/gtest.h>

#include "tests/raft/support/driven.h"

namespace gregor::raft {
namespace {

using namespace std::chrono_literals;

TEST(RaftLeader, CommitsWhatAMajorityHasOnDisk) {
  Driven node;
  node.lead();
  EXPECT_EQ(node.fetched_by(kTwo, 10, 2).high_watermark, kNoOffset);
  EXPECT_EQ(node.fsm.high_watermark(), kNoOffset) << "only records of former epochs (Raft 5.4.2)";
  EXPECT_EQ(node.fetched_by(kTwo, 11).high_watermark, Offset{11});
  EXPECT_EQ(node.output.high_watermark, Offset{11});
  EXPECT_EQ(node.fetched_by(kTwo, 10, 2).high_watermark, Offset{11}) << "it never falls";
}

TEST(RaftLeader, ItsOwnUnflushedRecordsAreNoCopy) {
  Driven node;
  node.lead();
  node.fetched_by(kTwo, 11);
  ASSERT_TRUE(node.fsm.begin_append(LeaderEpoch{3}));
  node.append(13, {}, false);
  EXPECT_EQ(node.fetched_by(kTwo, 13).high_watermark, Offset{11});
  node.tell(LogFlushed{Offset{13}});
  EXPECT_EQ(node.output.high_watermark, Offset{13});
}

TEST(RaftLeader, ObserversDoNotCommit) {
  Driven node;
  node.lead();
  EXPECT_EQ(node.fetched_by(kFour, 11).high_watermark, kNoOffset);
  EXPECT_EQ(node.fetched_by({kTwo.id, Uuid{9, 9}}, 11).high_watermark, kNoOffset) << "a wiped voter is one (56)";
}

TEST(RaftLeader, ReadersCountForNothing) {
  Driven node;
  node.lead();
  const auto reply = node.ask<FetchReply>(FetchRequest{{}, LeaderEpoch{3}, Offset{11}, LeaderEpoch{3}, kNoOffset});
  EXPECT_EQ(reply.read_from, Offset{11});
  EXPECT_EQ(node.fsm.high_watermark(), kNoOffset);
}

TEST(RaftLeader, TellsAFetchWhereItsLogPartedFromOurs) {
  Driven node;
  node.lead();
  EXPECT_EQ(node.fetched_by(kTwo, 15, 2).diverging, (OffsetAndEpoch{Offset{10}, LeaderEpoch{2}})) << "too long";
  EXPECT_EQ(node.fetched_by(kTwo, 9, 1).diverging, (OffsetAndEpoch{Offset{0}, LeaderEpoch{0}})) << "unknown epoch";
  EXPECT_EQ(node.fetched_by(kTwo, 0, 0).read_from, Offset{0});
  EXPECT_EQ(node.fetched_by(kTwo, 5, 2).read_from, Offset{5});
}

TEST(RaftLeader, SendsWhoIsTooFarBehindToTheSnapshot) {
  Driven node;
  node.lead();
  node.fetched_by(kTwo, 11);
  const OffsetAndEpoch id{Offset{11}, LeaderEpoch{3}};
  node.tell(SnapshotTaken{id, {Offset{6}, LeaderEpoch{2}}});
  EXPECT_EQ(node.fetched_by(kThree, 4, 2).snapshot, id);
  EXPECT_EQ(node.fetched_by(kThree, 0, 0).snapshot, id);
  EXPECT_EQ(node.fetched_by(kThree, 6, 2).read_from, Offset{6}) << "the log begins there";
  EXPECT_EQ(node.fetched_by(kThree, 8, 1).snapshot, id) << "an epoch from before the log";
}

TEST(RaftLeader, TellsWhoHasMoreOfTheEpochThatItsLogBeginsBehindToCutThat) {
  Driven node;
  node.lead();
  node.fetched_by(kTwo, 11);
  const OffsetAndEpoch start{Offset{10}, LeaderEpoch{2}};
  node.tell(SnapshotTaken{start, start});
  const auto reply = node.fetched_by(kThree, 12, 2);
  EXPECT_EQ(reply.diverging, start) << "what it lacks begins there: a snapshot of what it has would change nothing";
  EXPECT_FALSE(reply.snapshot);
  EXPECT_EQ(node.fetched_by(kThree, 12, 1).snapshot, start);
}

TEST(RaftLeader, AnswersFetchesOfItsEpochAlone) {
  Driven node;
  const FetchRequest present{kTwo, LeaderEpoch{2}, Offset{10}, LeaderEpoch{2}, kNoOffset};
  EXPECT_EQ(node.ask<FetchReply>(present).standing.error, Verdict::not_leader_or_follower);
  node.lead();
  EXPECT_EQ(node.ask<FetchReply>(present).standing.error, Verdict::fenced_leader_epoch);
  FetchRequest later = present;
  later.leader_epoch = LeaderEpoch{4};
  EXPECT_EQ(node.ask<FetchReply>(later).standing.error, Verdict::unknown_leader_epoch);
  EXPECT_EQ(node.ask<FetchReply>(later).standing.leader, kOne.id);
}

// A static list knows no directories: what two processes with one node id have on disk is not one voter's.
TEST(RaftLeader, CountsOneDirectoryOfAVoterAtATime) {
  Fsm::Start start = node_one();
  start.voters = VoterSet{{{kOne.id, {}}}, {{kTwo.id, {}}}, {{kThree.id, {}}}};
  start.kraft_version = 0;
  Driven node(start);
  node.lead();
  const VoterKey rival{kTwo.id, Uuid{9, 9}};
  EXPECT_EQ(node.fetched_by(kTwo, 10, 2).standing.error, Verdict::none);
  EXPECT_EQ(node.fetched_by(rival, 11).standing.error, Verdict::duplicate_voter);
  node.tell(SnapshotServed{rival});
  EXPECT_EQ(node.fsm.high_watermark(), kNoOffset) << "the voter itself has not got that far";
  node.tick(2s);
  EXPECT_EQ(node.fetched_by(rival, 11).standing.error, Verdict::duplicate_voter);
  node.tick(1ms);
  EXPECT_EQ(node.fetched_by(rival, 11).standing.error, Verdict::none) << "silent for a fetch timeout: its disk is new";
  EXPECT_EQ(node.fsm.high_watermark(), Offset{11});
  EXPECT_EQ(node.fetched_by(kTwo, 11).standing.error, Verdict::duplicate_voter) << "and now the former is the rival";
}

TEST(RaftLeader, TellsAnotherProcessOfItsOwnIdSo) {
  Driven node;
  node.lead();
  EXPECT_EQ(node.fetched_by({kOne.id, Uuid{9, 9}}, 11).standing.error, Verdict::duplicate_voter);
  EXPECT_EQ(node.fetched_by(kOne, 11).standing.error, Verdict::invalid_request) << "itself, by a strange way";
  EXPECT_EQ(node.fetched_by({kOne.id, {}}, 11).standing.error, Verdict::invalid_request);
}

TEST(RaftLeader, NamesItselfToWhoDoesNotFetch) {
  Driven node;
  node.lead();
  node.tick(10ms);
  node.fetched_by(kTwo, 11);
  node.tick(2010ms);
  std::vector<VoterKey> told;
  for (const Send& herald : node.sent<BeginQuorumEpochRequest>()) told.push_back(*herald.to);
  EXPECT_EQ(told, (std::vector<VoterKey>{kTwo, kThree})) << "node 2 is silent for longer than the interval, too";
  node.fetched_by(kTwo, 11);
  node.tick(1s - 1ms);
  for (const Send& herald : node.sent<BeginQuorumEpochRequest>()) EXPECT_NE(herald.to, kTwo);
}

// INVARIANTS 53a: no lease, and no leadership without a majority that fetches.
TEST(RaftLeader, ResignsWhenNoMajorityFetches) {
  Driven node;
  node.lead();
  node.tick(2s);
  node.fetched_by(kTwo, 11);
  node.tick(2999ms);
  EXPECT_TRUE(node.is<Leader>());
  node.fetched_by(kFour, 11);
  node.tick(1ms);
  EXPECT_TRUE(node.is<Resigned>()) << "an observer is no majority";
  EXPECT_EQ(node.fsm.leader(), std::nullopt);
  EXPECT_EQ(node.sent<EndQuorumEpochRequest>().size(), 2U);
  EXPECT_FALSE(node.fsm.begin_append(LeaderEpoch{3}));
}

TEST(RaftLeader, ShutDownNamesSuccessorsAndEndsWhenAllAreTold) {
  Driven node;
  node.lead();
  node.fetched_by(kThree, 11);
  node.tell(ShutDown{});
  EXPECT_TRUE(node.is<Resigned>());
  const auto farewells = node.sent<EndQuorumEpochRequest>();
  ASSERT_EQ(farewells.size(), 2U);
  EXPECT_EQ(std::get<EndQuorumEpochRequest>(farewells[0].request).preferred_successors,
            (std::vector<VoterKey>{kThree, kTwo}));
  for (const Send& farewell : farewells) {
    EXPECT_FALSE(node.fsm.may_exit());
    node.reply(farewell, farewell.to->id, EndQuorumEpochReply{node.standing(3)});
  }
  EXPECT_TRUE(node.fsm.may_exit());
  node.tick(1h);
  EXPECT_TRUE(node.is<Resigned>()) << "it does not stand again";
}

TEST(RaftLeader, AFullDiskAtTheFirstRecordGivesTheEpochUp) {
  Driven node;
  node.tick(3s);
  node.reply(node.sent<VoteRequest>()[0], kTwo.id, VoteReply{node.standing(2), true});
  node.reply(node.sent<VoteRequest>()[0], kTwo.id, VoteReply{node.standing(3), true});
  ASSERT_TRUE(node.output.lead);
  EXPECT_EQ(node.output.lead->granted, (std::vector<VoterKey>{kOne, kTwo}));
  node.tell(LogUnchanged{});
  EXPECT_TRUE(node.is<Resigned>());
}

}  // namespace
}  // namespace gregor::raft
