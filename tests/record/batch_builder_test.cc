// What goes into a batch comes out of it, at the offsets and times that it was given, and its CRC is right.
// Kafka's own bytes are compared in batch_view_test.cc; here are the rules that no vector shows.
#include "record/batch_builder.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "record/record_view.h"

namespace gregor::record {
namespace {

ByteBuffer encoded(const BatchBuilder& builder) {
  CodecScratch scratch;
  return builder.encode(scratch).value();
}

std::vector<RecordView> records_of(const BatchView& batch, const PlainRecords& plain) {
  std::vector<RecordView> records;
  RecordIterator walk(batch, plain.bytes());
  for (auto record = walk.next(); record && *record; record = walk.next()) records.push_back(**record);
  return records;
}

TEST(BatchBuilder, OffsetsCountFromTheBaseAndTimesAreTheRecordsOwn) {
  BatchSettings settings;
  settings.base_offset = Offset{100};
  settings.leader_epoch = LeaderEpoch{7};
  BatchBuilder builder(settings);
  for (const std::int64_t at : {50, 90, 20}) builder.add(WallTime{at}, bytes_of("k"), bytes_of("v"));
  const ByteBuffer bytes = encoded(builder);
  const auto batch = BatchView::parse(bytes);
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->crc_is_right());
  EXPECT_EQ(batch->base_offset(), Offset{100});
  EXPECT_EQ(batch->last_offset(), Offset{102});
  EXPECT_EQ(batch->leader_epoch(), LeaderEpoch{7});
  EXPECT_EQ(batch->base_timestamp(), WallTime{50}) << "the first record's, whichever is the oldest";
  EXPECT_EQ(batch->max_timestamp(), WallTime{90});
  CodecScratch scratch;
  const auto plain = PlainRecords::of(*batch, scratch);
  const auto records = records_of(*batch, *plain);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[2].offset, Offset{102});
  EXPECT_EQ(records[2].timestamp, WallTime{20});
}

TEST(BatchBuilder, CleanedBatchesHaveGapsAndALastOffsetBeyondTheirRecords) {
  BatchBuilder builder(BatchSettings{});
  builder.add_at(Offset{3}, WallTime{1}, std::nullopt, bytes_of("a"));
  builder.add_at(Offset{9}, WallTime{1}, std::nullopt, bytes_of("b"));
  builder.set_last_offset(Offset{20});
  const ByteBuffer bytes = encoded(builder);
  const auto batch = BatchView::parse(bytes);
  EXPECT_EQ(batch->last_offset(), Offset{20});
  EXPECT_EQ(batch->record_count(), 2);
  CodecScratch scratch;
  const auto plain = PlainRecords::of(*batch, scratch);
  const auto records = records_of(*batch, *plain);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].offset, Offset{3});
  EXPECT_EQ(records[1].offset, Offset{9});
}

TEST(BatchBuilder, TheProducerMayBeToldLate) {
  BatchBuilder builder(BatchSettings{});
  builder.add(WallTime{1}, std::nullopt, bytes_of("a"));
  builder.add(WallTime{1}, std::nullopt, bytes_of("b"));
  builder.set_producer(ProducerId{9}, ProducerEpoch{2}, Sequence{INT32_MAX});
  const ByteBuffer bytes = encoded(builder);
  const auto batch = BatchView::parse(bytes);
  EXPECT_EQ(batch->producer_id(), ProducerId{9});
  EXPECT_EQ(batch->producer_epoch(), ProducerEpoch{2});
  EXPECT_EQ(batch->base_sequence(), Sequence{INT32_MAX});
  EXPECT_EQ(batch->last_sequence(), Sequence{0}) << "sequences wrap";
}

TEST(BatchBuilder, PlainSizeIsExactWithoutACodecAndTheEstimateOfARecordNeverTooSmall) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& values, bool has_key, const std::string& header) {
    BatchBuilder builder(BatchSettings{});
    for (const std::string& value : values) {
      const std::optional<Bytes> key = has_key ? std::optional<Bytes>(bytes_of(value)) : std::nullopt;
      const HeaderView headers[] = {{header, bytes_of(value)}, {header, std::nullopt}};
      const std::size_t before = builder.plain_size();
      builder.add(WallTime{static_cast<std::int64_t>(value.size()) << 30}, key, bytes_of(value), headers);
      RC_ASSERT(builder.plain_size() - before <= BatchBuilder::record_size_max(key, bytes_of(value), headers));
    }
    RC_PRE(!values.empty());
    RC_ASSERT(encoded(builder).size() == builder.plain_size());
  }));
}

TEST(BatchBuilder, RecordsComeBackAsTheyWentInWithEveryCodec) {
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    EXPECT_TRUE(rc::check([codec](const std::vector<std::pair<std::string, std::string>>& pairs) {
      RC_PRE(!pairs.empty());
      BatchSettings settings;
      settings.codec = codec;
      BatchBuilder builder(settings);
      for (const auto& [key, value] : pairs) {
        const auto nullable = [](const std::string& text) {
          return text.empty() ? std::nullopt : std::optional<Bytes>(bytes_of(text));
        };
        builder.add(WallTime{5}, nullable(key), nullable(value));
      }
      const ByteBuffer bytes = encoded(builder);
      const auto batch = BatchView::parse(bytes);
      RC_ASSERT(batch->crc_is_right());
      CodecScratch scratch;
      const auto plain = PlainRecords::of(*batch, scratch);
      const auto records = records_of(*batch, *plain);
      RC_ASSERT(records.size() == pairs.size());
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        RC_ASSERT(records[i].key.has_value() == !pairs[i].first.empty());
        RC_ASSERT(text_of(records[i].key.value_or(Bytes{})) == pairs[i].first);
        RC_ASSERT(text_of(records[i].value.value_or(Bytes{})) == pairs[i].second);
      }
    }));
  }
}

TEST(EmptyBatch, KeepsAProducersStateWithoutARecord) {
  BatchSettings settings;
  settings.base_offset = Offset{5};
  settings.producer_id = ProducerId{9};
  settings.producer_epoch = ProducerEpoch{1};
  settings.base_sequence = Sequence{3};
  const ByteBuffer bytes = empty_batch(settings, Offset{8}, WallTime{77});
  const auto batch = BatchView::parse(bytes);
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->crc_is_right());
  EXPECT_EQ(batch->record_count(), 0);
  EXPECT_EQ(batch->last_offset(), Offset{8});
  EXPECT_EQ(batch->max_timestamp(), WallTime{77});
  EXPECT_EQ(batch->last_sequence(), Sequence{6});
}

TEST(EndTransactionMarker, SaysHowTheTransactionEndedAndByWhichCoordinator) {
  for (const ControlType type : {ControlType::abort, ControlType::commit}) {
    const ByteBuffer bytes =
        end_transaction_marker(Offset{5}, LeaderEpoch{2}, WallTime{77}, ProducerId{9}, ProducerEpoch{1}, type, 42);
    const auto batch = BatchView::parse(bytes);
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->crc_is_right());
    EXPECT_TRUE(batch->is_control());
    EXPECT_TRUE(batch->is_transactional());
    CodecScratch scratch;
    const auto plain = PlainRecords::of(*batch, scratch);
    const auto records = records_of(*batch, *plain);
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(control_type_of(records[0]), type);
    EXPECT_EQ(coordinator_epoch_of(records[0]).value(), 42);
  }
}

}  // namespace
}  // namespace gregor::record
