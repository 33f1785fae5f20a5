// Judgements on transactions: each passes a good history and fails one that was bent in one place.
#include <gtest/gtest.h>

#include "properties/finally/histories.h"

namespace gregor::properties {
namespace {

using Fate = Transaction::Fate;

const HistoryPartition kOrders{"orders", 0};

MonotonicTime at(int ms) {
  return MonotonicTime{} + Milliseconds(ms);
}

Transaction transaction(ValueId value, std::int64_t offset, Fate fate) {
  Transaction made{.partition = kOrders, .producer = ProducerId{1}};
  made.values.push_back({value, Offset{offset}});
  made.fate = fate;
  made.decided = at(5);
  made.is_acknowledged = fate != Fate::open;
  return made;
}

Read read_of(ValueId value, std::int64_t offset, int ms) {
  return {0, kOrders, Offset{offset}, value, at(ms), at(ms)};
}

StableOffset told(std::int64_t stable, std::int64_t end, int ms, std::int64_t start = 0) {
  return {kOrders, Offset{stable}, Offset{end}, Offset{start}, at(ms), at(ms)};
}

/// Value 10 at 0 committed, 11 at 1 aborted.
History good() {
  History history;
  history.transactions = {transaction(10, 0, Fate::committed), transaction(11, 1, Fate::aborted)};
  history.committed_reads = {read_of(10, 0, 6)};
  history.final_committed[kOrders] = {read_of(10, 0, 9)};
  history.stable_offsets = {told(0, 2, 1), told(4, 4, 7), told(4, 4, 9)};
  history.stable_offsets.back().is_final = true;
  return history;
}

std::string first_broken(const History& history) {
  Verdict verdict;
  judge_history(history, verdict);
  return verdict.holds() ? "" : verdict.violations().front().invariant;
}

TEST(Transactions, AGoodHistoryPasses) {
  EXPECT_EQ(first_broken(good()), "");
}

TEST(Transactions, NobodyReadsWhatIsAbortedOrOpen) {
  History aborted = good();
  aborted.committed_reads.push_back(read_of(11, 1, 8));
  EXPECT_EQ(first_broken(aborted), "T2");
  History early = good();
  early.committed_reads[0] = read_of(10, 0, 4);
  EXPECT_EQ(first_broken(early), "T2") << "before anyone asked for its end";
  History at_the_end = good();
  at_the_end.final_committed[kOrders].push_back(read_of(11, 1, 9));
  EXPECT_EQ(first_broken(at_the_end), "T2");
  History foreign = good();
  foreign.committed_reads.push_back(read_of(99, 1, 8));
  EXPECT_EQ(first_broken(foreign), "S4");
}

TEST(Transactions, WhatIsCommittedStandsAndOnce) {
  History gone = good();
  gone.final_committed[kOrders].clear();
  EXPECT_EQ(first_broken(gone), "T1");
  gone.stable_offsets.back().log_start = Offset{1};
  EXPECT_EQ(first_broken(gone), "") << "unless it was deleted";
  History twice = good();
  twice.final_committed[kOrders].push_back(read_of(10, 3, 9));
  EXPECT_EQ(first_broken(twice), "P1");
  History unknown = good();
  unknown.final_committed[kOrders].clear();
  unknown.transactions[0].is_acknowledged = false;
  EXPECT_EQ(first_broken(unknown), "");
}

TEST(Transactions, StableOffsetsRiseToTheHighWatermark) {
  History fell = good();
  fell.stable_offsets[1].last_stable = Offset{5};
  fell.stable_offsets[1].high_watermark = Offset{5};
  EXPECT_EQ(first_broken(fell), "T4");
  History beyond = good();
  beyond.stable_offsets[0].last_stable = Offset{3};
  EXPECT_EQ(first_broken(beyond), "T4");
  History stuck = good();
  stuck.stable_offsets.back().high_watermark = Offset{6};
  EXPECT_EQ(first_broken(stuck), "T4");
}

TEST(Transactions, WhatWasDeletedStaysDeleted) {
  History back = good();
  back.deletions.push_back({kOrders, Offset{1}, at(8)});
  EXPECT_EQ(first_broken(back), "S6");
  back.stable_offsets.back().log_start = Offset{1};
  back.final_committed[kOrders].clear();
  EXPECT_EQ(first_broken(back), "");
}

TEST(Transactions, NoLateMarkerIsAccepted) {
  History late = good();
  late.late_markers.push_back({.partition = kOrders, .is_accepted = false, .at = at(3)});
  EXPECT_EQ(first_broken(late), "");
  late.late_markers[0].is_accepted = true;
  EXPECT_EQ(first_broken(late), "T3");
}

}  // namespace
}  // namespace gregor::properties
