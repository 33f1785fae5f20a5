// INVARIANTS 61: an answer counts once, from whom it was asked, to the request that is under way.
#include "raft/round.h"

#include <gtest/gtest.h>

#include "tests/raft/support/driven.h"

namespace gregor::raft {
namespace {

constexpr MonotonicTime kStart{};
constexpr MonotonicTime kLater = kStart + std::chrono::seconds(1);

TEST(Round, AsksAllButOneself) {
  const Round round(three_voters(), kOne, kStart);
  EXPECT_EQ(round.due(kStart), (std::vector<VoterKey>{kTwo, kThree}));
}

TEST(Round, CountsOnlyTheAnswerToTheRequestUnderWay) {
  Round round(three_voters(), kOne, kStart);
  round.asked(kTwo, RequestId{1}, kLater);
  round.asked(kTwo, RequestId{2}, kLater);
  EXPECT_FALSE(round.answered(RequestId{1}, kTwo.id, Round::Answer::yes)) << "asked again since";
  EXPECT_FALSE(round.answered(RequestId{2}, kThree.id, Round::Answer::yes)) << "of another node";
  EXPECT_TRUE(round.answered(RequestId{2}, kTwo.id, Round::Answer::yes));
  EXPECT_FALSE(round.answered(RequestId{2}, kTwo.id, Round::Answer::no)) << "twice";
  EXPECT_EQ(round.count(Round::Answer::yes), 1U);
}

TEST(Round, AsksAgainWhoDidNotAnswer) {
  Round round(three_voters(), kOne, kStart);
  round.asked(kTwo, RequestId{1}, kLater);
  round.asked(kThree, RequestId{2}, kLater);
  EXPECT_EQ(round.next_due(), kLater);
  round.failed(RequestId{1}, kStart);
  EXPECT_EQ(round.due(kStart), (std::vector<VoterKey>{kTwo}));
  round.answered(RequestId{2}, kThree.id, Round::Answer::no);
  EXPECT_EQ(round.due(kLater), (std::vector<VoterKey>{kTwo}));
  round.put_off(kTwo, kLater);
  EXPECT_TRUE(round.due(kStart).empty());
}

}  // namespace
}  // namespace gregor::raft
