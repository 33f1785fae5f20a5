// What a log says, record by record: transactions apart, markers read, what is not understood passed over.
#include "coordinator/log_replay.h"

#include <gtest/gtest.h>

#include "record/batch_builder.h"
#include "tests/coordinator/support/ledger.h"

namespace gregor::coordinator {
namespace {

using test::Ledger;

class LogReplay : public ::testing::Test {
 protected:
  Result<void> replay(const ByteBuffer& batch) {
    return replay_batch(*record::BatchView::parse(batch), codec_, log_, {}, ledger_);
  }
  ByteBuffer batch(const std::vector<std::pair<std::string, std::optional<std::string>>>& records,
                   record::BatchSettings settings = {}) {
    record::BatchBuilder builder(settings);
    for (const auto& [key, value] : records) {
      builder.add(WallTime{1}, bytes_of(key), value ? std::optional<Bytes>(bytes_of(*value)) : std::nullopt);
    }
    return builder.encode(codec_).value();
  }
  static record::BatchSettings in_transaction(std::int64_t producer) {
    return {.producer_id = ProducerId{producer},
            .producer_epoch = ProducerEpoch{0},
            .base_sequence = Sequence{0},
            .is_transactional = true};
  }
  static ByteBuffer marker(std::int64_t producer, record::ControlType type) {
    return record::end_transaction_marker(Offset{9}, LeaderEpoch{0}, WallTime{1}, ProducerId{producer},
                                          ProducerEpoch{0}, type, 0);
  }

  record::CodecScratch codec_;
  observe::NullLog log_;
  Ledger::Diary diary_;
  Ledger ledger_{diary_};
};

TEST_F(LogReplay, TheLastRecordOfAKeyCountsAndATombstoneRemovesIt) {
  EXPECT_TRUE(replay(batch({{"a", "1"}, {"b", "1"}, {"a", "2"}, {"b", std::nullopt}})));
  EXPECT_EQ(ledger_.entries, (std::map<std::string, std::string>{{"a", "2"}}));
}

TEST_F(LogReplay, CompressedBatchesAreReadToo) {
  EXPECT_TRUE(replay(batch({{"a", "1"}}, {.codec = record::Codec::zstd})));
  EXPECT_EQ(ledger_.entries.size(), 1U);
}

TEST_F(LogReplay, TransactionsPendUntilTheirMarker) {
  EXPECT_TRUE(replay(batch({{"a", "1"}}, in_transaction(7))));
  EXPECT_TRUE(replay(batch({{"b", "1"}}, in_transaction(8))));
  EXPECT_TRUE(ledger_.entries.empty());
  EXPECT_TRUE(replay(marker(7, record::ControlType::commit)));
  EXPECT_TRUE(replay(marker(8, record::ControlType::abort)));
  EXPECT_EQ(ledger_.entries, (std::map<std::string, std::string>{{"a", "1"}}));
  EXPECT_TRUE(ledger_.pending.empty());
}

TEST_F(LogReplay, WhatTheMachineDoesNotUnderstandIsPassedOver) {
  EXPECT_TRUE(replay(batch({{"nonsense", "x"}, {"a", "1"}})));
  EXPECT_EQ(ledger_.entries, (std::map<std::string, std::string>{{"a", "1"}}));
}

}  // namespace
}  // namespace gregor::coordinator
