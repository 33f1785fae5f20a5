// KIP-595 and KIP-996: who may be voted for, what a pre-vote may change, and what a node learns of others.
#include <gtest/gtest.h>

#include "tests/raft/support/driven.h"

namespace gregor::raft {
namespace {

using namespace std::chrono_literals;

VoteRequest vote_of(const VoterKey& candidate, int epoch, bool is_pre_vote = false, std::int64_t end = 10,
                    int last_epoch = 2) {
  return {candidate, LeaderEpoch{epoch}, kOne, {Offset{end}, LeaderEpoch{last_epoch}}, is_pre_vote};
}

TEST(RaftVote, AnElectionBeginsWithAPreVoteInThePresentEpoch) {
  Driven node;
  node.tick(3s);
  EXPECT_TRUE(node.is<Prospective>());
  EXPECT_EQ(node.fsm.epoch(), LeaderEpoch{2}) << "asking costs no epoch";
  const auto asked = node.sent<VoteRequest>();
  ASSERT_EQ(asked.size(), 2U);
  const auto& request = std::get<VoteRequest>(asked[0].request);
  EXPECT_TRUE(request.is_pre_vote);
  EXPECT_EQ(request.epoch, LeaderEpoch{2});
  EXPECT_EQ(request.voter, kTwo);
  EXPECT_EQ(request.log_end, (OffsetAndEpoch{Offset{10}, LeaderEpoch{2}}));
  node.reply(asked[0], kTwo.id, VoteReply{node.standing(2), true});
  EXPECT_TRUE(node.is<Candidate>());
  EXPECT_EQ(node.fsm.epoch(), LeaderEpoch{3});
}

TEST(RaftVote, AMajorityOfVotesIsElectedAndLeadsOnceThatIsOnDisk) {
  Driven node;
  node.lead();
  EXPECT_EQ(node.fsm.epoch(), LeaderEpoch{3});
  EXPECT_EQ(node.fsm.leader(), kOne.id);
  EXPECT_EQ(node.fsm.high_watermark(), kNoOffset) << "nobody has the epoch's first record yet";
}

// INVARIANTS 49.
TEST(RaftVote, NoVoteIsSaidBeforeItIsOnDisk) {
  Driven node;
  node.disk_answers = false;
  node.tell(RequestReceived{RequestToken{90}, vote_of(kTwo, 3)});
  ASSERT_TRUE(node.output.persist);
  EXPECT_EQ(node.output.persist->voted, kTwo);
  EXPECT_TRUE(node.output.answers.empty());
  const ElectionState voted = *node.output.persist;
  node.tell(RequestReceived{RequestToken{91}, vote_of(kThree, 3)});
  EXPECT_TRUE(node.output.answers.empty()) << "not even a refusal, which would tell of the vote";
  node.disk_answers = true;
  node.tell(StatePersisted{voted});
  ASSERT_EQ(node.output.answers.size(), 2U);
  EXPECT_TRUE(std::get<VoteReply>(node.output.answers[0].reply).is_granted);
  EXPECT_FALSE(std::get<VoteReply>(node.output.answers[1].reply).is_granted);
}

TEST(RaftVote, OneVoteInAnEpochAndTheSameOneAgain) {
  Driven node;
  EXPECT_TRUE(node.ask<VoteReply>(vote_of(kTwo, 3)).is_granted);
  EXPECT_FALSE(node.ask<VoteReply>(vote_of(kThree, 3)).is_granted);
  EXPECT_TRUE(node.ask<VoteReply>(vote_of(kTwo, 3)).is_granted) << "its request came twice";
  EXPECT_FALSE(node.ask<VoteReply>(vote_of({kTwo.id, Uuid{9, 9}}, 3)).is_granted) << "another directory (56)";
  EXPECT_TRUE(node.ask<VoteReply>(vote_of(kThree, 4)).is_granted);
}

TEST(RaftVote, AShorterLogIsNotVotedFor) {
  Driven node;
  EXPECT_FALSE(node.ask<VoteReply>(vote_of(kTwo, 3, false, 9)).is_granted);
  EXPECT_FALSE(node.ask<VoteReply>(vote_of(kTwo, 4, false, 50, 1)).is_granted) << "longer, but of an earlier epoch";
  EXPECT_EQ(node.fsm.epoch(), LeaderEpoch{4}) << "the epoch is learned all the same";
}

TEST(RaftVote, RequestsThatProveNothingAreRefused) {
  Driven node;
  VoteRequest misdirected = vote_of(kTwo, 3);
  misdirected.voter = {kOne.id, Uuid{9, 9}};
  EXPECT_EQ(node.ask<VoteReply>(misdirected).standing.error, Verdict::invalid_voter_key);
  EXPECT_EQ(node.ask<VoteReply>(vote_of(kTwo, 1, false, 10, 0)).standing.error, Verdict::fenced_leader_epoch);
  EXPECT_EQ(node.ask<VoteReply>(vote_of(kTwo, 3, false, 10, 3)).standing.error, Verdict::invalid_request);
  EXPECT_EQ(node.fsm.epoch(), LeaderEpoch{2});
}

// INVARIANTS 54.
TEST(RaftPreVote, ChangesNoEpochAndNoTimerOfWhoIsAsked) {
  Driven node;
  const MonotonicTime before = std::get<Unattached>(node.fsm.role()).election_at;
  EXPECT_TRUE(node.ask<VoteReply>(vote_of(kTwo, 2, true)).is_granted);
  EXPECT_TRUE(node.ask<VoteReply>(vote_of(kThree, 2, true)).is_granted) << "it promises nothing";
  EXPECT_EQ(std::get<Unattached>(node.fsm.role()).election_at, before);
  EXPECT_EQ(node.fsm.state(), (ElectionState{LeaderEpoch{2}, {}, {}}));
}

TEST(RaftPreVote, IsRefusedByWhoHasALeaderAndDoesNotDeposeIt) {
  Driven node;
  const Send fetch = node.follow();
  EXPECT_TRUE(node.ask<VoteReply>(vote_of(kThree, 3, true)).is_granted) << "the leader was not heard from yet";
  node.reply(fetch, kTwo.id, FetchReply{.standing = node.standing(3, kTwo.id), .read_from = Offset{10}});
  EXPECT_FALSE(node.ask<VoteReply>(vote_of(kThree, 3, true)).is_granted);
  EXPECT_FALSE(node.ask<VoteReply>(vote_of(kThree, 7, true)).is_granted);
  EXPECT_EQ(node.fsm.epoch(), LeaderEpoch{3});
}

TEST(RaftPreVote, ItsResultIsOfItsEpochAlone) {
  Driven node;
  node.tick(3s);
  const auto asked = node.sent<VoteRequest>();
  node.ask<VoteReply>(vote_of(kThree, 5, false, 9));
  node.reply(asked[0], kTwo.id, VoteReply{node.standing(2), true});
  EXPECT_FALSE(node.is<Candidate>()) << "the epoch went on meanwhile";
}

TEST(RaftPreVote, WhoIsRefusedByAMajorityGoesBackAndKeepsItsEpoch) {
  Driven node;
  node.tick(3s);
  for (const Send& asked : node.sent<VoteRequest>()) {
    node.reply(asked, asked.to->id, VoteReply{node.standing(2), false});
  }
  EXPECT_TRUE(node.is<Unattached>());
  EXPECT_EQ(node.fsm.epoch(), LeaderEpoch{2});
}

// INVARIANTS 61.
TEST(RaftVote, AReplyToAFormerElectionIsNotCounted) {
  Driven node;
  node.tick(3s);
  node.reply(node.sent<VoteRequest>()[0], kTwo.id, VoteReply{node.standing(2), true});
  const auto first = node.sent<VoteRequest>();
  ASSERT_TRUE(node.is<Candidate>());
  node.tick(3s);  // it gives up and asks again
  ASSERT_TRUE(node.is<Prospective>());
  node.reply(node.sent<VoteRequest>()[0], kTwo.id, VoteReply{node.standing(3), true});
  ASSERT_EQ(node.fsm.epoch(), LeaderEpoch{4});
  node.reply(first[0], kTwo.id, VoteReply{node.standing(3), true});
  node.reply(first[0], kTwo.id, VoteReply{node.standing(4), true});
  EXPECT_TRUE(node.is<Candidate>()) << "a late reply, whatever it says";
}

TEST(RaftLearn, AHigherEpochOfAnybodyEndsALeadership) {
  Driven node;
  node.lead();
  const auto heralds = node.sent<BeginQuorumEpochRequest>();
  node.tell(ReplyReceived{RequestId{1}, kThree.id,
                          BeginQuorumEpochReply{node.standing(9, std::nullopt, Verdict::fenced_leader_epoch)}});
  EXPECT_TRUE(node.is<Unattached>());
  EXPECT_EQ(node.fsm.epoch(), LeaderEpoch{9});
  EXPECT_FALSE(node.fsm.begin_append(LeaderEpoch{3})) << "INVARIANTS 41";
}

TEST(RaftLearn, AnEpochHasOneLeader) {
  Driven node;
  node.follow();
  const auto reply = node.ask<BeginQuorumEpochReply>(BeginQuorumEpochRequest{kThree.id, LeaderEpoch{3}, kOne});
  EXPECT_EQ(reply.standing.error, Verdict::invalid_request);
  EXPECT_EQ(node.fsm.leader(), kTwo.id);
}

}  // namespace
}  // namespace gregor::raft
