// For each judgement of log starts one small bad history that must fail, and one good one that passes.
#include <gtest/gtest.h>

#include "properties/finally/histories.h"

namespace gregor::properties {
namespace {

const HistoryPartition kOrders{"orders", 0};
MonotonicTime at(int ms) {
  return MonotonicTime{Milliseconds(ms)};
}

template <class Judge>
std::string broken_by(Judge judge, const History& history) {
  Verdict verdict;
  judge(history, verdict);
  return verdict.holds() ? "" : verdict.violations().front().invariant;
}

TEST(LogStartHistories, OnlyWhatLiesBelowTheLogStartIsOutOfRange) {
  History history;
  history.log_start_moves = {{kOrders, Offset{10}, at(5)}};
  history.out_of_range = {{kOrders, Offset{9}, at(6)}};
  EXPECT_EQ(broken_by(readers_meet_the_log_start, history), "");
  history.out_of_range = {{kOrders, Offset{10}, at(6)}};
  EXPECT_EQ(broken_by(readers_meet_the_log_start, history), "R10");
  history.losses.push_back({at(4), "power loss", false});
  EXPECT_EQ(broken_by(readers_meet_the_log_start, history), "") << "what the reader had seen may be lost";
  history.losses.clear();
  history.out_of_range = {{kOrders, Offset{9}, at(4)}};
  EXPECT_EQ(broken_by(readers_meet_the_log_start, history), "R10") << "the log began above it later only";
}

TEST(LogStartHistories, NothingBelowTheLogStartIsServed) {
  History history;
  history.log_start_moves = {{kOrders, Offset{10}, at(5)}};
  history.reads = {{.partition = kOrders, .offset = Offset{9}, .value = 1, .at = at(9), .asked = at(4)}};
  EXPECT_EQ(broken_by(readers_meet_the_log_start, history), "") << "asked before the move";
  history.reads[0].asked = at(8);
  EXPECT_EQ(broken_by(readers_meet_the_log_start, history), "S6");
  history.reads[0].offset = Offset{10};
  EXPECT_EQ(broken_by(readers_meet_the_log_start, history), "");
}

TEST(LogStartHistories, ALogThatBeganAgainBelowServesFromThere) {
  History history;
  history.log_start_moves = {{kOrders, Offset{10}, at(5)}, {kOrders, Offset{7}, at(8)}};
  history.reads = {{.partition = kOrders, .offset = Offset{9}, .value = 1, .at = at(9), .asked = at(6)}};
  EXPECT_EQ(broken_by(readers_meet_the_log_start, history), "") << "asked before the crash, answered after it";
  history.reads[0].at = at(7);
  EXPECT_EQ(broken_by(readers_meet_the_log_start, history), "S6");
  history.reads[0] = {.partition = kOrders, .offset = Offset{6}, .value = 1, .at = at(9), .asked = at(6)};
  EXPECT_EQ(broken_by(readers_meet_the_log_start, history), "S6");
}

TEST(LogStartHistories, WhatWasDeletedStaysDeleted) {
  History history;
  history.deletions = {{kOrders, Offset{10}, at(5)}};
  history.final_log[kOrders] = {{.partition = kOrders, .offset = Offset{10}, .value = 1, .at = at(9)}};
  EXPECT_EQ(broken_by(deleted_records_stay_deleted, history), "");
  history.final_log[kOrders][0].offset = Offset{9};
  EXPECT_EQ(broken_by(deleted_records_stay_deleted, history), "S6");
}

}  // namespace
}  // namespace gregor::properties
