// For each judgement one small bad history that must fail, and one good one that passes them all.
#include "properties/finally/histories.h"

#include <gtest/gtest.h>

namespace gregor::properties {
namespace {

const HistoryPartition kOrders{"orders", 0};
MonotonicTime at(int ms) {
  return MonotonicTime{Milliseconds(ms)};
}

Sent acked(ValueId value, std::int64_t offset, int ms = 1) {
  return {.client = 1,
          .partition = kOrders,
          .value = value,
          .acks = -1,
          .idempotent = true,
          .invoked = at(ms),
          .completed = at(ms + 1),
          .outcome = Outcome::acknowledged,
          .offset = Offset{offset}};
}
Read read_of(ValueId value, std::int64_t offset, int ms = 5) {
  return {.client = 2, .partition = kOrders, .offset = Offset{offset}, .value = value, .at = at(ms)};
}

History good() {
  History history;
  history.sent = {acked(10, 0), acked(11, 1)};
  history.reads = {read_of(10, 0), read_of(11, 1)};
  history.final_log[kOrders] = {read_of(10, 0, 9), read_of(11, 1, 9)};
  return history;
}

std::string first_broken(const History& history) {
  Verdict verdict;
  judge_history(history, verdict);
  return verdict.holds() ? "" : verdict.violations().front().invariant;
}

TEST(Histories, AGoodHistoryPassesEveryJudgement) {
  EXPECT_EQ(first_broken(good()), "");
}

TEST(Histories, AnAcknowledgedValueMustStandWhereItWasAcknowledged) {
  History gone = good();
  gone.reads.clear();
  gone.final_log[kOrders].pop_back();
  EXPECT_EQ(first_broken(gone), "R7");
  gone.losses.push_back({at(7), "power loss", false});
  EXPECT_EQ(first_broken(gone), "") << "a legal loss excuses what was sent before it";
}

TEST(Histories, TheFinalLogIsDense) {
  History gap = good();
  gap.sent.pop_back();
  gap.reads.pop_back();
  gap.final_log[kOrders].pop_back();
  gap.final_log[kOrders].push_back(read_of(10, 2, 9));
  EXPECT_EQ(first_broken(gap), "R8");
}

TEST(Histories, AValueOfAnIdempotentProducerStandsOnce) {
  History twice = good();
  twice.final_log[kOrders].push_back(read_of(11, 2, 9));
  EXPECT_EQ(first_broken(twice), "P1");
}

TEST(Histories, NothingStandsThatWasRefusedOrNeverSent) {
  History refused = good();
  Sent sent = acked(12, -1);
  sent.outcome = Outcome::refused;
  refused.sent.push_back(sent);
  refused.final_log[kOrders].push_back(read_of(12, 2, 9));
  EXPECT_EQ(first_broken(refused), "R7");
  History invented = good();
  invented.final_log[kOrders].push_back(read_of(99, 2, 9));
  EXPECT_EQ(first_broken(invented), "S4");
}

TEST(Histories, WhatWasSentToOneLifeOfATopicStandsInNoOther) {
  const HistoryPartition former{"orders", 0, Uuid{1, 1}};
  const HistoryPartition latter{"orders", 0, Uuid{2, 2}};
  History mixed;
  Sent sent = acked(10, 0);
  sent.partition = former;
  sent.outcome = Outcome::unknown;
  mixed.sent.push_back(sent);
  Read read = read_of(10, 0, 9);
  read.partition = latter;
  mixed.final_log[latter] = {read};
  EXPECT_EQ(first_broken(mixed), "S7");
  mixed.sent.front().is_of_any_life = true;
  EXPECT_EQ(first_broken(mixed), "") << "by its name, and nobody knows which one bore it then";
}

TEST(Histories, AnOffsetNeverReadsAsTwoValues) {
  History changed = good();
  changed.reads.push_back({.client = 3, .partition = kOrders, .offset = Offset{0}, .value = 11, .at = at(6)});
  EXPECT_EQ(first_broken(changed), "R1");
}

TEST(Histories, WhatWasReadStandsAtTheEnd) {
  History vanished = good();
  vanished.sent.back().outcome = Outcome::unknown;
  vanished.final_log[kOrders].pop_back();
  EXPECT_EQ(first_broken(vanished), "R10");
}

TEST(Histories, AReaderNeverSkipsAnOffset) {
  History skipped = good();
  skipped.sent.push_back(acked(12, 2, 3));
  skipped.final_log[kOrders].push_back(read_of(12, 2, 9));
  skipped.reads = {read_of(10, 0), read_of(12, 2)};
  EXPECT_EQ(first_broken(skipped), "R10");
}

TEST(Histories, AcknowledgedValuesStandInTheOrderTheyWereSent) {
  History swapped = good();
  swapped.reads.clear();
  swapped.sent = {acked(10, 1), acked(11, 0)};
  swapped.final_log[kOrders] = {read_of(11, 0, 9), read_of(10, 1, 9)};
  EXPECT_EQ(first_broken(swapped), "P2");
}

}  // namespace
}  // namespace gregor::properties
