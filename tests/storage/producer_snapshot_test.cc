// Producer snapshots, version 1: a CRC32C over what follows it, a count, 46 bytes a producer. kafka_files_test.cc holds
// them against Kafka's own.
#include "storage/producer_snapshot.h"

#include <gtest/gtest.h>

namespace gregor::storage {
namespace {

const std::vector<ProducerEntry> kProducers{{.producer_id = ProducerId{4000},
                                             .producer_epoch = ProducerEpoch{3},
                                             .last_sequence = Sequence{99},
                                             .last_offset = Offset{1234567890123},
                                             .offset_delta = 4,
                                             .timestamp_ms = 1735699217658,
                                             .coordinator_epoch = 2,
                                             .current_txn_first_offset = Offset{1234567890100}},
                                            {.producer_id = ProducerId{4001}, .producer_epoch = ProducerEpoch{0}}};

TEST(ProducerSnapshot, EveryFieldComesBack) {
  EXPECT_EQ(parse_producer_snapshot(format_producer_snapshot(kProducers)).value(), kProducers);
  EXPECT_TRUE(parse_producer_snapshot(format_producer_snapshot({})).value().empty());
}

TEST(ProducerSnapshot, AProducerWithoutABatchHasKafkasMinusOnes) {
  const ByteBuffer content = format_producer_snapshot({kProducers[1]});
  ASSERT_EQ(content.size(), 10U + 46U);
  EXPECT_EQ(load_big_endian<std::int32_t>(content.data() + 20), -1) << "last sequence";
  EXPECT_EQ(load_big_endian<std::int64_t>(content.data() + 24), -1) << "last offset";
  EXPECT_EQ(load_big_endian<std::int32_t>(content.data() + 32), 0) << "offset delta";
  EXPECT_EQ(load_big_endian<std::int64_t>(content.data() + 48), -1) << "first offset of a transaction";
}

TEST(ProducerSnapshot, AnyFlippedBitIsFound) {
  const ByteBuffer whole = format_producer_snapshot(kProducers);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      ByteBuffer damaged = whole;
      damaged[at] ^= std::byte{1} << bit;
      EXPECT_FALSE(parse_producer_snapshot(damaged)) << "byte " << at << " bit " << bit;
    }
  }
}

TEST(ProducerSnapshot, ATornFileIsFoundAtEveryLength) {
  const ByteBuffer whole = format_producer_snapshot(kProducers);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_producer_snapshot(Bytes(whole).first(size))) << size;
  }
}

TEST(ProducerSnapshot, WhatIsWrongIsSaid) {
  ByteBuffer content = format_producer_snapshot(kProducers);
  EXPECT_EQ(parse_producer_snapshot({}).error().code, Errc::malformed);
  content.back() ^= std::byte{1};
  EXPECT_EQ(parse_producer_snapshot(content).error().code, Errc::corrupt);
  content[1] = std::byte{2};
  EXPECT_EQ(parse_producer_snapshot(content).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace gregor::storage
