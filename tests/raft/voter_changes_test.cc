// KIP-853 and INVARIANTS 55: one change at a time, after a commit of this epoch, of a voter that has caught up.
#include <gtest/gtest.h>

#include "tests/raft/support/driven.h"

namespace gregor::raft {
namespace {

using namespace std::chrono_literals;

Verdict verdict_of(const Driven& node) {
  for (const Answer& answer : node.output.answers) {
    if (const auto* reply = std::get_if<VoterChangeReply>(&answer.reply)) return reply->standing.error;
  }
  ADD_FAILURE() << "no answer";
  return Verdict::none;
}

/// A leader whose epoch has a commit; its voters record stands at 10, with the epoch's first.
Driven established() {
  Driven node;
  node.tick(3s);
  node.reply(node.sent<VoteRequest>()[0], kTwo.id, VoteReply{node.standing(2), true});
  node.reply(node.sent<VoteRequest>()[0], kTwo.id, VoteReply{node.standing(3), true});
  EXPECT_TRUE(node.output.lead && node.output.lead->first_voters == three_voters()) << "no record names them yet";
  node.append(11, three_voters());
  node.fetched_by(kTwo, 11);
  return node;
}
void ask(Driven& node, const Request& request) {
  node.tell(RequestReceived{RequestToken{1000}, request});
}

TEST(RaftVoters, AreAddedOnceTheirRecordIsCommittedByTheNewMajority) {
  Driven node = established();
  node.fetched_by(kFour, 11);
  ask(node, AddVoterRequest{{kFour}});
  ASSERT_TRUE(node.output.append_voters);
  EXPECT_EQ(node.output.append_voters->size(), 4U);
  const VoterSet four = *node.output.append_voters;
  node.append(12, four);
  EXPECT_EQ(node.fsm.voters(), four) << "in force from the append";
  node.fetched_by(kTwo, 12);
  EXPECT_EQ(node.fsm.high_watermark(), Offset{11}) << "two of four are no majority";
  node.fetched_by(kFour, 12);
  EXPECT_EQ(node.fsm.high_watermark(), Offset{12});
  EXPECT_EQ(verdict_of(node), Verdict::none);
}

TEST(RaftVoters, DoNotChangeBeforeACommitOfThisEpoch) {
  Driven node;
  node.lead();
  node.fetched_by(kFour, 11);
  ask(node, AddVoterRequest{{kFour}});
  EXPECT_EQ(verdict_of(node), Verdict::request_timed_out);
}

TEST(RaftVoters, DoNotChangeWhileAChangeIsUncommitted) {
  Driven node = established();
  node.fetched_by(kFour, 11);
  ask(node, AddVoterRequest{{kFour}});
  const VoterSet four = *node.output.append_voters;
  ask(node, RemoveVoterRequest{kTwo});
  EXPECT_EQ(verdict_of(node), Verdict::request_timed_out) << "not even appended";
  node.append(12, four);
  ask(node, RemoveVoterRequest{kTwo});
  EXPECT_EQ(verdict_of(node), Verdict::request_timed_out) << "appended";
  node.tick(2s);
  EXPECT_EQ(verdict_of(node), Verdict::request_timed_out) << "the first was asked too long ago";
  ask(node, RemoveVoterRequest{kTwo});
  EXPECT_EQ(verdict_of(node), Verdict::request_timed_out) << "its record still stands uncommitted";
}

TEST(RaftVoters, WhoLagsOrIsListedIsNotAdded) {
  Driven node = established();
  ask(node, AddVoterRequest{{kFour}});
  EXPECT_EQ(verdict_of(node), Verdict::request_timed_out) << "it never fetched";
  node.fetched_by(kFour, 5, 2);
  ask(node, AddVoterRequest{{kFour}});
  EXPECT_EQ(verdict_of(node), Verdict::request_timed_out) << "it lags";
  ask(node, AddVoterRequest{{kTwo.id, Uuid{9, 9}}});
  EXPECT_EQ(verdict_of(node), Verdict::duplicate_voter) << "its old self is to be removed first";
  ask(node, AddVoterRequest{{kFour.id, Uuid{}}});
  EXPECT_EQ(verdict_of(node), Verdict::invalid_request);
  ask(node, RemoveVoterRequest{{kTwo.id, Uuid{9, 9}}});
  EXPECT_EQ(verdict_of(node), Verdict::voter_not_found);
}

TEST(RaftVoters, ALeaderThatIsRemovedLeadsUntilThatIsCommittedWithoutIt) {
  Driven node = established();
  ask(node, RemoveVoterRequest{kOne});
  ASSERT_TRUE(node.output.append_voters);
  node.append(12, *node.output.append_voters);
  node.fetched_by(kTwo, 12);
  EXPECT_TRUE(node.is<Leader>()) << "one of two";
  node.fetched_by(kThree, 12);
  EXPECT_TRUE(node.is<Resigned>());
  EXPECT_EQ(node.fsm.high_watermark(), Offset{12});
}

TEST(RaftVoters, ANewAddressIsAChangeAndTheSameIsNone) {
  Driven node = established();
  Voter moved{kTwo};
  ask(node, UpdateVoterRequest{LeaderEpoch{3}, moved});
  EXPECT_EQ(verdict_of(node), Verdict::none);
  moved.endpoints = {{"CONTROLLER", "elsewhere", 9093}};
  ask(node, UpdateVoterRequest{LeaderEpoch{2}, moved});
  EXPECT_EQ(verdict_of(node), Verdict::fenced_leader_epoch);
  ask(node, UpdateVoterRequest{LeaderEpoch{3}, moved});
  ASSERT_TRUE(node.output.append_voters);
  EXPECT_EQ((*node.output.append_voters)[1], moved);
}

// A voter that came up elsewhere says so itself, to the leader that it follows, until the list has it.
TEST(RaftVoters, AFollowerAsksForTheChangeOfItsOwnAddress) {
  Fsm::Start start = node_one();
  start.described = {.key = kOne, .endpoints = {{"CONTROLLER", "elsewhere", 9093}}};
  Driven node(start);
  const Send fetch = node.follow();
  EXPECT_TRUE(node.sent<UpdateVoterRequest>().empty()) << "it has not heard of that leader yet";
  node.reply(fetch, kTwo.id,
             FetchReply{.standing = node.standing(3, kTwo.id), .high_watermark = Offset{10}, .read_from = Offset{10}});
  ASSERT_EQ(node.sent<UpdateVoterRequest>().size(), 1U);
  const Send asked = node.sent<UpdateVoterRequest>()[0];
  EXPECT_EQ(asked.to, kTwo);
  EXPECT_EQ(std::get<UpdateVoterRequest>(asked.request).voter, start.described);
  EXPECT_EQ(std::get<UpdateVoterRequest>(asked.request).epoch, LeaderEpoch{3});
  node.reply(asked, kTwo.id, VoterChangeReply{node.standing(3, kTwo.id, Verdict::request_timed_out)});
  EXPECT_TRUE(node.sent<UpdateVoterRequest>().empty()) << "not at once";
}

TEST(RaftVoters, OfAStaticListDoNotChange) {
  Fsm::Start start = node_one();
  start.kraft_version = 0;
  Driven node(start);
  node.lead();
  ask(node, RemoveVoterRequest{kTwo});
  EXPECT_EQ(verdict_of(node), Verdict::unsupported_version);
}

TEST(RaftVoters, AChangeOfALeaderThatIsDeposedIsAnswered) {
  Driven node = established();
  ask(node, RemoveVoterRequest{kTwo});
  node.append(12, *node.output.append_voters);
  node.ask<BeginQuorumEpochReply>(BeginQuorumEpochRequest{kThree.id, LeaderEpoch{4}, kOne});
  EXPECT_EQ(verdict_of(node), Verdict::not_leader_or_follower);
}

}  // namespace
}  // namespace gregor::raft
