// KIP-853: a voter is its id and its directory; a static list knows ids alone.
#include <gtest/gtest.h>

#include "raft/voters.h"
#include "tests/raft/support/driven.h"

namespace gregor::raft {
namespace {

TEST(VoterSet, AnotherDirectoryIsAnotherVoter) {
  const VoterSet voters = three_voters();
  EXPECT_NE(find_voter(voters, kTwo), nullptr);
  EXPECT_EQ(find_voter(voters, VoterKey{kTwo.id, Uuid{9, 9}}), nullptr);
  EXPECT_EQ(find_voter(voters, kFour), nullptr);
  EXPECT_NE(find_voter(voters, kTwo.id), nullptr);
}

TEST(VoterSet, AStaticListTakesAnyDirectory) {
  const VoterSet voters{{kTwo.id, Uuid{}}};
  EXPECT_NE(find_voter(voters, kTwo), nullptr);
  EXPECT_TRUE(is_same_voter({kTwo.id, {}}, kTwo));
  EXPECT_FALSE(is_same_voter(kTwo, {kTwo.id, {}})) << "who hides its directory is not the one that is listed";
}

TEST(VoterSet, AMajorityIsMoreThanHalf) {
  VoterSet voters;
  for (const std::size_t needed : {1, 2, 2, 3, 3, 4, 4}) {
    voters.push_back({NodeId{static_cast<int>(voters.size())}, Uuid{}});
    EXPECT_EQ(majority_of(voters), needed) << voters.size();
  }
}

TEST(VoterSet, StaysSortedAndDistinct) {
  VoterSet voters = with_voter(without_voter(three_voters(), kTwo.id), {kFour});
  voters = with_voter(voters, {kTwo.id, Uuid{9, 9}});
  EXPECT_EQ(voters, (VoterSet{{kOne}, {kTwo.id, Uuid{9, 9}}, {kThree}, {kFour}}));
  voters = with_voter(voters, {kTwo});
  EXPECT_EQ(voters.size(), 4U) << "one of an id";
}

}  // namespace
}  // namespace gregor::raft
