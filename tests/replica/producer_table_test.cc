// What a partition answers to idempotent and transactional producers.
// Source: ../shared/vectors/producer-state.jsonl, histories of Kafka 4.3.1; the rules themselves are KIP-98, KIP-360,
// KIP-890.
#include "replica/producer_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "record/batch_builder.h"

namespace gregor::replica {
namespace {

using nlohmann::json;

constexpr ProducerId kProducer{7};
constexpr ProducerEpoch kEpoch{0};

ProducerAppend batch(std::int32_t first, std::int32_t count, ProducerEpoch epoch = kEpoch,
                     bool is_transactional = false) {
  return {.producer_id = kProducer,
          .epoch = epoch,
          .first_sequence = Sequence{first},
          .last_sequence = record::advance_sequence(Sequence{first}, count - 1),
          .offset_delta = count - 1,
          .timestamp = WallTime{1000},
          .is_transactional = is_transactional};
}

EndMarker abort_of(ProducerId producer_id) {
  return {
      .producer_id = producer_id, .epoch = kEpoch, .coordinator_epoch = 0, .is_abort = true, .timestamp = WallTime{1}};
}

/// One partition that appends what its table accepts.
class Partition {
 public:
  ProducerVerdict send(const ProducerAppend& append) {
    last_ = table.judge(append, AppendOrigin::client);
    if (last_.verdict == ProducerVerdict::accepted && !last_.duplicate) {
      table.apply(append, end);
      end = end + append.offset_delta + 1;
    }
    return last_.verdict;
  }
  [[nodiscard]] bool was_duplicate() const { return last_.duplicate.has_value(); }

  ProducerTable table;
  Offset end{0};

 private:
  ProducerDecision last_;
};

// ---- Kafka's histories ----

struct Replayed {
  ProducerTable table;
  Offset end{0};
  std::vector<AbortedTransaction> aborted;
};

ProducerAppend append_of(const json& step) {
  const auto count = step["count"].get<std::int32_t>();
  const Sequence first{step["sequence"].get<std::int32_t>()};
  return {.producer_id = ProducerId{step["producerId"].get<std::int64_t>()},
          .epoch = ProducerEpoch{step["epoch"].get<std::int16_t>()},
          .first_sequence = first,
          .last_sequence = record::advance_sequence(first, count - 1),
          .offset_delta = count - 1,
          .timestamp = WallTime{1},
          .is_transactional = step["transactional"].get<bool>()};
}

void replay_batch(Replayed& log, const json& step) {
  const ProducerAppend append = append_of(step);
  const ProducerDecision decision = log.table.judge(append, AppendOrigin::client);
  ASSERT_EQ(name_of(decision.verdict), step["error"].get<std::string>());
  if (decision.verdict != ProducerVerdict::accepted) return;
  ASSERT_EQ(decision.duplicate.has_value(), step["duplicate"].get<bool>());
  const Offset first = decision.duplicate ? decision.duplicate->first_offset() : log.end;
  EXPECT_EQ(first.value(), step["firstOffset"].get<std::int64_t>());
  EXPECT_EQ((first + append.offset_delta).value(), step["lastOffset"].get<std::int64_t>());
  if (decision.duplicate) return;
  log.table.apply(append, log.end);
  log.end = log.end + append.offset_delta + 1;
}

void replay_marker(Replayed& log, const json& step) {
  const EndMarker marker{.producer_id = ProducerId{step["producerId"].get<std::int64_t>()},
                         .epoch = ProducerEpoch{step["epoch"].get<std::int16_t>()},
                         .coordinator_epoch = step["coordinatorEpoch"].get<std::int32_t>(),
                         .is_abort = step["append"] == "ABORT",
                         .timestamp = WallTime{1},
                         .transaction_version = step["transactionVersion"].get<std::int16_t>()};
  const ProducerVerdict verdict = log.table.judge(marker, AppendOrigin::client);
  ASSERT_EQ(name_of(verdict), step["error"].get<std::string>());
  if (verdict != ProducerVerdict::accepted) return;
  if (const auto aborted = log.table.apply(marker, log.end)) log.aborted.push_back(*aborted);
  ++log.end;
}

void replay(Replayed& log, const json& step) {
  step["append"] == "batch" ? replay_batch(log, step) : replay_marker(log, step);
  EXPECT_EQ(log.end.value(), step["logEndOffset"].get<std::int64_t>());
  log.table.raise_high_watermark(log.end);
  EXPECT_EQ(log.table.first_unstable_offset(log.end).value_or(log.end).value(),
            step["lastStableOffset"].get<std::int64_t>());
}

TEST(ProducerTable, AnswersEveryStepOfKafkasHistoriesAsKafkaDid) {
  const char* folder = std::getenv("GREGOR_VECTORS");
  std::ifstream in((folder != nullptr ? folder : std::string(GREGOR_SOURCE_DIR) + "/../shared/vectors") +
                   "/producer-state.jsonl");
  if (!in) GTEST_SKIP() << "no ../shared/vectors here";
  int histories = 0;
  int steps = 0;
  for (std::string line; std::getline(in, line); ++histories) {
    const json history = json::parse(line);
    SCOPED_TRACE(history["name"].get<std::string>());
    Replayed log;
    for (const json& step : history["steps"]) {
      SCOPED_TRACE("step " + std::to_string(steps++) + ": " + step.dump());
      replay(log, step);
      if (HasFatalFailure() || HasNonfatalFailure()) return;
    }
    const json& want = history["abortedTransactions"];
    ASSERT_EQ(log.aborted.size(), want.size());
    for (std::size_t i = 0; i < want.size(); ++i) {
      EXPECT_EQ(log.aborted[i].producer_id.value(), want[i]["producerId"].get<std::int64_t>());
      EXPECT_EQ(log.aborted[i].first_offset.value(), want[i]["firstOffset"].get<std::int64_t>());
      EXPECT_EQ(log.aborted[i].last_offset.value(), want[i]["lastOffset"].get<std::int64_t>());
      EXPECT_EQ(log.aborted[i].last_stable_offset.value(), want[i]["lastStableOffset"].get<std::int64_t>());
    }
  }
  std::cout << "producer-state.jsonl: " << histories << " histories, " << steps << " steps\n";
  EXPECT_EQ(histories, 60);
}

// ---- The rules, one by one ----

TEST(ProducerTable, TheLastFiveBatchesAreDuplicatesAndAnOlderOneIsOutOfOrder) {
  Partition log;
  for (std::int32_t i = 0; i < 6; ++i) ASSERT_EQ(log.send(batch(i * 2, 2)), ProducerVerdict::accepted);
  for (std::int32_t i = 1; i < 6; ++i) {
    EXPECT_EQ(log.send(batch(i * 2, 2)), ProducerVerdict::accepted);
    EXPECT_TRUE(log.was_duplicate()) << i;
  }
  EXPECT_EQ(log.send(batch(0, 2)), ProducerVerdict::out_of_order_sequence) << "forgotten: nobody can tell its offset";
  EXPECT_EQ(log.send(batch(10, 1)), ProducerVerdict::out_of_order_sequence)
      << "half of a known batch is not that batch";
}

TEST(ProducerTable, AfterTheHighestSequenceComesZero) {
  Partition log;
  ASSERT_EQ(log.send(batch(INT32_MAX - 1, 2)), ProducerVerdict::accepted);
  EXPECT_EQ(log.send(batch(0, 1)), ProducerVerdict::accepted);
  Partition across;
  ASSERT_EQ(across.send(batch(INT32_MAX, 3)), ProducerVerdict::accepted);  // INT32_MAX, 0, 1
  EXPECT_EQ(across.send(batch(2, 1)), ProducerVerdict::accepted);
}

TEST(ProducerTable, AnUnknownProducerMayBeginAnywhereButANewEpochBeginsAtZero) {
  Partition log;
  ASSERT_EQ(log.send(batch(41, 1)), ProducerVerdict::accepted);
  EXPECT_EQ(log.send(batch(42, 1, ProducerEpoch{1})), ProducerVerdict::out_of_order_sequence);
  EXPECT_EQ(log.send(batch(0, 1, ProducerEpoch{1})), ProducerVerdict::accepted);
  EXPECT_EQ(log.send(batch(42, 1)), ProducerVerdict::invalid_producer_epoch) << "the old epoch is fenced now";
}

TEST(ProducerTable, WhatTheLeaderTookIsNotJudgedAgain) {
  Partition log;
  ASSERT_EQ(log.send(batch(0, 1)), ProducerVerdict::accepted);
  EXPECT_EQ(log.table.judge(batch(9, 1), AppendOrigin::replication).verdict, ProducerVerdict::accepted);
}

TEST(ProducerTable, APlainBatchInsideATransactionIsRefused) {
  Partition log;
  ASSERT_EQ(log.send(batch(0, 1, kEpoch, true)), ProducerVerdict::accepted);
  EXPECT_EQ(log.send(batch(1, 1, kEpoch, false)), ProducerVerdict::invalid_transaction_state);
}

TEST(ProducerTable, RollbackTakesBackWhatAFailedWriteWouldHaveAdded) {
  Partition log;
  ASSERT_EQ(log.send(batch(0, 1)), ProducerVerdict::accepted);
  const auto before = log.table.entries();

  log.table.begin();
  ASSERT_EQ(log.send(batch(1, 2)), ProducerVerdict::accepted);
  ProducerAppend other = batch(0, 4, kEpoch, true);
  other.producer_id = ProducerId{8};
  ASSERT_EQ(log.send(other), ProducerVerdict::accepted);
  ASSERT_EQ(log.table.first_unstable_offset(log.end), Offset{3});
  log.table.rollback();

  EXPECT_EQ(log.table.entries(), before);
  EXPECT_FALSE(log.table.first_unstable_offset(log.end).has_value());
  EXPECT_EQ(log.send(batch(1, 2)), ProducerVerdict::accepted) << "the retry is new to the log";
  EXPECT_FALSE(log.was_duplicate());
}

TEST(ProducerTable, RollbackOpensAgainTheTransactionThatATentativeMarkerEnded) {
  Partition log;
  ASSERT_EQ(log.send(batch(0, 3, kEpoch, true)), ProducerVerdict::accepted);
  log.table.begin();
  EXPECT_TRUE(log.table.apply(abort_of(kProducer), log.end).has_value());
  log.table.rollback();
  EXPECT_EQ(log.table.first_unstable_offset(Offset{3}), Offset{0});
  EXPECT_TRUE(log.table.apply(abort_of(kProducer), log.end).has_value());
}

TEST(ProducerTable, ATransactionIsUnstableUntilItsMarkerIsBelowTheHighWatermark) {
  Partition log;
  ASSERT_EQ(log.send(batch(0, 2, kEpoch, true)), ProducerVerdict::accepted);
  ASSERT_TRUE(log.table.apply(abort_of(kProducer), Offset{2}).has_value());
  EXPECT_EQ(log.table.first_unstable_offset(Offset{2}), Offset{0}) << "the marker is not committed yet";
  EXPECT_FALSE(log.table.first_unstable_offset(Offset{3}).has_value());
}

TEST(ProducerTable, SilenceForgetsAProducerButNeverAnOpenTransaction) {
  Partition log;
  ASSERT_EQ(log.send(batch(0, 1)), ProducerVerdict::accepted);
  ProducerAppend open = batch(0, 1, kEpoch, true);
  open.producer_id = ProducerId{8};
  ASSERT_EQ(log.send(open), ProducerVerdict::accepted);
  EXPECT_EQ(log.table.expire(WallTime{1999}, 1000), 0U);
  EXPECT_EQ(log.table.expire(WallTime{2000}, 1000), 1U);
  EXPECT_EQ(log.table.find(kProducer), nullptr);
  EXPECT_NE(log.table.find(ProducerId{8}), nullptr);
}

TEST(ProducerTable, ASnapshotBringsBackProducersAndOpenTransactionsButNothingBeyondTheLogsEnd) {
  Partition log;
  ASSERT_EQ(log.send(batch(0, 1)), ProducerVerdict::accepted);
  ProducerAppend open = batch(0, 2, kEpoch, true);
  open.producer_id = ProducerId{8};
  ASSERT_EQ(log.send(open), ProducerVerdict::accepted);
  const auto saved = log.table.entries();

  ProducerTable whole;
  whole.load(saved, log.end, WallTime{1000}, 1000);
  EXPECT_EQ(whole.entries(), saved);
  EXPECT_EQ(whole.first_unstable_offset(log.end), Offset{1});
  ProducerTable shorter;
  shorter.load(saved, Offset{1}, WallTime{1000}, 1000);
  EXPECT_EQ(shorter.size(), 1U);
}

TEST(ProducerTable, RecoveryFromTheLogsBatchesEndsWhereTheLeaderStood) {
  record::CodecScratch scratch;
  Partition log;
  ProducerTable recovered;
  for (std::int32_t i = 0; i < 7; ++i) {
    record::BatchBuilder builder({.base_offset = log.end,
                                  .producer_id = kProducer,
                                  .producer_epoch = kEpoch,
                                  .base_sequence = Sequence{i},
                                  .is_transactional = true});
    builder.add(WallTime{1000 + i}, std::nullopt, bytes_of("v"));
    const ByteBuffer bytes = builder.encode(scratch).value();
    const auto view = record::BatchView::parse(bytes);
    ASSERT_EQ(log.send(ProducerAppend::of(*view, view->max_timestamp())), ProducerVerdict::accepted);
    recovered.replay(*view, std::nullopt);
  }
  const ByteBuffer bytes = record::end_transaction_marker(log.end, LeaderEpoch{0}, WallTime{9}, kProducer, kEpoch,
                                                          record::ControlType::abort, 4);
  const auto view = record::BatchView::parse(bytes);
  record::RecordIterator records(*view, view->record_bytes());
  const auto marker = records.next();
  const EndMarker same{
      .producer_id = kProducer, .epoch = kEpoch, .coordinator_epoch = 4, .is_abort = true, .timestamp = WallTime{9}};
  const auto aborted = log.table.apply(same, log.end);
  EXPECT_EQ(recovered.replay(*view, *marker), aborted);
  EXPECT_TRUE(aborted.has_value());
  EXPECT_EQ(recovered.entries(), log.table.entries());
}

}  // namespace
}  // namespace gregor::replica
