// What the committed log says of replicas that agree with it, and of such that do not.
#include "properties/always/committed_log.h"

#include <gtest/gtest.h>

namespace gregor::properties {
namespace {

GhostLog::Batch batch(std::int64_t base, std::int64_t last, std::uint32_t crc = 7) {
  return {.base = Offset{base},
          .last = Offset{last},
          .crc = crc,
          .producer = kNoProducerId,
          .epoch = ProducerEpoch{-1},
          .first_sequence = Sequence{-1},
          .leader_epoch = LeaderEpoch{0}};
}

GhostLog::Partition log_of(std::vector<GhostLog::Batch> batches) {
  GhostLog::Partition log;
  log.log_end = batches.empty() ? Offset{0} : batches.back().last + 1;
  log.batches = std::move(batches);
  return log;
}

struct Committed {
  Committed() { log.extend(log_of({batch(0, 1), batch(2, 2), batch(3, 5)}), Offset{6}); }
  std::string difference(const GhostLog::Partition& replica, std::int64_t end) const {
    std::size_t matched = 0;
    return log.difference(&replica, Offset{end}, matched);
  }
  CommittedLog log;
};

TEST(CommittedLogTest, TakesOverWhatIsWholeBelowTheEnd) {
  CommittedLog log;
  EXPECT_EQ(log.extend(log_of({batch(0, 1), batch(2, 5)}), Offset{2}).size(), 1U);
  EXPECT_EQ(log.end(), Offset{2});
  EXPECT_EQ(log.extend(log_of({batch(0, 1), batch(2, 5)}), Offset{6}).size(), 1U);
  ASSERT_NE(log.find(Offset{2}), nullptr);
  EXPECT_EQ(log.find(Offset{1}), nullptr);
}

TEST(CommittedLogTest, AReplicaMayHoldMoreAndOwesNothingAboveTheEnd) {
  const Committed c;
  EXPECT_EQ(c.difference(log_of({batch(0, 1), batch(2, 2), batch(3, 5), batch(6, 6)}), 6), "");
  EXPECT_EQ(c.difference(log_of({batch(0, 1)}), 2), "");
  EXPECT_NE(c.difference(log_of({batch(0, 1)}), 6), "");
  EXPECT_NE(c.difference(log_of({batch(0, 1), batch(2, 2, 8)}), 3), "");
}

TEST(CommittedLogTest, WhatLiesBelowTheLogStartOrWasCompactedIsNotAskedFor) {
  Committed c;
  GhostLog::Partition trimmed = log_of({batch(3, 5)});
  EXPECT_NE(c.difference(trimmed, 6), "");
  trimmed.log_start = Offset{3};
  EXPECT_EQ(c.difference(trimmed, 6), "");
  const GhostLog::Partition compacted = log_of({batch(2, 2), batch(3, 5)});
  EXPECT_NE(c.difference(compacted, 6), "");
  c.log.compacted_below(Offset{2});
  EXPECT_EQ(c.difference(compacted, 6), "");
}

TEST(CommittedLogTest, ALogThatIsNotThereHoldsNothing) {
  const Committed c;
  std::size_t matched = 0;
  EXPECT_EQ(c.log.difference(nullptr, Offset{0}, matched), "");
  EXPECT_NE(c.log.difference(nullptr, Offset{1}, matched), "");
}

}  // namespace
}  // namespace gregor::properties
