// What a broker answers to a batch it is sent. Source: ../shared/vectors/bad-batches.jsonl, the answers of Kafka 4.3.1.
#include "record/batch_check.h"

#include <gtest/gtest.h>

#include "record/batch_builder.h"
#include "tests/record/support/vectors.h"

namespace gregor::record {
namespace {

using nlohmann::json;

constexpr WallTime kNow{1'700'000'100'000};  // soon after the vectors' timestamps

BatchPolicy policy_of(const json& line) {
  BatchPolicy policy;
  if (!line.contains("settings")) return policy;
  for (const auto& [key, value] : line["settings"].items()) {
    const auto text = value.get<std::string>();
    if (key == "produceVersion")
      policy.produce_version = static_cast<std::int16_t>(std::stoi(text));
    else if (key == "cleanup.policy")
      policy.is_compacted = text == "compact";
    else if (key == "max.message.bytes")
      policy.message_bytes_max = std::stoll(text);
    else if (key == "internal.segment.bytes")
      policy.segment_bytes = std::stoll(text);
    else if (key == "message.timestamp.type")
      policy.timestamp_type = TimestampType::log_append_time;
    else if (key == "message.timestamp.before.max.ms")
      policy.timestamp_before_max_ms = std::stoll(text);
    else
      ADD_FAILURE() << "a setting that the test does not know: " << key;
  }
  return policy;
}

/// Kafka takes these though nobody can read them back: refusing is right.
bool is_unreadable_but_taken(const std::string& name) {
  return name.starts_with("compressed-") && name.ends_with("-record-length-one-more");
}

void expect_refusal(const BatchCheck& check, const json& line) {
  const auto name = line["name"].get<std::string>();
  if (is_unreadable_but_taken(name)) {
    EXPECT_EQ(check.verdict, BatchVerdict::invalid_record);
  } else if (line["code"] == -1) {
    EXPECT_TRUE(check.verdict == BatchVerdict::invalid_record || check.verdict == BatchVerdict::corrupt_message)
        << "where Kafka stumbles, the batch is still refused, with a code that says why";
  } else {
    EXPECT_EQ(static_cast<int>(check.verdict), line["code"].get<int>()) << check.text;
  }
  if (!line.contains("recordErrors") || line["recordErrors"].is_null()) return;
  ASSERT_EQ(check.record_errors.size(), line["recordErrors"].size());
  for (std::size_t i = 0; i < check.record_errors.size(); ++i) {
    EXPECT_EQ(check.record_errors[i].batch_index, line["recordErrors"][i]["batchIndex"].get<int>());
    EXPECT_FALSE(check.record_errors[i].text.empty());
  }
}

void expect_stored(const BatchCheck& check, const json& line) {
  ASSERT_TRUE(check.is_accepted()) << name_of(check.verdict) << ": " << check.text;
  EXPECT_EQ(check.batch.size(), line["validBytes"].get<std::size_t>());
  EXPECT_EQ(check.record_errors.size(), 0U);
  if (!line.contains("storedHex") || line["storedHex"].is_null()) return;
  ByteBuffer stored(check.batch.begin(), check.batch.end());
  stamp_batch(stored, {.base_offset = Offset{0}, .leader_epoch = LeaderEpoch{0}, .time = check.time});
  EXPECT_EQ(vectors::to_hex(stored), line["storedHex"].get<std::string>());
}

TEST(BatchCheck, AnswersAsKafkaDoesToEveryBatchOfTheVectors) {
  const auto lines = vectors::lines_of("bad-batches.jsonl");
  if (!lines) GTEST_SKIP() << "no ../shared/vectors here";
  CodecScratch scratch;
  int accepted = 0;
  int better = 0;
  for (const json& line : *lines) {
    const auto name = line["name"].get<std::string>();
    SCOPED_TRACE(name);
    const ByteBuffer bytes = vectors::from_hex(line["hex"]);
    const BatchCheck check = check_batch(bytes, policy_of(line), kNow, scratch);
    if (line["code"] == 0 && !is_unreadable_but_taken(name)) {
      expect_stored(check, line);
      ++accepted;
    } else {
      expect_refusal(check, line);
      better += line["code"] == -1 || is_unreadable_but_taken(name) ? 1 : 0;
    }
  }
  std::cout << "bad-batches.jsonl: " << lines->size() << " answered, " << accepted << " taken, " << better
            << " refused with a better code than Kafka's\n";
  EXPECT_EQ(lines->size(), 179U);
}

class OneBatch : public testing::Test {
 protected:
  ByteBuffer batch(Codec codec = Codec::none, std::size_t value_bytes = 5) {
    BatchBuilder builder({.codec = codec});
    const std::string value(value_bytes, 'v');
    builder.add(kNow, bytes_of("k"), bytes_of(value));
    builder.add(WallTime{kNow.ms + 1}, bytes_of("k"), std::nullopt);
    return builder.encode(scratch_).value();
  }
  CodecScratch scratch_;
};

TEST_F(OneBatch, IsTakenAsItCameWhenNothingHasToChange) {
  const ByteBuffer bytes = batch();
  const BatchCheck check = check_batch(bytes, {}, kNow, scratch_);
  EXPECT_TRUE(check.is_accepted());
  EXPECT_EQ(check.batch.data(), bytes.data()) << "no copy is made";
  EXPECT_FALSE(check.time.has_value());
}

TEST_F(OneBatch, OnALogAppendTimeTopicGetsTheBrokersTimeAndAGoodChecksum) {
  ByteBuffer bytes = batch();
  const BatchCheck check =
      check_batch(bytes, {.timestamp_type = TimestampType::log_append_time}, WallTime{42}, scratch_);
  ASSERT_TRUE(check.time.has_value());
  stamp_batch(bytes, {.base_offset = Offset{7}, .leader_epoch = LeaderEpoch{3}, .time = check.time});
  const auto view = BatchView::parse(bytes);
  ASSERT_TRUE(view.has_value());
  EXPECT_TRUE(view->crc_is_right());
  EXPECT_EQ(view->max_timestamp(), WallTime{42});
  EXPECT_EQ(view->timestamp_type(), TimestampType::log_append_time);
}

TEST_F(OneBatch, IsWrittenAnewWhereTheTopicAsksForAnotherCodec) {
  for (const Codec from : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    for (const Codec to : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
      const ByteBuffer bytes = batch(from, 3000);
      const BatchCheck check = check_batch(bytes, {.codec = to}, kNow, scratch_);
      ASSERT_TRUE(check.is_accepted()) << check.text;
      EXPECT_EQ(check.recompressed.empty(), from == to);
      const auto view = BatchView::parse(check.batch);
      ASSERT_TRUE(view.has_value());
      EXPECT_EQ(view->codec(), to);
      EXPECT_TRUE(view->crc_is_right());
      const auto original = BatchView::parse(bytes);
      EXPECT_EQ(text_of(PlainRecords::of(*view, scratch_)->bytes()),
                text_of(PlainRecords::of(*original, scratch_)->bytes()));
    }
  }
}

TEST_F(OneBatch, ThatUnpacksBeyondTheLimitIsTooLargeAndCostsNoMemory) {
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    const ByteBuffer bytes = batch(codec, 1 << 20);
    BatchPolicy policy;
    policy.decompressed_bytes_max = 100'000;
    EXPECT_EQ(check_batch(bytes, policy, kNow, scratch_).verdict, BatchVerdict::message_too_large) << name_of(codec);
    policy.decompressed_bytes_max = 2 << 20;
    EXPECT_TRUE(check_batch(bytes, policy, kNow, scratch_).is_accepted()) << name_of(codec);
  }
}

TEST_F(OneBatch, ReportsNoMoreRecordErrorsThanItsBound) {
  BatchBuilder builder({});
  for (int i = 0; i < 500; ++i) builder.add(kNow, std::nullopt, bytes_of("v"));
  const BatchCheck check = check_batch(builder.encode(scratch_).value(), {.is_compacted = true}, kNow, scratch_);
  EXPECT_EQ(check.verdict, BatchVerdict::invalid_record);
  EXPECT_EQ(check.record_errors.size(), kRecordErrorsMax);
}

TEST_F(OneBatch, OfACoordinatorMayBeAControlBatchAtAnyOffset) {
  const ByteBuffer marker =
      end_transaction_marker(Offset{9}, LeaderEpoch{1}, kNow, ProducerId{5}, ProducerEpoch{0}, ControlType::commit, 3);
  EXPECT_FALSE(check_batch(marker, {}, kNow, scratch_).is_accepted());
  EXPECT_TRUE(check_batch(marker, {.origin = BatchOrigin::coordinator}, kNow, scratch_).is_accepted());
}

// Kafka's log validator: an uncompressed control batch is not compressed, whatever compression.type says.
TEST_F(OneBatch, OfControlStaysAsItIsWhereTheTopicAsksForACodec) {
  const ByteBuffer marker =
      end_transaction_marker(Offset{9}, LeaderEpoch{1}, kNow, ProducerId{5}, ProducerEpoch{0}, ControlType::commit, 3);
  const BatchCheck check =
      check_batch(marker, {.origin = BatchOrigin::coordinator, .codec = Codec::zstd}, kNow, scratch_);
  ASSERT_TRUE(check.is_accepted()) << check.text;
  EXPECT_TRUE(check.recompressed.empty());
  EXPECT_TRUE(BatchView::parse(check.batch).value().is_control());
}

}  // namespace
}  // namespace gregor::record
