#include "record/batch_check.h"

#include <utility>

#include "base/check.h"
#include "record/batch_builder.h"
#include "record/batch_split.h"
#include "record/record_scan.h"
#include "record/record_view.h"

namespace gregor::record {

namespace {

/// Java's subtraction: wraps.
std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

class Check {
 public:
  Check(const BatchPolicy& policy, WallTime now, CodecScratch& scratch)
      : policy_(policy), now_(now), scratch_(scratch) {}

  BatchCheck run(Bytes records) {
    const auto batch = only_batch(records);
    if (batch && header_is_sound(*batch) && records_are_sound(*batch)) accept(*batch);
    return std::move(answer_);
  }

 private:
  /// The checks of a Produce request: exactly one batch of magic 2.
  std::optional<BatchView> only_batch(Bytes records);
  /// The checks of the log and of the header.
  bool header_is_sound(const BatchView& batch);
  bool counts_are_sound(const BatchView& batch);
  bool records_are_sound(const BatchView& batch);
  bool walk_plain(const BatchView& batch);
  bool walk_compressed(const BatchView& batch, Codec codec);
  void look_at(const BatchView& batch, std::int32_t index, std::int64_t timestamp_ms, bool has_key);
  void report(BatchVerdict verdict, std::int32_t index, std::string text);
  bool judge_record_errors();
  void accept(const BatchView& batch);
  bool recompress(const BatchView& batch, Codec target);
  [[nodiscard]] BatchStamp::Time stored_time() const;

  bool refuse(BatchVerdict verdict, std::string text) {
    answer_.verdict = verdict;
    answer_.text = std::move(text);
    return false;
  }
  /// Codec and structure errors of the walk.
  bool refuse(const Error& error) {
    return refuse(error.code == Errc::limit ? BatchVerdict::message_too_large : BatchVerdict::invalid_record,
                  error.text);
  }

  const BatchPolicy& policy_;
  const WallTime now_;
  CodecScratch& scratch_;
  BatchCheck answer_;
  bool timestamps_refused_ = false;
  std::int64_t max_timestamp_ms_ = kNoTimestamp;
};

std::optional<BatchView> Check::only_batch(Bytes records) {
  BatchSplitter splitter(records);
  const auto first = splitter.next();
  if (!first) {
    refuse(BatchVerdict::corrupt_message, first.error().text);
    return std::nullopt;
  }
  if (!*first) {
    refuse(BatchVerdict::invalid_record, "a produce request must hold one whole record batch for each partition");
    return std::nullopt;
  }
  if ((*first)->magic != 2) {
    refuse(BatchVerdict::invalid_record, "only record batches of magic 2 are taken");
    return std::nullopt;
  }
  const auto batch = BatchView::parse((*first)->bytes);
  if (!batch) {
    refuse(BatchVerdict::corrupt_message, batch.error().text);
    return std::nullopt;
  }
  constexpr std::int16_t kFirstVersionWithZstd = 7;
  if (batch->codec() == Codec::zstd && policy_.produce_version < kFirstVersionWithZstd) {
    refuse(BatchVerdict::unsupported_compression_type, "zstd needs version 7 of the produce request");
    return std::nullopt;
  }
  const auto second = splitter.next();
  if (!second) {
    refuse(BatchVerdict::corrupt_message, second.error().text);
    return std::nullopt;
  }
  if (*second) {
    refuse(BatchVerdict::invalid_record, "a produce request may hold only one record batch for each partition");
    return std::nullopt;
  }
  return *batch;
}

bool Check::header_is_sound(const BatchView& batch) {
  if (batch.base_offset() != Offset{0} && policy_.origin == BatchOrigin::client) {
    return refuse(BatchVerdict::invalid_record, "the base offset of a produced batch must be 0");
  }
  if (static_cast<std::int64_t>(batch.size()) > policy_.message_bytes_max) {
    return refuse(BatchVerdict::message_too_large, "the batch of " + std::to_string(batch.size()) +
                                                       " bytes is larger than max.message.bytes " +
                                                       std::to_string(policy_.message_bytes_max));
  }
  if (!batch.crc_is_right()) return refuse(BatchVerdict::corrupt_message, "the batch's CRC is wrong");
  if (!batch.codec()) return refuse(BatchVerdict::invalid_record, "the batch names an unknown codec");
  if (!counts_are_sound(batch)) return false;
  if (policy_.origin == BatchOrigin::client) {
    if (batch.is_control()) return refuse(BatchVerdict::invalid_record, "clients may not write control batches");
    if (batch.has_producer_id() && batch.base_sequence().value() < 0) {
      return refuse(BatchVerdict::invalid_record, "a batch with a producer id needs a sequence");
    }
  }
  return true;
}

bool Check::counts_are_sound(const BatchView& batch) {
  const std::int64_t offsets = std::int64_t{batch.last_offset_delta()} + 1;
  if (offsets <= 0) return refuse(BatchVerdict::invalid_record, "the batch's last offset lies before its base offset");
  if (batch.record_count() <= 0) {
    return refuse(BatchVerdict::invalid_record,
                  "the batch counts " + std::to_string(batch.record_count()) + " records");
  }
  if (offsets != batch.record_count()) {
    return refuse(BatchVerdict::invalid_record, "the batch spans " + std::to_string(offsets) + " offsets but counts " +
                                                    std::to_string(batch.record_count()) + " records");
  }
  return true;
}

void Check::report(BatchVerdict verdict, std::int32_t index, std::string text) {
  timestamps_refused_ = timestamps_refused_ || verdict == BatchVerdict::invalid_timestamp;
  answer_.verdict = verdict;
  if (answer_.record_errors.size() < kRecordErrorsMax) answer_.record_errors.push_back({index, std::move(text)});
}

void Check::look_at(const BatchView& batch, std::int32_t index, std::int64_t timestamp_ms, bool has_key) {
  if (policy_.is_compacted && !has_key) {
    return report(BatchVerdict::invalid_record, index, "Compacted topic cannot accept message without key.");
  }
  if (policy_.timestamp_type == TimestampType::create_time && timestamp_ms != kNoTimestamp) {
    const std::int64_t age_ms = minus(now_.ms, timestamp_ms);
    if (age_ms > policy_.timestamp_before_max_ms || minus(0, age_ms) > policy_.timestamp_after_max_ms) {
      return report(BatchVerdict::invalid_timestamp, index,
                    "Timestamp " + std::to_string(timestamp_ms) + " of message with offset " + std::to_string(index) +
                        " is out of range. The timestamp should be within [" +
                        std::to_string(minus(now_.ms, policy_.timestamp_before_max_ms)) + ", " +
                        std::to_string(minus(now_.ms, minus(0, policy_.timestamp_after_max_ms))) + "]");
    }
  } else if (batch.timestamp_type() == TimestampType::log_append_time) {
    return report(BatchVerdict::invalid_timestamp, index, "Producers may not set the timestamp type LogAppendTime.");
  }
  if (timestamp_ms > max_timestamp_ms_) max_timestamp_ms_ = timestamp_ms;
}

bool Check::walk_plain(const BatchView& batch) {
  RecordIterator records(batch, batch.record_bytes());
  for (std::int32_t index = 0;; ++index) {
    const auto record = records.next();
    if (!record) return refuse(record.error());
    if (!*record) return true;
    look_at(batch, index, (*record)->timestamp.ms, (*record)->key.has_value());
  }
}

bool Check::walk_compressed(const BatchView& batch, Codec codec) {
  RecordScan records(scratch_, codec, batch.record_bytes(), policy_.decompressed_bytes_max);
  const bool has_append_time = batch.timestamp_type() == TimestampType::log_append_time;
  for (std::int32_t index = 0; index < batch.record_count(); ++index) {
    const auto record = records.next();
    if (!record) return refuse(record.error());
    if (record->offset_delta != index) {
      return refuse(BatchVerdict::invalid_record, "the offsets within a compressed batch must rise by one from 0");
    }
    const std::int64_t timestamp_ms = has_append_time
                                          ? batch.max_timestamp().ms
                                          : minus(batch.base_timestamp().ms, minus(0, record->timestamp_delta));
    look_at(batch, index, timestamp_ms, record->has_key);
  }
  const auto finished = records.finish();
  return finished || refuse(finished.error());
}

bool Check::judge_record_errors() {
  if (answer_.record_errors.empty()) return true;
  if (timestamps_refused_) {
    return refuse(BatchVerdict::invalid_timestamp, "One or more records have been rejected due to invalid timestamp");
  }
  return refuse(BatchVerdict::invalid_record, "One or more records have been rejected due to " +
                                                  std::to_string(answer_.record_errors.size()) + " record errors");
}

bool Check::records_are_sound(const BatchView& batch) {
  const Codec codec = *batch.codec();
  const bool walked = codec == Codec::none ? walk_plain(batch) : walk_compressed(batch, codec);
  return walked && judge_record_errors();
}

BatchStamp::Time Check::stored_time() const {
  if (policy_.timestamp_type == TimestampType::log_append_time) return {TimestampType::log_append_time, now_};
  return {TimestampType::create_time, WallTime{max_timestamp_ms_}};
}

void Check::accept(const BatchView& batch) {
  answer_.batch = batch.bytes();
  // Markers stay as they were written, as in Kafka: compressed anew they would be data.
  if (policy_.codec && *policy_.codec != *batch.codec() && !batch.is_control()) {
    if (!recompress(batch, *policy_.codec)) return;
  } else if (const BatchStamp::Time time = stored_time();
             time.type != batch.timestamp_type() || time.max_timestamp != batch.max_timestamp()) {
    answer_.time = time;
  }
  if (static_cast<std::int64_t>(answer_.batch.size()) > policy_.segment_bytes) {
    refuse(BatchVerdict::record_list_too_large, "the batch is larger than a segment");
  }
}

/// compression.type asks for another codec than the producer used: the records are written anew.
bool Check::recompress(const BatchView& batch, Codec target) {
  const BatchStamp::Time time = stored_time();
  BatchSettings settings;
  settings.codec = target;
  settings.level = policy_.level;
  settings.timestamp_type = time.type;
  settings.log_append_time = time.max_timestamp;
  settings.producer_id = batch.producer_id();
  settings.producer_epoch = batch.producer_epoch();
  settings.base_sequence = batch.base_sequence();
  settings.is_transactional = batch.is_transactional();
  BatchBuilder builder(settings);

  auto plain = PlainRecords::of(batch, scratch_, policy_.decompressed_bytes_max);
  if (!plain) return refuse(plain.error());
  RecordIterator records(batch, plain->bytes());
  std::vector<HeaderView> headers;
  while (true) {
    const auto record = records.next();
    if (!record) return refuse(record.error());
    if (!*record) break;
    headers.clear();
    for (const HeaderView header : (*record)->headers) headers.push_back(header);
    builder.add((*record)->timestamp, (*record)->key, (*record)->value, headers);
  }
  auto encoded = builder.encode(scratch_);
  if (!encoded) return refuse(BatchVerdict::corrupt_message, encoded.error().text);
  answer_.recompressed = std::move(*encoded);
  answer_.batch = answer_.recompressed;
  if (static_cast<std::int64_t>(answer_.batch.size()) > policy_.message_bytes_max) {
    return refuse(BatchVerdict::message_too_large, "the recompressed batch is larger than max.message.bytes");
  }
  return true;
}

}  // namespace

const char* name_of(BatchVerdict verdict) {
  switch (verdict) {
    case BatchVerdict::none:
      return "NONE";
    case BatchVerdict::corrupt_message:
      return "CORRUPT_MESSAGE";
    case BatchVerdict::message_too_large:
      return "MESSAGE_TOO_LARGE";
    case BatchVerdict::record_list_too_large:
      return "RECORD_LIST_TOO_LARGE";
    case BatchVerdict::invalid_timestamp:
      return "INVALID_TIMESTAMP";
    case BatchVerdict::unsupported_compression_type:
      return "UNSUPPORTED_COMPRESSION_TYPE";
    case BatchVerdict::invalid_record:
      return "INVALID_RECORD";
  }
  return "UNKNOWN_SERVER_ERROR";
}

BatchCheck check_batch(Bytes records, const BatchPolicy& policy, WallTime now, CodecScratch& scratch) {
  return Check(policy, now, scratch).run(records);
}

}  // namespace gregor::record
