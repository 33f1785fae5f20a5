// KIP-101: where did that epoch end? And what a truncation, a snapshot and a trim leave of the answer.
#include "raft/epoch_list.h"

#include <gtest/gtest.h>

namespace gregor::raft {
namespace {

/// Epoch 1 at 0..3, epoch 3 at 4..5, epoch 4 at 6..9.
EpochList three_epochs() {
  EpochList log;
  log.append(LeaderEpoch{1}, Offset{4});
  log.append(LeaderEpoch{3}, Offset{6});
  log.append(LeaderEpoch{4}, Offset{8});
  log.append(LeaderEpoch{4}, Offset{10});
  return log;
}
OffsetAndEpoch at(std::int64_t offset, int epoch) {
  return {Offset{offset}, LeaderEpoch{epoch}};
}

TEST(EpochList, AnEpochEndsWhereTheNextBegins) {
  const EpochList log = three_epochs();
  EXPECT_EQ(log.end_of(LeaderEpoch{1}), at(4, 1));
  EXPECT_EQ(log.end_of(LeaderEpoch{2}), at(4, 1)) << "unknown here: the greatest below it";
  EXPECT_EQ(log.end_of(LeaderEpoch{3}), at(6, 3));
  EXPECT_EQ(log.end_of(LeaderEpoch{9}), at(10, 4));
  EXPECT_EQ(log.end_of(LeaderEpoch{0}), at(0, 0)) << "before all: the log's start";
  EXPECT_EQ(log.end_and_epoch(), at(10, 4));
}

TEST(EpochList, TheEpochBeforeAnOffsetIsThatOfTheRecordBefore) {
  const EpochList log = three_epochs();
  EXPECT_EQ(log.epoch_before(Offset{0}), LeaderEpoch{0});
  EXPECT_EQ(log.epoch_before(Offset{4}), LeaderEpoch{1});
  EXPECT_EQ(log.epoch_before(Offset{5}), LeaderEpoch{3});
  EXPECT_EQ(log.epoch_before(Offset{10}), LeaderEpoch{4});
}

TEST(EpochList, TruncationTakesTheEpochsThatBeganBeyond) {
  EpochList log = three_epochs();
  log.truncate(Offset{6});
  EXPECT_EQ(log.end_and_epoch(), at(6, 3));
  log.truncate(Offset{5});
  EXPECT_EQ(log.end_and_epoch(), at(5, 3));
  log.truncate(Offset{0});
  EXPECT_EQ(log.end_and_epoch(), at(0, 0));
}

TEST(EpochList, ATrimmedLogBeginsWithItsSnapshotsEpoch) {
  EpochList log = three_epochs();
  log.trim(at(5, 3));
  EXPECT_EQ(log.end_of(LeaderEpoch{3}), at(6, 3));
  EXPECT_EQ(log.end_of(LeaderEpoch{2}), at(5, 2)) << "not in the log any more";
  EXPECT_EQ(log.epoch_before(Offset{5}), LeaderEpoch{3});
  log.trim(at(10, 4));
  EXPECT_TRUE(log.entries().empty());
  EXPECT_EQ(log.last_epoch(), LeaderEpoch{4});
  log.append(LeaderEpoch{4}, Offset{11});
  EXPECT_EQ(log.end_of(LeaderEpoch{4}), at(11, 4));
}

TEST(EpochList, UpToDateMeansALaterEpochOrAsLongALog) {
  EXPECT_TRUE(is_up_to_date(at(1, 5), at(9, 4)));
  EXPECT_TRUE(is_up_to_date(at(9, 4), at(9, 4)));
  EXPECT_FALSE(is_up_to_date(at(8, 4), at(9, 4)));
  EXPECT_FALSE(is_up_to_date(at(100, 3), at(9, 4)));
}

TEST(EpochListDeathTest, AnEpochNeverFalls) {
  EpochList log = three_epochs();
  EXPECT_DEATH(log.append(LeaderEpoch{3}, Offset{11}), "epoch >= last_epoch");
}

}  // namespace
}  // namespace gregor::raft
