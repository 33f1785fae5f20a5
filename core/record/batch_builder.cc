#include "record/batch_builder.h"

#include <algorithm>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/varint.h"

namespace gregor::record {

namespace {

std::size_t nullable_size(std::optional<Bytes> bytes) {
  if (!bytes) return varint_size(zigzag(std::int32_t{-1}));
  return varint_size(zigzag(static_cast<std::int32_t>(bytes->size()))) + bytes->size();
}

std::size_t headers_size(std::span<const HeaderView> headers) {
  std::size_t size = varint_size(zigzag(static_cast<std::int32_t>(headers.size())));
  for (const HeaderView& header : headers) size += nullable_size(bytes_of(header.key)) + nullable_size(header.value);
  return size;
}

std::byte* put(std::byte* at, std::optional<Bytes> bytes) {
  if (!bytes) return write_varint(at, zigzag(std::int32_t{-1}));
  at = write_varint(at, zigzag(static_cast<std::int32_t>(bytes->size())));
  return std::copy(bytes->begin(), bytes->end(), at);
}

std::int16_t attributes_of(const BatchSettings& settings) {
  auto attributes = static_cast<std::int16_t>(settings.codec);
  if (settings.timestamp_type == TimestampType::log_append_time) attributes |= kLogAppendTimeFlag;
  if (settings.is_transactional) attributes |= kTransactionalFlag;
  if (settings.is_control) attributes |= kControlFlag;
  if (settings.delete_horizon) attributes |= kDeleteHorizonFlag;
  return attributes;
}

struct HeaderNumbers {
  Offset last_offset;
  std::int64_t base_timestamp_ms;
  std::int64_t max_timestamp_ms;
  std::int32_t record_count;
};

/// Fills the header of the batch that is `batch`, CRC last.
void write_header(MutableBytes batch, const BatchSettings& settings, const HeaderNumbers& numbers) {
  std::byte* at = batch.data();
  store_big_endian(at + kBaseOffsetAt, settings.base_offset.value());
  store_big_endian(at + kBatchLengthAt, static_cast<std::int32_t>(batch.size() - kBatchPrefixBytes));
  store_big_endian(at + kLeaderEpochAt, settings.leader_epoch.value());
  at[kMagicAt] = std::byte{2};
  store_big_endian(at + kAttributesAt, attributes_of(settings));
  store_big_endian(at + kLastOffsetDeltaAt, static_cast<std::int32_t>(numbers.last_offset - settings.base_offset));
  store_big_endian(at + kBaseTimestampAt, numbers.base_timestamp_ms);
  store_big_endian(at + kMaxTimestampAt, numbers.max_timestamp_ms);
  store_big_endian(at + kProducerIdAt, settings.producer_id.value());
  store_big_endian(at + kProducerEpochAt, settings.producer_epoch.value());
  store_big_endian(at + kBaseSequenceAt, settings.base_sequence.value());
  store_big_endian(at + kRecordCountAt, numbers.record_count);
  store_big_endian(at + kCrcAt, crc32c(Bytes(batch).subspan(kAttributesAt)));
}

ByteBuffer one_control_record(const BatchSettings& settings, WallTime timestamp, ControlType type, Bytes value) {
  std::array<std::byte, 4> key{};  // version 0, then the type
  store_big_endian(key.data() + 2, static_cast<std::int16_t>(type));
  BatchBuilder builder(settings);
  builder.add(timestamp, Bytes(key), value);
  CodecScratch scratch;
  auto batch = builder.encode(scratch);
  CHECK(batch.has_value());  // nothing can fail without a codec
  return std::move(*batch);
}

}  // namespace

BatchSettings settings_of(const BatchView& batch) {
  BatchSettings settings;
  settings.codec = batch.codec().value_or(Codec::none);
  settings.timestamp_type = batch.timestamp_type();
  settings.log_append_time = batch.max_timestamp();
  settings.base_offset = batch.base_offset();
  settings.leader_epoch = batch.leader_epoch();
  settings.producer_id = batch.producer_id();
  settings.producer_epoch = batch.producer_epoch();
  settings.base_sequence = batch.base_sequence();
  settings.is_transactional = batch.is_transactional();
  settings.is_control = batch.is_control();
  settings.delete_horizon = batch.delete_horizon();
  return settings;
}

std::size_t BatchBuilder::record_size_max(std::optional<Bytes> key, std::optional<Bytes> value,
                                          std::span<const HeaderView> headers) {
  constexpr std::size_t kFixedMax = kVarintBytesMax + 1 + kVarlongBytesMax + kVarintBytesMax;
  return kFixedMax + nullable_size(key) + nullable_size(value) + headers_size(headers);
}

void BatchBuilder::add(WallTime timestamp, std::optional<Bytes> key, std::optional<Bytes> value,
                       std::span<const HeaderView> headers) {
  add_at(last_offset_ == kNoOffset ? settings_.base_offset : last_offset_ + 1, timestamp, key, value, headers);
}

void BatchBuilder::add_at(Offset offset, WallTime timestamp, std::optional<Bytes> key, std::optional<Bytes> value,
                          std::span<const HeaderView> headers) {
  CHECK(offset >= settings_.base_offset && (last_offset_ == kNoOffset || offset > last_offset_));
  CHECK(offset - settings_.base_offset <= INT32_MAX);
  if (count_ == 0) base_timestamp_ms_ = settings_.delete_horizon ? settings_.delete_horizon->ms : timestamp.ms;
  const auto timestamp_delta = static_cast<std::int64_t>(static_cast<std::uint64_t>(timestamp.ms) -
                                                         static_cast<std::uint64_t>(base_timestamp_ms_));
  const auto offset_delta = static_cast<std::int32_t>(offset - settings_.base_offset);
  const std::size_t body = 1 + varint_size(zigzag(timestamp_delta)) + varint_size(zigzag(offset_delta)) +
                           nullable_size(key) + nullable_size(value) + headers_size(headers);
  const std::size_t before = plain_.size();
  plain_.resize(before + varint_size(zigzag(static_cast<std::int32_t>(body))) + body);

  std::byte* at = write_varint(plain_.data() + before, zigzag(static_cast<std::int32_t>(body)));
  *at++ = std::byte{0};  // attributes
  at = write_varint(at, zigzag(timestamp_delta));
  at = write_varint(at, zigzag(offset_delta));
  at = put(put(at, key), value);
  at = write_varint(at, zigzag(static_cast<std::int32_t>(headers.size())));
  for (const HeaderView& header : headers) at = put(put(at, bytes_of(header.key)), header.value);
  CHECK(at == plain_.data() + plain_.size());

  ++count_;
  last_offset_ = offset;
  max_timestamp_ms_ = std::max(max_timestamp_ms_, timestamp.ms);
}

void BatchBuilder::set_producer(ProducerId producer_id, ProducerEpoch epoch, Sequence base_sequence) {
  settings_.producer_id = producer_id;
  settings_.producer_epoch = epoch;
  settings_.base_sequence = base_sequence;
}

Result<ByteBuffer> BatchBuilder::encode(CodecScratch& scratch) const {
  ByteBuffer batch;
  TRY(encode(scratch, batch));
  return batch;
}

Result<void> BatchBuilder::encode(CodecScratch& scratch, ByteBuffer& onto) const {
  CHECK(count_ > 0);
  const std::size_t before = onto.size();
  onto.resize(before + kBatchHeaderBytes);
  TRY(compress(scratch, settings_.codec, settings_.level, plain_, onto));
  const bool is_append_time = settings_.timestamp_type == TimestampType::log_append_time;
  write_header(MutableBytes(onto).subspan(before), settings_,
               {.last_offset = last_offset_,
                .base_timestamp_ms = base_timestamp_ms_,
                .max_timestamp_ms = is_append_time ? settings_.log_append_time.ms : max_timestamp_ms_,
                .record_count = count_});
  return {};
}

ByteBuffer empty_batch(const BatchSettings& settings, Offset last, WallTime max_timestamp) {
  ByteBuffer batch(kBatchHeaderBytes);
  write_header(batch, settings,
               {.last_offset = last,
                .base_timestamp_ms = kNoTimestamp,
                .max_timestamp_ms = max_timestamp.ms,
                .record_count = 0});
  return batch;
}

ByteBuffer end_transaction_marker(Offset base_offset, LeaderEpoch leader_epoch, WallTime timestamp,
                                  ProducerId producer_id, ProducerEpoch producer_epoch, ControlType type,
                                  std::int32_t coordinator_epoch) {
  CHECK(type == ControlType::abort || type == ControlType::commit);
  std::array<std::byte, 6> value{};  // version 0, then the coordinator's epoch
  store_big_endian(value.data() + 2, coordinator_epoch);
  BatchSettings settings;
  settings.base_offset = base_offset;
  settings.leader_epoch = leader_epoch;
  settings.producer_id = producer_id;
  settings.producer_epoch = producer_epoch;
  settings.is_transactional = true;
  settings.is_control = true;
  return one_control_record(settings, timestamp, type, value);
}

ByteBuffer control_batch(Offset base_offset, LeaderEpoch leader_epoch, WallTime timestamp, ControlType type,
                         Bytes value) {
  BatchSettings settings;
  settings.base_offset = base_offset;
  settings.leader_epoch = leader_epoch;
  settings.is_control = true;
  return one_control_record(settings, timestamp, type, value);
}

}  // namespace gregor::record
