// KIP-853: voters are in force from the append of their record, and gone with it.
#include "raft/voter_history.h"

#include <gtest/gtest.h>

#include "tests/raft/support/driven.h"

namespace gregor::raft {
namespace {

TEST(VoterHistory, TruncationBringsTheFormerVotersBack) {
  VoterHistory history{three_voters()};
  EXPECT_EQ(history.latest_offset(), kNoOffset);
  history.append(Offset{5}, {{kOne}});
  history.append(Offset{8}, {{kTwo}});
  history.truncate(Offset{9});
  EXPECT_EQ(history.latest(), (VoterSet{{kTwo}})) << "its record stands at 8";
  history.truncate(Offset{8});
  EXPECT_EQ(history.latest(), (VoterSet{{kOne}}));
  history.truncate(Offset{0});
  EXPECT_EQ(history.latest(), three_voters()) << "what no record says is never truncated";
}

TEST(VoterHistory, ATrimKeepsWhatIsInForceAtTheStart) {
  VoterHistory history{three_voters()};
  history.append(Offset{5}, {{kOne}});
  history.append(Offset{8}, {{kTwo}});
  history.trim(Offset{7});
  history.truncate(Offset{8});
  EXPECT_EQ(history.latest(), (VoterSet{{kOne}}));
}

TEST(VoterHistory, ASnapshotSaysWhoVotesFromItsEndOn) {
  VoterHistory history{three_voters()};
  history.append(Offset{5}, {{kOne}});
  history.reset(Offset{20}, {{kFour}});
  EXPECT_EQ(history.latest(), (VoterSet{{kFour}}));
  EXPECT_EQ(history.latest_offset(), Offset{19});
}

}  // namespace
}  // namespace gregor::raft
