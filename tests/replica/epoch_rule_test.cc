// KIP-101, KIP-279, KIP-320: where two logs part.
#include "replica/epoch_rule.h"

#include <gtest/gtest.h>

#include <vector>

namespace gregor::replica {
namespace {

using History = std::vector<EpochEntry>;

EpochEntry entry(std::int32_t epoch, std::int64_t start) {
  return {LeaderEpoch{epoch}, Offset{start}};
}
LogView view(std::int64_t start, std::int64_t end, const History& history) {
  return {Offset{start}, Offset{end}, history};
}
EpochEnd end_at(std::int32_t epoch, std::int64_t end) {
  return {LeaderEpoch{epoch}, Offset{end}};
}

const History kLeader{entry(1, 0), entry(3, 10), entry(5, 20)};

TEST(EpochRule, AReaderAtTheEndOfAKnownEpochAgrees) {
  EXPECT_TRUE(judge_position(view(0, 30, kLeader), {Offset{20}, LeaderEpoch{3}}).agrees());
  EXPECT_TRUE(judge_position(view(0, 30, kLeader), {Offset{30}, LeaderEpoch{5}}).agrees());
  EXPECT_TRUE(judge_position(view(0, 30, kLeader), {Offset{4}}).agrees()) << "who names no epoch is not compared";
}

TEST(EpochRule, AReaderBeyondTheEndOfItsEpochDivergesThere) {
  EXPECT_EQ(judge_position(view(0, 30, kLeader), {Offset{25}, LeaderEpoch{3}}).diverging, end_at(3, 20));
}

TEST(EpochRule, AnEpochThatTheLeaderDoesNotKnowDivergesAtTheOneBelow) {
  EXPECT_EQ(judge_position(view(0, 30, kLeader), {Offset{15}, LeaderEpoch{4}}).diverging, end_at(3, 20));
}

TEST(EpochRule, BelowTheLogsStartTheOffsetIsOutOfRangeWhateverTheEpoch) {
  const History history{entry(3, 12), entry(5, 20)};
  EXPECT_EQ(judge_position(view(12, 30, history), {Offset{11}, LeaderEpoch{4}}).verdict,
            ReplicaVerdict::offset_out_of_range);
}

TEST(EpochRule, BeyondTheLogsEndWithoutAnEpochTheOffsetIsOutOfRange) {
  EXPECT_EQ(judge_position(view(0, 30, kLeader), {Offset{31}}).verdict, ReplicaVerdict::offset_out_of_range);
  EXPECT_EQ(judge_position(view(0, 30, kLeader), {Offset{9}, LeaderEpoch{7}}).verdict,
            ReplicaVerdict::offset_out_of_range)
      << "nothing is known of a later epoch";
}

TEST(EpochRule, AFollowerCutsToTheLesserEndOfASharedEpoch) {
  const History own{entry(1, 0), entry(3, 10)};
  EXPECT_EQ(truncation_offset(view(0, 25, own), end_at(3, 20)), Offset{20});
  EXPECT_EQ(truncation_offset(view(0, 15, own), end_at(3, 20)), Offset{15});
}

TEST(EpochRule, AFollowerThatDoesNotKnowTheEpochCutsToWhatItHasBelowItAndAsksOn) {
  const History own{entry(1, 0), entry(4, 12)};
  EXPECT_EQ(truncation_offset(view(0, 25, own), end_at(3, 20)), Offset{12}) << "3 has no records here";
}

TEST(EpochRule, WhereNothingIsSharedTheLeadersWordCounts) {
  EXPECT_EQ(truncation_offset(view(0, 25, {}), end_at(3, 20)), Offset{20});
}

TEST(EpochRule, RoundsOfCutsReachTheLastCommonRecord) {
  // Three elections in a row: F wrote in 2 and 4, the leader in 3 and 5; common is epoch 1 up to 10.
  const History leader{entry(1, 0), entry(3, 10), entry(5, 14)};
  History own{entry(1, 0), entry(2, 10), entry(4, 13)};
  Offset end{18};
  int rounds = 0;
  for (; rounds < 5; ++rounds) {
    const auto ruling = judge_position(view(0, 20, leader), {end, own.back().epoch});
    if (!ruling.diverging) break;
    end = truncation_offset({Offset{0}, end, own}, *ruling.diverging);
    while (own.back().start_offset >= end) own.pop_back();
  }
  EXPECT_EQ(end, Offset{10});
  EXPECT_EQ(rounds, 2);
}

TEST(EpochRule, WhatEndedBelowTheLeadersHistoryIsComparedOnlyOnceTheFollowersLogStartsThereToo) {
  const History leader{entry(6, 33)};
  EXPECT_FALSE(has_compared(view(33, 34, leader), {Offset{33}, LeaderEpoch{5}}, Offset{2}));
  EXPECT_TRUE(has_compared(view(33, 34, leader), {Offset{33}, LeaderEpoch{5}}, Offset{33}));
  EXPECT_TRUE(has_compared(view(33, 34, leader), {Offset{34}, LeaderEpoch{6}}, Offset{2}));
}

}  // namespace
}  // namespace gregor::replica
