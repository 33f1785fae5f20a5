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

TEST(RaftVoters, WhoAddsItselfIsAnsweredBeforeTheCommitThatMayNeedIt) {
  Driven node = established();
  node.fetched_by(kFour, 11);
  ask(node, AddVoterRequest{{kFour}, false});
  ASSERT_TRUE(node.output.append_voters);
  EXPECT_TRUE(node.output.answers.empty());
  const VoterSet four = *node.output.append_voters;
  node.append(12, four, false);
  EXPECT_EQ(verdict_of(node), Verdict::none);
  EXPECT_EQ(node.fsm.high_watermark(), Offset{11});
  ask(node, RemoveVoterRequest{kTwo});
  EXPECT_EQ(verdict_of(node), Verdict::request_timed_out) << "what is answered is not committed yet";
}

/// Node 4 under `list`, which asks to be a voter, answered a fetch by node 2, the leader of epoch 3.
class Joiner : public Driven {
 public:
  explicit Joiner(const VoterSet& list) : Driven(start(list)) {
    ask<BeginQuorumEpochReply>(BeginQuorumEpochRequest{kTwo.id, LeaderEpoch{3}, kFour});
    fetched();
  }
  /// Its fetch is answered, and it fetches again.
  void fetched(Verdict verdict = Verdict::none) {
    const auto begun = sent<FetchRequest>();
    if (!begun.empty()) fetch_ = begun[0];
    FetchReply served{.standing = standing(3, kTwo.id, verdict), .high_watermark = Offset{10}};
    if (verdict == Verdict::none) served.read_from = Offset{10};
    reply(fetch_, kTwo.id, served);
    ASSERT_EQ(sent<FetchRequest>().size(), 1U);
    fetch_ = sent<FetchRequest>()[0];
  }
  /// The leader answers, and then time passes.
  void stay_for(Nanoseconds time) {
    fetched();
    tick(time);
  }
  [[nodiscard]] bool names_itself() const { return std::get<FetchRequest>(fetch_.request).replica.has_value(); }

 private:
  Send fetch_;
  static Fsm::Start start(const VoterSet& list) {
    Fsm::Start start = node_one();
    start.self = kFour;
    start.voters = list;
    start.described = {.key = kFour, .endpoints = {{"CONTROLLER", "four", 9093}}};
    start.joins = true;
    return start;
  }
};

TEST(RaftVoters, WhoJoinsByItselfAsksTheLeaderThatCountsIt) {
  Joiner node(three_voters());
  EXPECT_TRUE(node.sent<AddVoterRequest>().empty()) << "another may be in its place, and be heard later";
  node.stay_for(1s);
  EXPECT_TRUE(node.sent<AddVoterRequest>().empty());
  node.stay_for(1s);
  const auto asked = node.sent<AddVoterRequest>();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].to, kTwo);
  const auto& request = std::get<AddVoterRequest>(asked[0].request);
  EXPECT_EQ(request.voter.key, kFour);
  EXPECT_FALSE(request.is_answered_when_committed);
  node.reply(asked[0], kTwo.id, VoterChangeReply{node.standing(3, kTwo.id, Verdict::request_timed_out)});
  EXPECT_TRUE(node.sent<AddVoterRequest>().empty()) << "not at once";
  node.stay_for(1900ms);
  EXPECT_TRUE(node.sent<AddVoterRequest>().empty());
  node.stay_for(100ms);
  EXPECT_EQ(node.sent<AddVoterRequest>().size(), 1U);
}

TEST(RaftVoters, WhoComesBackWithANewDirectoryHasTheFormerOneRemovedFirst) {
  const VoterKey former{kFour.id, Uuid{9, 9}};
  VoterSet list = three_voters();
  list.push_back({former});
  Joiner node(list);
  node.stay_for(1s);
  node.stay_for(1s);
  EXPECT_TRUE(node.sent<AddVoterRequest>().empty());
  const auto asked = node.sent<RemoveVoterRequest>();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(std::get<RemoveVoterRequest>(asked[0].request).voter, former);
}

// Two processes with one node id would remove each other without end.
TEST(RaftVoters, NobodyAsksForThePlaceOfAVoterThatLives) {
  VoterSet list = three_voters();
  list.push_back({{kFour.id, Uuid{9, 9}}});
  Joiner node(list);
  EXPECT_TRUE(node.names_itself());
  node.fetched(Verdict::duplicate_voter);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(node.names_itself()) << "it reads on, and counts for nothing";
    node.stay_for(1s);
    EXPECT_TRUE(node.sent<RemoveVoterRequest>().empty());
  }
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
