// What is owed to readers of compacted topics, and that the judge sees when it is not given.
#include <gtest/gtest.h>

#include "properties/finally/histories.h"

namespace gregor::properties {
namespace {

const HistoryPartition kTopic{"compacted-0", 0};

MonotonicTime at(std::int64_t ms) {
  return MonotonicTime{std::chrono::milliseconds(ms)};
}

/// Key a at 0, 2 and 4, key b at 1; each acknowledged a millisecond later.
History four_writes() {
  History history;
  const auto write = [&](const char* key, ValueId value, std::int64_t offset) {
    history.keyed_writes.push_back({kTopic, key, value, Offset{offset}, at(offset + 1)});
  };
  write("a", 1, 0);
  write("b", 2, 1);
  write("a", 3, 2);
  write("a", 4, 4);
  return history;
}
bool holds(History history, std::vector<KeyedRead::Record> records, std::int64_t begun_ms = 100) {
  history.keyed_reads.push_back({kTopic, at(begun_ms), at(begun_ms + 5), std::move(records)});
  Verdict verdict;
  compacted_logs_keep_last_values(history, verdict);
  return verdict.holds();
}

TEST(CompactedLogs, MayLoseEverythingButTheLastOfEachKey) {
  EXPECT_TRUE(
      holds(four_writes(), {{Offset{0}, "a", 1}, {Offset{1}, "b", 2}, {Offset{2}, "a", 3}, {Offset{4}, "a", 4}}));
  EXPECT_TRUE(holds(four_writes(), {{Offset{1}, "b", 2}, {Offset{4}, "a", 4}}));
  EXPECT_FALSE(holds(four_writes(), {{Offset{1}, "b", 2}, {Offset{2}, "a", 3}}));
  EXPECT_FALSE(holds(four_writes(), {{Offset{4}, "a", 4}}));
}

TEST(CompactedLogs, OweNothingThatWasAcknowledgedAfterTheReaderBegan) {
  EXPECT_TRUE(holds(four_writes(), {{Offset{1}, "b", 2}, {Offset{2}, "a", 3}}, 3));
}

TEST(CompactedLogs, KeepOffsetsAndOrder) {
  EXPECT_FALSE(holds(four_writes(), {{Offset{1}, "b", 2}, {Offset{5}, "a", 4}}));
  EXPECT_FALSE(holds(four_writes(), {{Offset{4}, "a", 4}, {Offset{1}, "b", 2}}));
}

TEST(CompactedLogs, HoldWhatWasWrittenAlone) {
  EXPECT_FALSE(holds(four_writes(), {{Offset{1}, "b", 2}, {Offset{4}, "a", 4}, {Offset{5}, "c", 9}}));
  EXPECT_FALSE(holds(four_writes(), {{Offset{1}, "a", 2}, {Offset{4}, "a", 4}}));
}

TEST(CompactedLogs, AWriteWithoutAnAnswerMayStandInPlaceOfTheLast) {
  History history = four_writes();
  history.keyed_writes.push_back({kTopic, "a", 5, kNoOffset, {}});
  EXPECT_TRUE(holds(history, {{Offset{1}, "b", 2}, {Offset{6}, "a", 5}}));
  EXPECT_TRUE(holds(history, {{Offset{1}, "b", 2}, {Offset{4}, "a", 4}}));
}

}  // namespace
}  // namespace gregor::properties
