// Kafka's own batches, decoded and built again. Source: ../shared/vectors/batches.jsonl, made by Kafka 4.3.1's classes.
#include "record/batch_view.h"

#include <gtest/gtest.h>

#include "record/batch_builder.h"
#include "record/batch_stamp.h"
#include "record/record_view.h"
#include "tests/record/support/vectors.h"

namespace gregor::record {
namespace {

using nlohmann::json;

void expect_header(const BatchView& batch, const json& want) {
  EXPECT_EQ(batch.base_offset().value(), want["baseOffset"].get<std::int64_t>());
  EXPECT_EQ(batch.size(), want["sizeInBytes"].get<std::size_t>());
  EXPECT_EQ(batch.leader_epoch().value(), want["partitionLeaderEpoch"].get<std::int32_t>());
  EXPECT_EQ(batch.crc(), want["crc"].get<std::uint32_t>());
  EXPECT_TRUE(batch.crc_is_right());
  EXPECT_EQ(batch.attributes(), want["attributes"].get<std::int16_t>());
  EXPECT_EQ(batch.last_offset_delta(), want["lastOffsetDelta"].get<std::int32_t>());
  EXPECT_EQ(batch.last_offset().value(), want["lastOffset"].get<std::int64_t>());
  EXPECT_EQ(batch.next_offset().value(), want["nextOffset"].get<std::int64_t>());
  EXPECT_EQ(batch.base_timestamp().ms, want["baseTimestamp"].get<std::int64_t>());
  EXPECT_EQ(batch.max_timestamp().ms, want["maxTimestamp"].get<std::int64_t>());
  EXPECT_EQ(batch.producer_id().value(), want["producerId"].get<std::int64_t>());
  EXPECT_EQ(batch.producer_epoch().value(), want["producerEpoch"].get<std::int16_t>());
  EXPECT_EQ(batch.base_sequence().value(), want["baseSequence"].get<std::int32_t>());
  EXPECT_EQ(batch.last_sequence().value(), want["lastSequence"].get<std::int32_t>());
  EXPECT_EQ(batch.record_count(), want["recordsCount"].get<std::int32_t>());
  ASSERT_TRUE(batch.codec().has_value());
  EXPECT_EQ(name_of(*batch.codec()), want["compression"].get<std::string>());
  EXPECT_EQ(batch.timestamp_type() == TimestampType::log_append_time, want["timestampType"] == "LogAppendTime");
  EXPECT_EQ(batch.is_transactional(), want["isTransactional"].get<bool>());
  EXPECT_EQ(batch.is_control(), want["isControlBatch"].get<bool>());
  EXPECT_EQ(batch.delete_horizon().has_value(), !want["deleteHorizonMs"].is_null());
}

void expect_bytes(const std::optional<Bytes>& got, const json& want) {
  ASSERT_EQ(got.has_value(), !want.is_null());
  if (!got) return;
  const ByteBuffer wanted = vectors::from_base64(want.get<std::string>());
  EXPECT_EQ(text_of(*got), text_of(wanted));
}

void expect_record(const RecordView& record, const json& want) {
  EXPECT_EQ(record.offset.value(), want["offset"].get<std::int64_t>());
  EXPECT_EQ(record.timestamp.ms, want["timestamp"].get<std::int64_t>());
  EXPECT_EQ(record.sequence.value(), want["sequence"].get<std::int32_t>());
  EXPECT_EQ(record.size, want["sizeInBytes"].get<std::size_t>());
  expect_bytes(record.key, want["key"]);
  expect_bytes(record.value, want["value"]);
  ASSERT_EQ(record.headers.size(), want["headers"].size());
  std::size_t i = 0;
  for (const HeaderView header : record.headers) {
    EXPECT_EQ(header.key, want["headers"][i]["key"].get<std::string>());
    expect_bytes(header.value, want["headers"][i]["value"]);
    ++i;
  }
}

/// The timestamps under LogAppendTime are not in the records as such: what the deltas say.
ByteBuffer built_again(const BatchView& batch, Bytes plain, CodecScratch& scratch) {
  const BatchSettings settings = settings_of(batch);
  if (batch.record_count() == 0) return empty_batch(settings, batch.last_offset(), batch.max_timestamp());
  StampedHeader create_time = stamped_header(batch, {.base_offset = batch.base_offset(),
                                                     .leader_epoch = {},
                                                     .time = BatchStamp::Time{TimestampType::create_time, {}}});
  const auto plainly = BatchView::parse_header(create_time);
  BatchBuilder builder(settings);
  RecordIterator records(*plainly, plain);
  for (auto record = records.next(); record && *record; record = records.next()) {
    std::vector<HeaderView> headers;
    for (const HeaderView header : (*record)->headers) headers.push_back(header);
    builder.add_at((*record)->offset, (*record)->timestamp, (*record)->key, (*record)->value, headers);
  }
  builder.set_last_offset(batch.last_offset());
  return builder.encode(scratch).value();
}

TEST(BatchView, EveryBatchOfKafkaReadsAsKafkaReadsItAndIsBuiltToTheSameBytes) {
  const auto lines = vectors::lines_of("batches.jsonl");
  if (!lines) GTEST_SKIP() << "no ../shared/vectors here";
  CodecScratch scratch;
  int same_bytes = 0;
  for (const json& line : *lines) {
    SCOPED_TRACE(line["name"].get<std::string>());
    const ByteBuffer bytes = vectors::from_hex(line["hex"]);
    const auto batch = BatchView::parse(bytes);
    ASSERT_TRUE(batch.has_value());
    expect_header(*batch, line["batch"]);
    auto plain = PlainRecords::of(*batch, scratch);
    ASSERT_TRUE(plain.has_value()) << plain.error().text;

    RecordIterator records(*batch, plain->bytes());
    for (const json& want : line["records"]) {
      const auto record = records.next();
      ASSERT_TRUE(record.has_value()) << record.error().text;
      ASSERT_TRUE(record->has_value());
      expect_record(**record, want);
    }
    const auto end = records.next();
    EXPECT_TRUE(end.has_value() && !end->has_value());

    const ByteBuffer again = built_again(*batch, plain->bytes(), scratch);
    const auto reread = BatchView::parse(again);
    ASSERT_TRUE(reread.has_value());
    if (batch->codec() == Codec::none) {
      EXPECT_EQ(vectors::to_hex(again), vectors::to_hex(bytes));
      ++same_bytes;
    } else {
      auto unpacked = PlainRecords::of(*reread, scratch);
      ASSERT_TRUE(unpacked.has_value());
      EXPECT_EQ(text_of(unpacked->bytes()), text_of(plain->bytes()))
          << "the same records under another library's packing";
    }
  }
  std::cout << "batches.jsonl: " << lines->size() << " batches read, " << same_bytes << " built to the same bytes\n";
  EXPECT_EQ(lines->size(), 72U);
}

TEST(BatchView, ShorterThanAHeaderOrThanItsLengthIsMalformed) {
  BatchBuilder builder({});
  builder.add(WallTime{1}, std::nullopt, bytes_of("v"));
  CodecScratch scratch;
  const ByteBuffer bytes = builder.encode(scratch).value();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto batch = BatchView::parse(Bytes(bytes).first(size));
    ASSERT_FALSE(batch.has_value()) << size;
    EXPECT_EQ(batch.error().code, Errc::malformed);
  }
  EXPECT_TRUE(BatchView::parse_header(Bytes(bytes).first(kBatchHeaderBytes)).has_value());
}

TEST(Sequence, AfterTheHighestComesZero) {
  EXPECT_EQ(advance_sequence(Sequence{INT32_MAX}, 1), Sequence{0});
  EXPECT_EQ(advance_sequence(Sequence{INT32_MAX - 1}, 3), Sequence{1});
  const auto misc = vectors::whole("misc.json");
  if (!misc) GTEST_SKIP() << "no ../shared/vectors here";
  for (const json& line : (*misc)["sequence"]) {
    EXPECT_EQ(advance_sequence(Sequence{line["sequence"].get<std::int32_t>()}, line["by"].get<std::int32_t>()).value(),
              line["increment"].get<std::int32_t>());
  }
}

}  // namespace
}  // namespace gregor::record
