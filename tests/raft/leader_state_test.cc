// What a majority has on disk, and whether a majority is there.
#include "raft/leader_state.h"

#include <gtest/gtest.h>

#include "tests/raft/support/driven.h"

namespace gregor::raft {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime kStart{};
constexpr Nanoseconds kWindow = 3s;

LeaderState led_by_one() {
  return LeaderState(kOne, kStart, kWindow);
}

TEST(LeaderState, TheMajoritysEndIsTheMedianOfFlushedEnds) {
  LeaderState state = led_by_one();
  EXPECT_EQ(state.majority_end(three_voters(), Offset{20}), kNoOffset) << "nobody else has fetched";
  state.fetched(three_voters(), kTwo, Offset{15}, Offset{20}, kStart);
  EXPECT_EQ(state.majority_end(three_voters(), Offset{20}), Offset{15});
  EXPECT_EQ(state.majority_end(three_voters(), Offset{12}), Offset{12}) << "the leader counts its own flushed end";
  state.fetched(three_voters(), kThree, Offset{18}, Offset{20}, kStart);
  EXPECT_EQ(state.majority_end(three_voters(), Offset{12}), Offset{15}) << "the followers are a majority without it";
}

TEST(LeaderState, ObserversAndOtherDirectoriesDoNotCount) {
  LeaderState state = led_by_one();
  state.fetched(three_voters(), kFour, Offset{20}, Offset{20}, kStart);
  state.fetched(three_voters(), {kTwo.id, Uuid{9, 9}}, Offset{20}, Offset{20}, kStart);
  EXPECT_EQ(state.majority_end(three_voters(), Offset{20}), kNoOffset);
  EXPECT_EQ(state.replicas().size(), 2U) << "they are known, for DescribeQuorum";
}

TEST(LeaderState, OneDirectoryAtATimeHasThePlaceOfAVoterWhoseListKnowsNone) {
  LeaderState state = led_by_one();
  const VoterSet listed{{{kOne.id, {}}}, {{kTwo.id, {}}}, {{kThree.id, {}}}};
  const VoterKey rival{kTwo.id, Uuid{9, 9}};
  EXPECT_FALSE(state.is_taken(listed, kTwo, kStart, kWindow)) << "nobody was there before";
  state.fetched(listed, kTwo, Offset{15}, Offset{20}, kStart);
  EXPECT_FALSE(state.is_taken(listed, kTwo, kStart + 1s, kWindow));
  EXPECT_TRUE(state.is_taken(listed, rival, kStart + 3s, kWindow));
  EXPECT_FALSE(state.is_taken(listed, rival, kStart + 3001ms, kWindow)) << "the other is gone: a disk was replaced";
  EXPECT_FALSE(state.is_taken(listed, {kTwo.id, {}}, kStart, kWindow)) << "who names no directory cannot be told apart";
  EXPECT_FALSE(state.is_taken(listed, kThree, kStart, kWindow));
  EXPECT_FALSE(state.is_taken(listed, kFour, kStart, kWindow)) << "no voter";
}

TEST(LeaderState, AVoterThatLivesHasItsPlaceWhereTheListNamesItsDirectoryToo) {
  LeaderState state = led_by_one();
  const VoterKey rival{kTwo.id, Uuid{9, 9}};
  EXPECT_FALSE(state.is_taken(three_voters(), rival, kStart, kWindow)) << "the voter was not heard from";
  state.fetched(three_voters(), rival, Offset{15}, Offset{20}, kStart);
  EXPECT_FALSE(state.is_taken(three_voters(), kTwo, kStart, kWindow)) << "the voter itself";
  state.fetched(three_voters(), kTwo, Offset{15}, Offset{20}, kStart);
  EXPECT_TRUE(state.is_taken(three_voters(), rival, kStart + 3s, kWindow));
  EXPECT_FALSE(state.is_taken(three_voters(), rival, kStart + 3001ms, kWindow)) << "it is gone";
}

TEST(LeaderState, ALeaderThatDoesNotVoteIsNotCounted) {
  LeaderState state = led_by_one();
  const VoterSet others{{kTwo}, {kThree}};
  state.fetched(others, kTwo, Offset{15}, Offset{20}, kStart);
  EXPECT_EQ(state.majority_end(others, Offset{20}), kNoOffset) << "two of two";
  state.fetched(others, kThree, Offset{14}, Offset{20}, kStart);
  EXPECT_EQ(state.majority_end(others, Offset{20}), Offset{14});
}

TEST(LeaderState, TheQuorumIsLostWhenNoMajorityWasHeard) {
  LeaderState state = led_by_one();
  EXPECT_FALSE(state.has_lost_quorum(three_voters(), kStart + 2999ms));
  EXPECT_TRUE(state.has_lost_quorum(three_voters(), kStart + 3s));
  state.heard(three_voters(), kFour, kStart + 1s);
  EXPECT_TRUE(state.has_lost_quorum(three_voters(), kStart + 3s)) << "an observer is no majority";
  state.heard(three_voters(), kThree, kStart + 1s);
  EXPECT_FALSE(state.has_lost_quorum(three_voters(), kStart + 3s)) << "with itself, two of three";
  EXPECT_TRUE(state.has_lost_quorum(three_voters(), kStart + 4s));
  EXPECT_EQ(state.quorum_lost_at({{kOne}}), kForever) << "alone, nobody is needed";
}

TEST(LeaderState, CaughtUpMeansHavingAllThereWasNotLongAgo) {
  LeaderState state = led_by_one();
  state.fetched(three_voters(), kFour, Offset{5}, Offset{20}, kStart);
  EXPECT_FALSE(state.is_caught_up(kFour, kStart, kWindow));
  state.fetched(three_voters(), kFour, Offset{20}, Offset{30}, kStart + 1s);
  EXPECT_TRUE(state.is_caught_up(kFour, kStart + 1s, kWindow)) << "all that there was at its fetch before";
  EXPECT_FALSE(state.is_caught_up(kFour, kStart + 3001ms, kWindow)) << "that fetch was at the start";
}

TEST(LeaderState, SuccessorsAreTheOthersByLog) {
  LeaderState state = led_by_one();
  state.fetched(three_voters(), kThree, Offset{18}, Offset{20}, kStart);
  state.fetched(three_voters(), kTwo, Offset{15}, Offset{20}, kStart);
  EXPECT_EQ(state.successors(three_voters()), (std::vector<VoterKey>{kThree, kTwo}));
}

}  // namespace
}  // namespace gregor::raft
