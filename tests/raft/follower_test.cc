// Following: what is fetched from where, what answers do to the log, and when a leader is given up.
#include <gtest/gtest.h>

#include "tests/raft/support/driven.h"

namespace gregor::raft {
namespace {

using namespace std::chrono_literals;

FetchReply of_leader(Driven& node, std::vector<Batch> batches = {}, std::int64_t high_watermark = -1) {
  return {.standing = node.standing(3, kTwo.id),
          .high_watermark = Offset{high_watermark},
          .read_from = node.fsm.log_end(),
          .batches = std::move(batches)};
}

// As quorum-state of Apache Kafka 4.3.1 says it: {"leaderId":3,"leaderEpoch":1,"votedId":3,...}.
TEST(RaftFollower, AVoteBesideTheLeaderThatCameOfItIsLetGo) {
  Fsm::Start start = node_one();
  start.state = {.epoch = LeaderEpoch{2}, .leader = kTwo.id, .voted = kTwo};
  Driven node(start);
  EXPECT_EQ(node.fsm.state(), (ElectionState{.epoch = LeaderEpoch{2}, .leader = kTwo.id, .voted = {}}));
  EXPECT_EQ(node.fsm.durable_state(), node.fsm.state());
}

// INVARIANTS 48: a fetch offset says what survives power loss.
TEST(RaftFollower, FetchesFromItsFlushedEndAndNotBeforeItIsFlushed) {
  Driven node;
  const Send fetch = node.follow();
  EXPECT_EQ(fetch.to, kTwo);
  EXPECT_EQ(std::get<FetchRequest>(fetch.request).fetch_offset, Offset{10});
  node.reply(fetch, kTwo.id, of_leader(node, {{Offset{12}, LeaderEpoch{3}}, {Offset{13}, LeaderEpoch{3}}}, 12));
  EXPECT_EQ(node.output.append_fetched, fetch.id);
  EXPECT_EQ(node.output.high_watermark, Offset{10}) << "no further than what is on disk";
  node.tell(LogAppended{Offset{12}, LeaderEpoch{3}});
  node.tell(LogAppended{Offset{13}, LeaderEpoch{3}});
  EXPECT_TRUE(node.sent<FetchRequest>().empty()) << "nothing of it is flushed";
  node.tell(LogFlushed{Offset{13}});
  EXPECT_EQ(node.output.high_watermark, Offset{12});
  ASSERT_EQ(node.sent<FetchRequest>().size(), 1U);
  const auto next = std::get<FetchRequest>(node.sent<FetchRequest>()[0].request);
  EXPECT_EQ(next.fetch_offset, Offset{13});
  EXPECT_EQ(next.last_fetched_epoch, LeaderEpoch{3});
  EXPECT_EQ(next.replica, kOne);
}

TEST(RaftFollower, TakesOneReplyToAFetchAndOnlyFromItsLeader) {
  Driven node;
  const Send fetch = node.follow();
  node.reply(fetch, kThree.id, of_leader(node, {{Offset{11}, LeaderEpoch{3}}}));
  EXPECT_FALSE(node.output.append_fetched);
  node.reply(fetch, kTwo.id, of_leader(node, {{Offset{11}, LeaderEpoch{3}}}));
  EXPECT_TRUE(node.output.append_fetched);
  node.append(11);
  node.reply(fetch, kTwo.id, of_leader(node, {{Offset{12}, LeaderEpoch{3}}}));
  EXPECT_FALSE(node.output.append_fetched) << "the same request again (34, 59)";
}

TEST(RaftFollower, BatchesThatNoLogCouldHoldAreNotTaken) {
  for (const std::vector<Batch>& batches : {std::vector<Batch>{{Offset{10}, LeaderEpoch{3}}},
                                            {{Offset{11}, LeaderEpoch{1}}},
                                            {{Offset{11}, LeaderEpoch{4}}},
                                            {{Offset{12}, LeaderEpoch{3}}, {Offset{11}, LeaderEpoch{3}}}}) {
    Driven node;
    const Send fetch = node.follow();
    node.reply(fetch, kTwo.id, of_leader(node, batches));
    EXPECT_FALSE(node.output.append_fetched);
  }
}

TEST(RaftFollower, ADivergingLogIsCutWhereBothKnowTheEpoch) {
  Fsm::Start start = node_one();
  start.log = EpochList();
  start.log.append(LeaderEpoch{1}, Offset{6});
  start.log.append(LeaderEpoch{2}, Offset{10});
  const auto cut_at = [&](std::int64_t offset, int epoch) {
    Driven node(start);
    const Send fetch = node.follow();
    FetchReply reply{.standing = node.standing(3, kTwo.id)};
    reply.diverging = OffsetAndEpoch{Offset{offset}, LeaderEpoch{epoch}};
    node.reply(fetch, kTwo.id, reply);
    const auto end = node.output.truncate;
    if (end) {
      EXPECT_TRUE(node.sent<FetchRequest>().empty());
      node.tell(LogTruncated{*end});
      EXPECT_EQ(node.fsm.log_end(), *end);
      EXPECT_EQ(node.sent<FetchRequest>().size(), 1U);
    }
    return end;
  };
  EXPECT_EQ(cut_at(8, 2), Offset{8}) << "the leader's part of our epoch is shorter";
  EXPECT_EQ(cut_at(20, 1), Offset{6}) << "ours is";
  EXPECT_EQ(cut_at(4, 1), Offset{4});
  EXPECT_EQ(cut_at(5, 0), Offset{0}) << "nothing in common";
  EXPECT_EQ(cut_at(30, 2), std::nullopt) << "that is no divergence";
}

TEST(RaftFollower, ACutBelowTheHighWatermarkIsAFaultAndNotDone) {
  Driven node;
  const Send fetch = node.follow();
  node.reply(fetch, kTwo.id, of_leader(node, {}, 10));
  EXPECT_EQ(node.fsm.high_watermark(), Offset{10});
  const auto again = node.sent<FetchRequest>();
  ASSERT_EQ(again.size(), 1U);
  FetchReply reply{.standing = node.standing(3, kTwo.id)};
  reply.diverging = OffsetAndEpoch{Offset{9}, LeaderEpoch{2}};
  node.reply(again[0], kTwo.id, reply);
  EXPECT_TRUE(node.output.fault);
  EXPECT_FALSE(node.output.truncate);
}

TEST(RaftFollower, VotersOfAnAppendedRecordAreInForceAndGoWithIt) {
  Driven node;
  const Send fetch = node.follow();
  node.reply(fetch, kTwo.id, of_leader(node, {{Offset{11}, LeaderEpoch{3}}}));
  node.append(11, VoterSet{{kTwo}, {kThree}});
  EXPECT_FALSE(node.fsm.is_voter());
  node.ask<BeginQuorumEpochReply>(BeginQuorumEpochRequest{kThree.id, LeaderEpoch{4}, kOne});
  const auto fetches = node.sent<FetchRequest>();
  ASSERT_EQ(fetches.size(), 1U);
  FetchReply reply{.standing = node.standing(4, kThree.id)};
  reply.diverging = OffsetAndEpoch{Offset{10}, LeaderEpoch{2}};
  node.reply(fetches[0], kThree.id, reply);
  node.tell(LogTruncated{Offset{10}});
  EXPECT_TRUE(node.fsm.is_voter());
}

// The leader that removed itself cannot commit that without the one voter that is left.
TEST(RaftFollower, TheOnlyVoterThatIsLeftGoesOnFetchingFromWhoLeft) {
  Driven node;
  const Send fetch = node.follow();
  node.reply(fetch, kTwo.id, of_leader(node, {{Offset{11}, LeaderEpoch{3}}}));
  node.append(11, VoterSet{{kOne}});
  ASSERT_EQ(node.sent<FetchRequest>().size(), 1U);
  EXPECT_EQ(std::get<FetchRequest>(node.sent<FetchRequest>()[0].request).fetch_offset, Offset{11});
}

TEST(RaftFollower, ASnapshotReplacesTheLog) {
  Driven node;
  const Send fetch = node.follow();
  const OffsetAndEpoch id{Offset{50}, LeaderEpoch{3}};
  FetchReply reply{.standing = node.standing(3, kTwo.id)};
  reply.snapshot = id;
  node.reply(fetch, kTwo.id, reply);
  ASSERT_TRUE(node.output.fetch_snapshot);
  EXPECT_EQ(node.output.fetch_snapshot->id, id);
  node.tick(1900ms);
  node.tell(SnapshotProgressed{});
  node.tick(1900ms);
  EXPECT_TRUE(node.is<Follower>()) << "parts of it came";
  EXPECT_TRUE(node.sent<FetchRequest>().empty());
  EXPECT_FALSE(node.fsm.begin_install({Offset{40}, LeaderEpoch{3}})) << "another one";
  ASSERT_TRUE(node.fsm.begin_install(id));
  node.tell(SnapshotInstalled{id, VoterSet{{kOne}, {kTwo}}});
  EXPECT_EQ(node.output.high_watermark, Offset{50});
  EXPECT_EQ(node.fsm.voters().size(), 2U);
  ASSERT_EQ(node.sent<FetchRequest>().size(), 1U);
  EXPECT_EQ(std::get<FetchRequest>(node.sent<FetchRequest>()[0].request).fetch_offset, Offset{50});
}

TEST(RaftFollower, AVoterStandsWhenItsLeaderIsSilentAndAnObserverAsksAround) {
  Driven node;
  node.follow();
  node.tick(2s);
  EXPECT_TRUE(node.is<Prospective>());
  Fsm::Start start = node_one();
  start.self = kFour;
  Driven observer(start);
  observer.tell(RequestReceived{RequestToken{50}, BeginQuorumEpochRequest{kTwo.id, LeaderEpoch{3}, kFour}});
  observer.tick(2s);
  EXPECT_TRUE(observer.is<Unattached>());
  ASSERT_EQ(observer.sent<FetchRequest>().size(), 1U);
  EXPECT_FALSE(observer.sent<FetchRequest>()[0].to) << "whoever may know";
}

// Found by simulation: who knows no voter by its id asked the leader that it had lost for ever, and did not know it.
TEST(RaftFollower, ALeaderThatServesIsKnownAgainWhereverItWasAsked) {
  constexpr NodeId kSomewhere{-5};
  Fsm::Start start = node_one();
  start.self = kFour;
  start.voters = {};
  start.log = EpochList();
  start.state = {};
  Driven node(start);
  const FetchReply served{.standing = node.standing(3, kTwo.id), .high_watermark = Offset{9}, .read_from = Offset{0}};
  const FetchReply refused{.standing = node.standing(3, kTwo.id, Verdict::not_leader_or_follower)};
  node.tick(1ms);
  node.reply(node.sent<FetchRequest>().at(0), kSomewhere, refused);
  ASSERT_TRUE(node.is<Follower>()) << "it had not heard of that leader";
  node.tick(2s);
  ASSERT_TRUE(node.is<Unattached>());
  node.reply(node.sent<FetchRequest>().at(0), kSomewhere, refused);
  EXPECT_TRUE(node.is<Unattached>()) << "others may not have noticed that it is gone";
  node.tick(20ms);
  node.reply(node.sent<FetchRequest>().at(0), kSomewhere, served);
  ASSERT_TRUE(node.is<Follower>());
  ASSERT_EQ(node.sent<FetchRequest>().size(), 1U);
  EXPECT_EQ(node.sent<FetchRequest>()[0].to->id, kTwo.id);
}

TEST(RaftFollower, SuccessorsStandInTheirOrder) {
  const auto waits = [](const std::vector<VoterKey>& successors) {
    Driven node;
    node.follow();
    node.ask<EndQuorumEpochReply>(EndQuorumEpochRequest{kTwo.id, LeaderEpoch{3}, successors});
    Nanoseconds waited{};
    for (; !node.is<Prospective>() && waited < 3s; waited += 10ms) node.tick(10ms);
    return waited;
  };
  EXPECT_EQ(waits({kOne, kThree}), 0ms) << "at once";
  EXPECT_EQ(waits({kThree, kOne}), 250ms);
}

Nanoseconds until_it_stands(Driven& node) {
  Nanoseconds waited{};
  for (; !node.is<Prospective>() && waited < 3s; waited += 10ms) node.tick(10ms);
  return waited;
}

TEST(RaftFollower, StandsSoonAfterItsLeadersProcessIsGone) {
  Driven node;
  node.reply(node.follow(), kTwo.id, of_leader(node));
  const VoteRequest pre_vote{kThree, LeaderEpoch{3}, kOne, {Offset{10}, LeaderEpoch{2}}, true};
  EXPECT_FALSE(node.ask<VoteReply>(pre_vote).is_granted) << "its leader lives";
  node.tell(PeerGone{kThree.id});
  EXPECT_FALSE(node.ask<VoteReply>(pre_vote).is_granted) << "another's end is no reason";
  node.tell(PeerGone{kTwo.id});
  EXPECT_TRUE(node.ask<VoteReply>(pre_vote).is_granted);
  EXPECT_EQ(node.fsm.epoch(), LeaderEpoch{3}) << "nothing is promised by a pre-vote";
  EXPECT_LE(until_it_stands(node), 50ms);
}

TEST(RaftFollower, SurvivorsStandOneAfterTheOther) {
  Fsm::Start start = node_one();
  start.self = kThree;
  Driven node(start);
  node.ask<BeginQuorumEpochReply>(BeginQuorumEpochRequest{kTwo.id, LeaderEpoch{3}, kThree});
  node.tell(PeerGone{kTwo.id});
  const Nanoseconds waited = until_it_stands(node);
  EXPECT_GE(waited, 100ms) << "node 1 goes first";
  EXPECT_LE(waited, 200ms);
}

/// Node 1 of three, of a static list, whose directory is empty.
Fsm::Start new_directory() {
  Fsm::Start start = node_one();
  start.voters = VoterSet{{kOne.id, {}}, {kTwo.id, {}}, {kThree.id, {}}};
  start.kraft_version = 0;
  start.state = {};
  start.log = EpochList();
  start.directory_is_new = true;
  return start;
}

// DESIGN promise 5: a wiped disk under its old identity.
TEST(RaftNewDirectory, NeitherVotesNorCountsUntilItSawTheOthersCommit) {
  Driven node(new_directory());
  node.tick(1h);
  EXPECT_TRUE(node.is<Unattached>()) << "it does not stand";
  EXPECT_FALSE(node.ask<VoteReply>(VoteRequest{kTwo, LeaderEpoch{1}, kOne, {Offset{99}, LeaderEpoch{0}}}).is_granted);
  Send fetch = node.follow();
  EXPECT_FALSE(std::get<FetchRequest>(fetch.request).replica) << "a reader's fetch, that counts for nothing";
  node.reply(fetch, kTwo.id, of_leader(node, {{Offset{5}, LeaderEpoch{3}}}, 4));
  node.append(5);
  fetch = node.sent<FetchRequest>().at(0);
  node.reply(fetch, kTwo.id, of_leader(node, {}, 5));
  EXPECT_FALSE(node.fsm.is_ready()) << "that may all have been committed with its own forgotten help";
  fetch = node.sent<FetchRequest>().at(0);
  node.reply(fetch, kTwo.id, of_leader(node, {{Offset{6}, LeaderEpoch{3}}}, 6));
  node.append(6);
  EXPECT_FALSE(node.fsm.is_ready()) << "nobody has taken it for the voter that it says to be";
  fetch = node.sent<FetchRequest>().at(0);
  EXPECT_TRUE(std::get<FetchRequest>(fetch.request).replica);
  node.reply(fetch, kTwo.id, of_leader(node, {}, 6));
  EXPECT_TRUE(node.fsm.is_ready());
  EXPECT_TRUE(node.output.directory_is_ready);
  EXPECT_TRUE(node.ask<VoteReply>(VoteRequest{kTwo, LeaderEpoch{4}, kOne, {Offset{9}, LeaderEpoch{3}}}).is_granted);
}

/// The node asked around, and `from` says that it is in `epoch` and knows no leader.
void hears(Driven& node, NodeId from, int epoch) {
  node.tick(Timing{}.retry_backoff);
  const auto fetches = node.sent<FetchRequest>();
  ASSERT_EQ(fetches.size(), 1U);
  node.reply(fetches[0], from, FetchReply{.standing = node.standing(epoch, {}, Verdict::not_leader_or_follower)});
}

bool votes_for_two(Driven& node) {
  return node.ask<VoteReply>(VoteRequest{kTwo, LeaderEpoch{1}, kOne, {Offset{0}, LeaderEpoch{0}}}).is_granted;
}

Fsm::Start told_that_the_quorum_is_new() {
  Fsm::Start start = new_directory();
  start.quorum_is_new = true;
  return start;
}

TEST(RaftNewDirectory, ToldThatTheQuorumIsNewItVotesOnceEveryOtherVoterWasHeardToBegin) {
  Driven node(told_that_the_quorum_is_new());
  hears(node, kTwo.id, 0);
  hears(node, kTwo.id, 0);
  EXPECT_FALSE(node.fsm.is_ready()) << "twice the same one";
  hears(node, kThree.id, 0);
  EXPECT_TRUE(node.fsm.is_ready());
  EXPECT_TRUE(node.output.directory_is_ready);
  EXPECT_TRUE(votes_for_two(node));
}

TEST(RaftNewDirectory, OneVoterThatWasInAnElectionEndsTheBeginningForGood) {
  Driven node(told_that_the_quorum_is_new());
  hears(node, kTwo.id, 0);
  hears(node, kThree.id, 4);
  hears(node, kThree.id, 0);
  EXPECT_FALSE(node.fsm.is_ready()) << "the quorum lives, or lived: this directory was wiped";
  EXPECT_EQ(node.fsm.epoch(), LeaderEpoch{4});
}

TEST(RaftNewDirectory, WhatVotersSayCountsForNothingWhereNobodySaidThatTheQuorumIsNew) {
  Driven node(new_directory());
  hears(node, kTwo.id, 0);
  hears(node, kThree.id, 0);
  EXPECT_FALSE(node.fsm.is_ready());
  EXPECT_FALSE(votes_for_two(node));
}

bool names_itself(const Send& fetch) {
  return std::get<FetchRequest>(fetch.request).replica.has_value();
}

// Another process has its node id, and came first.
TEST(RaftPlace, WhoFindsAnotherInItsPlaceReadsOnAndNeitherVotesNorStandsUntilItHasIt) {
  Driven node;
  const Send fetch = node.follow();
  ASSERT_TRUE(names_itself(fetch));
  node.reply(fetch, kTwo.id, FetchReply{.standing = node.standing(3, kTwo.id, Verdict::duplicate_voter)});
  EXPECT_FALSE(node.fsm.is_ready());
  EXPECT_FALSE(node.ask<VoteReply>(VoteRequest{kTwo, LeaderEpoch{4}, kOne, {Offset{99}, LeaderEpoch{3}}}).is_granted);
  node.tick(1h);
  EXPECT_FALSE(node.is<Prospective>()) << "it does not stand";
}

TEST(RaftPlace, ItAsksForItsPlaceAgainAfterAWhileAndReadsMeanwhile) {
  Driven node;
  Send fetch = node.follow();
  node.reply(fetch, kTwo.id, FetchReply{.standing = node.standing(3, kTwo.id, Verdict::duplicate_voter)});
  const Nanoseconds free_after = Timing{}.place_is_free_after();
  const MonotonicTime refused_at = node.now;
  fetch = node.sent<FetchRequest>().at(0);
  while (node.now < refused_at + free_after) {
    EXPECT_FALSE(names_itself(fetch)) << "who came second may not be first at the next leader";
    node.now += 500ms;
    node.reply(fetch, kTwo.id, of_leader(node, {}, 4));
    fetch = node.sent<FetchRequest>().at(0);
  }
  EXPECT_TRUE(names_itself(fetch));
  EXPECT_FALSE(node.fsm.is_ready());
  node.reply(fetch, kTwo.id, of_leader(node, {}, 4));
  EXPECT_TRUE(node.fsm.is_ready()) << "the other is gone";
}

}  // namespace
}  // namespace gregor::raft
