// Each rule of the ghost log is shown one small history that breaks it, and one that does not.
#include "properties/always/ghost_log.h"

#include <gtest/gtest.h>

namespace gregor::properties {
namespace {

using observe::BatchAppended;
using observe::FetchAnswered;
using observe::HighWatermarkMoved;
using observe::LogFlushed;
using observe::LogOpened;
using observe::LogTruncated;
using observe::ProduceAcknowledged;

const TopicPartition kPartition{"orders", Uuid{1, 2}, PartitionIndex{0}};

struct Watched {
  explicit Watched(bool flush_first = false)
      : ghost({.flush_before_acknowledge = flush_first}, verdict, [] { return MonotonicTime{}; }) {
    ghost.on(LogOpened{kPartition, Offset{0}, Offset{0}, 0});
  }
  void append(std::int64_t base, std::int64_t last, std::uint32_t crc = 7, std::int64_t producer = -1,
              std::int32_t sequence = -1, std::int16_t epoch = 0) {
    ghost.on(BatchAppended{kPartition, Offset{base}, Offset{last}, LeaderEpoch{0}, crc, ProducerId{producer},
                           ProducerEpoch{epoch}, Sequence{sequence}});
  }
  void acknowledge(std::int64_t base, std::int64_t last, std::uint32_t crc = 7, bool duplicate = false) {
    ghost.on(ProduceAcknowledged{kPartition, Offset{base}, Offset{last}, crc, -1, duplicate});
  }
  void high_watermark(std::int64_t to) { ghost.on(HighWatermarkMoved{kPartition, Offset{to}}); }
  std::string first_broken() const { return verdict.holds() ? "" : verdict.violations().front().invariant; }

  Verdict verdict;
  GhostLog ghost;
};

TEST(GhostLog, AQuietLifeBreaksNothing) {
  Watched node(true);
  node.append(0, 4, 7, 9, 0);
  node.append(5, 5, 8, 9, 5);
  node.ghost.on(LogFlushed{kPartition, Offset{6}});
  node.high_watermark(6);
  node.acknowledge(0, 4);
  node.acknowledge(5, 5, 8);
  node.acknowledge(0, 4, 7, true);
  node.ghost.on(FetchAnswered{kPartition, Offset{0}, Offset{6}, Offset{6}});
  node.ghost.node_died(Death::power);
  node.ghost.on(LogOpened{kPartition, Offset{0}, Offset{6}, 0});
  EXPECT_TRUE(node.verdict.holds()) << node.verdict.violations().front().text;
}

TEST(GhostLog, AnOffsetIsNeverUsedTwice) {
  Watched node;
  node.append(0, 4);
  node.append(4, 6);
  EXPECT_EQ(node.first_broken(), "R8");
}

TEST(GhostLog, TheHighWatermarkNeverFallsNorPassesTheEnd) {
  Watched node;
  node.append(0, 4);
  node.high_watermark(5);
  node.high_watermark(4);
  EXPECT_EQ(node.first_broken(), "R5");
  Watched other;
  other.high_watermark(1);
  EXPECT_EQ(other.first_broken(), "R8");
}

TEST(GhostLog, NothingBelowTheHighWatermarkIsTruncated) {
  Watched node;
  node.append(0, 4);
  node.high_watermark(5);
  node.ghost.on(LogTruncated{kPartition, Offset{3}});
  EXPECT_EQ(node.first_broken(), "R5");
}

TEST(GhostLog, AnAcknowledgedBatchStandsInTheLogBelowTheHighWatermark) {
  Watched node;
  node.append(0, 4);
  node.acknowledge(0, 4);
  EXPECT_EQ(node.first_broken(), "R7");
  Watched other;
  other.acknowledge(0, 0);
  EXPECT_EQ(other.first_broken(), "R7");
}

TEST(GhostLog, AnAcknowledgementWaitsForTheFlushWhereThatIsPromised) {
  Watched node(true);
  node.append(0, 4);
  node.high_watermark(5);
  node.acknowledge(0, 4);
  EXPECT_EQ(node.first_broken(), "S2");
}

TEST(GhostLog, ADuplicateIsAcknowledgedWithTheOffsetsOfItsFirstCopy) {
  Watched node;
  node.append(0, 4, 7, 9, 0);
  node.high_watermark(5);
  node.acknowledge(1, 5, 7, true);
  EXPECT_EQ(node.first_broken(), "P3");
}

TEST(GhostLog, ASequenceStandsOnceAndFollowsTheLastOne) {
  Watched twice;
  twice.append(0, 4, 7, 9, 0);
  twice.append(5, 9, 7, 9, 0);
  EXPECT_EQ(twice.first_broken(), "P1");
  Watched gap;
  gap.append(0, 4, 7, 9, 0);
  gap.append(5, 9, 7, 9, 6);
  EXPECT_EQ(gap.first_broken(), "P2");
  Watched old_epoch;
  old_epoch.append(0, 0, 7, 9, 0, 1);
  old_epoch.append(1, 1, 7, 9, 1, 0);
  EXPECT_EQ(old_epoch.first_broken(), "P2");
}

TEST(GhostLog, SequencesWrapToZero) {
  Watched node;
  node.append(0, 1, 7, 9, 2147483646);
  node.append(2, 2, 7, 9, 0);
  EXPECT_TRUE(node.verdict.holds());
}

TEST(GhostLog, AFetchSeesNothingBeyondTheHighWatermark) {
  Watched node;
  node.append(0, 4);
  node.ghost.on(FetchAnswered{kPartition, Offset{0}, Offset{5}, Offset{5}});
  EXPECT_EQ(node.first_broken(), "R10");
}

TEST(GhostLog, AKilledProcessLosesNothingThatWasWritten) {
  Watched node;
  node.append(0, 4);
  node.ghost.node_died(Death::process);
  node.ghost.on(LogOpened{kPartition, Offset{0}, Offset{0}, 0});
  EXPECT_EQ(node.first_broken(), "S1");
}

TEST(GhostLog, PowerLossKeepsWhatWasFlushedAndWholeBatches) {
  Watched lost;
  lost.append(0, 4);
  lost.ghost.on(LogFlushed{kPartition, Offset{5}});
  lost.append(5, 9);
  lost.ghost.node_died(Death::power);
  lost.ghost.on(LogOpened{kPartition, Offset{0}, Offset{0}, 0});
  EXPECT_EQ(lost.first_broken(), "S1");
  Watched split;
  split.append(0, 4);
  split.ghost.node_died(Death::power);
  split.ghost.on(LogOpened{kPartition, Offset{0}, Offset{3}, 0});
  EXPECT_EQ(split.first_broken(), "S1");
}

TEST(GhostLog, OnlyTheMetadataLogMayBeginBehindASnapshotThatAFormerLifeFetched) {
  for (const bool is_metadata : {true, false}) {
    const TopicPartition log{is_metadata ? std::string(kMetadataTopic) : "orders", Uuid{0, 1}, PartitionIndex{0}};
    Watched node;
    node.ghost.on(LogOpened{log, Offset{0}, Offset{0}, 0});
    node.ghost.on(
        BatchAppended{log, Offset{0}, Offset{4}, LeaderEpoch{0}, 7, kNoProducerId, ProducerEpoch{-1}, Sequence{-1}});
    node.ghost.node_died(Death::power);
    node.ghost.on(LogOpened{log, Offset{0}, Offset{0}, 0});
    node.ghost.node_died(Death::process);
    node.ghost.on(LogOpened{log, Offset{9}, Offset{9}, 0});
    EXPECT_EQ(node.first_broken(), is_metadata ? "" : "S1");
  }
}

TEST(GhostLog, BehindAnEmptyDiskEveryLogBeginsEmpty) {
  Watched node;
  node.append(0, 4);
  node.ghost.on(LogFlushed{kPartition, Offset{5}});
  node.ghost.node_died(Death::replaced);
  node.ghost.on(LogOpened{kPartition, Offset{0}, Offset{0}, 0});
  node.append(0, 9);
  EXPECT_EQ(node.first_broken(), "");
  node.ghost.node_died(Death::replaced);
  node.ghost.on(LogOpened{kPartition, Offset{0}, Offset{10}, 0});
  EXPECT_EQ(node.first_broken(), "S7");
}

TEST(GhostLog, PowerLossBehindACleanEndCostsOnlyWhatThatLifeHadNotOpened) {
  Watched opened;
  opened.append(0, 4);
  EXPECT_FALSE(opened.ghost.has_unopened());
  opened.ghost.node_died(Death::machine);
  opened.ghost.on(LogOpened{kPartition, Offset{0}, Offset{0}, 0});
  EXPECT_EQ(opened.first_broken(), "S1");
  Watched unopened;
  unopened.append(0, 4);
  unopened.ghost.node_died(Death::process);
  EXPECT_TRUE(unopened.ghost.has_unopened());
  unopened.ghost.node_died(Death::machine);
  unopened.ghost.on(LogOpened{kPartition, Offset{0}, Offset{0}, 0});
  EXPECT_TRUE(unopened.verdict.holds());
}

TEST(GhostLog, OnlyAFollowerOfALeaderThatCompactsTakesOverGaps) {
  const auto with_gap = [](bool is_compacted, bool leads) {
    Verdict verdict;
    GhostLog ghost({.is_compacted = [is_compacted](const std::string&) { return is_compacted; }}, verdict,
                   [] { return MonotonicTime{}; });
    ghost.on(LogOpened{kPartition, Offset{0}, Offset{0}, 0});
    if (leads) ghost.on(observe::LeadershipBegan{kPartition, LeaderEpoch{0}});
    ghost.on(BatchAppended{kPartition, Offset{3}, Offset{3}, LeaderEpoch{0}, 7, kNoProducerId, ProducerEpoch{-1},
                           Sequence{-1}});
    return verdict.holds();
  };
  EXPECT_TRUE(with_gap(true, false));
  EXPECT_FALSE(with_gap(true, true)) << "who leads gives offsets one after the other";
  EXPECT_FALSE(with_gap(false, false));
}

TEST(GhostLog, WhoHasBegunAnewTakesOverGapsInWhatItOnceLed) {
  Verdict verdict;
  GhostLog ghost({.is_compacted = [](const std::string&) { return true; }}, verdict, [] { return MonotonicTime{}; });
  const auto append = [&](std::int64_t at) {
    ghost.on(BatchAppended{kPartition, Offset{at}, Offset{at}, LeaderEpoch{0}, 7, kNoProducerId, ProducerEpoch{-1},
                           Sequence{-1}});
  };
  ghost.on(LogOpened{kPartition, Offset{0}, Offset{0}, 0});
  ghost.on(observe::LeadershipBegan{kPartition, LeaderEpoch{0}});
  append(0);
  ghost.on(observe::LogBegunAnew{kPartition, Offset{0}});  // its replica was moved away, and back
  ghost.on(LogOpened{kPartition, Offset{0}, Offset{0}, 0});
  append(3);
  EXPECT_TRUE(verdict.holds());
}

TEST(GhostLog, WhatStoodInAGapOfAFollowerMayHaveBeenTheNextOfItsProducerInLaterLivesToo) {
  for (const std::int64_t log_end : {6, 9}) {  // 9: a segment was begun behind the next gap
    Verdict verdict;
    GhostLog ghost({.is_compacted = [](const std::string&) { return true; }}, verdict, [] { return MonotonicTime{}; });
    const auto append = [&](std::int64_t at, std::int64_t producer, std::int32_t sequence) {
      ghost.on(BatchAppended{kPartition, Offset{at}, Offset{at}, LeaderEpoch{0}, 7, ProducerId{producer},
                             ProducerEpoch{0}, Sequence{sequence}});
    };
    ghost.on(LogOpened{kPartition, Offset{0}, Offset{0}, 0});
    append(0, 9, 0);
    append(5, 8, 0);
    ghost.node_died(Death::process);
    ghost.on(LogOpened{kPartition, Offset{0}, Offset{log_end}, 0});
    append(log_end, 9, 3);
    EXPECT_TRUE(verdict.holds()) << verdict.violations().front().text;
    append(log_end + 1, 9, 5);
    EXPECT_FALSE(verdict.holds()) << "nothing is missing there";
  }
}

TEST(GhostLog, ALogThatWasBegunAnewOwesNothingUntilSomethingIsAppended) {
  Watched node;
  node.append(0, 4);
  node.high_watermark(5);
  node.ghost.on(observe::LogBegunAnew{kPartition, Offset{20}});
  node.ghost.node_died(Death::process);
  node.ghost.on(LogOpened{kPartition, Offset{18}, Offset{18}, 0});
  EXPECT_EQ(node.first_broken(), "") << "it was beginning elsewhere when it died";
  node.append(18, 18);
  node.ghost.node_died(Death::process);
  node.ghost.on(LogOpened{kPartition, Offset{18}, Offset{18}, 0});
  EXPECT_EQ(node.first_broken(), "S1");
}

}  // namespace
}  // namespace gregor::properties
