// KIP-101, KIP-279: where an epoch ended, asked of a history of epochs.
#include "base/epoch_history.h"

#include <gtest/gtest.h>

namespace gregor {
namespace {

constexpr EpochEntry kThree[] = {
    {LeaderEpoch{1}, Offset{5}}, {LeaderEpoch{3}, Offset{10}}, {LeaderEpoch{4}, Offset{20}}};
constexpr Offset kEnd{30};

TEST(EpochHistory, TheLatestEpochEndsWithTheLog) {
  EXPECT_EQ(end_of_epoch(kThree, LeaderEpoch{4}, kEnd), (EpochEnd{LeaderEpoch{4}, kEnd}));
  EXPECT_EQ(latest_epoch(kThree), LeaderEpoch{4});
}

TEST(EpochHistory, AnEpochWithoutRecordsIsAnsweredWithTheOneBelowIt) {
  EXPECT_EQ(end_of_epoch(kThree, LeaderEpoch{2}, kEnd), (EpochEnd{LeaderEpoch{1}, Offset{10}}));
  EXPECT_EQ(end_of_epoch(kThree, LeaderEpoch{0}, kEnd), (EpochEnd{LeaderEpoch{0}, Offset{5}}));
}

TEST(EpochHistory, NothingIsKnownOfLaterEpochsNorWithoutAHistory) {
  EXPECT_FALSE(end_of_epoch(kThree, LeaderEpoch{5}, kEnd).is_known());
  EXPECT_FALSE(end_of_epoch(kThree, kNoLeaderEpoch, kEnd).is_known());
  EXPECT_FALSE(end_of_epoch({}, LeaderEpoch{1}, kEnd).is_known());
  EXPECT_EQ(latest_epoch({}), kNoLeaderEpoch);
}

TEST(EpochHistory, TheEpochOfARecordIsTheLastThatBeganAtOrBelowIt) {
  EXPECT_EQ(epoch_at(kThree, Offset{4}), std::nullopt);
  EXPECT_EQ(epoch_at(kThree, Offset{9}), LeaderEpoch{1});
  EXPECT_EQ(epoch_at(kThree, Offset{10}), LeaderEpoch{3});
}

}  // namespace
}  // namespace gregor
