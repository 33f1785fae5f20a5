// BatchBuilder: records in, one encoded batch of magic 2 out. The bytes equal Kafka's where no codec is at work.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "record/batch_format.h"
#include "record/batch_view.h"
#include "record/codec.h"
#include "record/record_view.h"

namespace gregor::record {

struct BatchSettings {
  Codec codec = Codec::none;
  int level = kDefaultLevel;
  TimestampType timestamp_type = TimestampType::create_time;
  WallTime log_append_time{kNoTimestamp};  ///< the records' time where timestamp_type says so
  Offset base_offset{0};
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  ProducerId producer_id = kNoProducerId;
  ProducerEpoch producer_epoch{kNoProducerEpoch};
  Sequence base_sequence{kNoSequence};
  bool is_transactional = false;
  bool is_control = false;
  std::optional<WallTime> delete_horizon = std::nullopt;
};

/// Those that make a batch like this one again; its codec, where it has one that is known.
BatchSettings settings_of(const BatchView& batch);

class BatchBuilder {
 public:
  explicit BatchBuilder(const BatchSettings& settings) : settings_(settings) {}

  /// Appends at the next offset. Null key, value or header value: nullopt. Headers borrow only during the call.
  void add(WallTime timestamp, std::optional<Bytes> key, std::optional<Bytes> value,
           std::span<const HeaderView> headers = {});
  /// The same at a chosen offset, which must be above the last one: cleaned batches have gaps.
  void add_at(Offset offset, WallTime timestamp, std::optional<Bytes> key, std::optional<Bytes> value,
              std::span<const HeaderView> headers = {});
  /// Where the last offset lies beyond the last record (cleaned batches).
  void set_last_offset(Offset last) { last_offset_ = last; }

  /// For those who learn it only when the batch goes out.
  void set_producer(ProducerId producer_id, ProducerEpoch epoch, Sequence base_sequence);

  [[nodiscard]] std::int32_t record_count() const { return count_; }
  /// Plain, header included: an upper bound of what encode() yields without a codec.
  [[nodiscard]] std::size_t plain_size() const { return kBatchHeaderBytes + plain_.size(); }
  /// Bytes that one more such record would add, at most.
  static std::size_t record_size_max(std::optional<Bytes> key, std::optional<Bytes> value,
                                     std::span<const HeaderView> headers);

  /// The batch with its CRC. Requires at least one record. Errors: as compress().
  Result<ByteBuffer> encode(CodecScratch& scratch) const;
  /// Appends it to `onto`.
  Result<void> encode(CodecScratch& scratch, ByteBuffer& onto) const;

 private:
  BatchSettings settings_;
  ByteBuffer plain_;
  std::int32_t count_ = 0;
  Offset last_offset_ = kNoOffset;
  std::int64_t base_timestamp_ms_ = kNoTimestamp;
  std::int64_t max_timestamp_ms_ = kNoTimestamp;
};

/// A batch without records, as a cleaner leaves it where a producer's state hangs on it: offsets [base_offset, last].
ByteBuffer empty_batch(const BatchSettings& settings, Offset last, WallTime max_timestamp);

/// One end-of-transaction marker (KIP-98): key (version, type), value (version, coordinator epoch). Type abort or
/// commit.
ByteBuffer end_transaction_marker(Offset base_offset, LeaderEpoch leader_epoch, WallTime timestamp,
                                  ProducerId producer_id, ProducerEpoch producer_epoch, ControlType type,
                                  std::int32_t coordinator_epoch);

/// A control batch of one record: `value` is the schema's bytes, version prefix included. For the metadata log's own
/// records.
ByteBuffer control_batch(Offset base_offset, LeaderEpoch leader_epoch, WallTime timestamp, ControlType type,
                         Bytes value);

}  // namespace gregor::record
