// Batches of a log taken into the producer table: data, markers, and control batches that are none.
#include "partition/producer_replay.h"

#include <gtest/gtest.h>

#include "record/batch_builder.h"

namespace gregor::partition {
namespace {

constexpr ProducerId kProducer{5};

ByteBuffer transactional(Offset base) {
  record::BatchBuilder builder({.base_offset = base,
                                .producer_id = kProducer,
                                .producer_epoch = ProducerEpoch{0},
                                .base_sequence = Sequence{0},
                                .is_transactional = true});
  builder.add(WallTime{1}, std::nullopt, std::nullopt);
  record::CodecScratch scratch;
  return builder.encode(scratch).value();
}

ByteBuffer marker(Offset base, record::ControlType type) {
  return record::end_transaction_marker(base, LeaderEpoch{0}, WallTime{2}, kProducer, ProducerEpoch{0}, type, 3);
}

std::optional<storage::AbortedTransaction> take(replica::ProducerTable& table, const ByteBuffer& bytes) {
  return replay(table, record::BatchView::parse(bytes).value()).value();
}

TEST(ProducerReplay, AnAbortTellsWhatItAborted) {
  replica::ProducerTable table;
  EXPECT_FALSE(take(table, transactional(Offset{10})));
  EXPECT_TRUE(table.has_open_transaction(kProducer, ProducerEpoch{0}));
  EXPECT_EQ(take(table, marker(Offset{11}, record::ControlType::abort)),
            (storage::AbortedTransaction{kProducer, Offset{10}, Offset{11}, Offset{12}}));
  EXPECT_FALSE(table.has_open_transaction(kProducer, ProducerEpoch{0}));
  EXPECT_EQ(table.find(kProducer)->coordinator_epoch, 3);
}

TEST(ProducerReplay, ACommitAbortsNothing) {
  replica::ProducerTable table;
  take(table, transactional(Offset{0}));
  EXPECT_FALSE(take(table, marker(Offset{1}, record::ControlType::commit)));
}

TEST(ProducerReplay, OtherControlRecordsEndNothing) {
  replica::ProducerTable table;
  const ByteBuffer leader_change =
      record::control_batch(Offset{0}, LeaderEpoch{0}, WallTime{1}, record::ControlType::leader_change, {});
  EXPECT_FALSE(take(table, leader_change));
  EXPECT_EQ(table.size(), 0U);
}

TEST(ProducerReplay, AControlBatchWhoseRecordDoesNotParseIsAnError) {
  replica::ProducerTable table;
  ByteBuffer broken = marker(Offset{0}, record::ControlType::abort);
  broken[record::kBatchHeaderBytes] = std::byte{0x7f};
  EXPECT_FALSE(replay(table, record::BatchView::parse(broken).value()));
}

}  // namespace
}  // namespace gregor::partition
