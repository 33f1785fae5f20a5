// BatchView: the header of one record batch of magic 2, read in place. It borrows: the bytes must outlive it.
// Trusts nothing but the length it was given; a wrong CRC, count or codec is for the caller (batch_check, recovery) to
// judge.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "record/batch_format.h"

namespace gregor::record {

class BatchView {
 public:
  /// The whole batch at the start of `bytes`; what follows it is ignored. Errors: malformed (shorter than its length
  /// says, shorter than a header), unsupported (magic other than 2).
  static Result<BatchView> parse(Bytes bytes);
  /// A header alone, of at least kBatchHeaderBytes and magic 2, the records perhaps not there. Errors: as parse().
  static Result<BatchView> parse_header(Bytes bytes);

  /// Of the whole batch, header included.
  [[nodiscard]] std::size_t size() const {
    return kBatchPrefixBytes + static_cast<std::size_t>(load<std::int32_t>(kBatchLengthAt));
  }
  /// All of it. Requires a view made by parse().
  [[nodiscard]] Bytes bytes() const { return bytes_.first(size()); }
  /// The records, compressed where the codec says so. Requires a view made by parse().
  [[nodiscard]] Bytes record_bytes() const { return bytes().subspan(kBatchHeaderBytes); }

  [[nodiscard]] Offset base_offset() const { return Offset{load<std::int64_t>(kBaseOffsetAt)}; }
  [[nodiscard]] std::int32_t last_offset_delta() const { return load<std::int32_t>(kLastOffsetDeltaAt); }
  [[nodiscard]] Offset last_offset() const { return base_offset() + last_offset_delta(); }
  /// One past the last.
  [[nodiscard]] Offset next_offset() const { return last_offset() + 1; }
  [[nodiscard]] LeaderEpoch leader_epoch() const { return LeaderEpoch{load<std::int32_t>(kLeaderEpochAt)}; }
  [[nodiscard]] std::uint32_t crc() const { return load<std::uint32_t>(kCrcAt); }
  [[nodiscard]] std::int16_t attributes() const { return load<std::int16_t>(kAttributesAt); }
  /// None for the ids 5 to 7, which nobody defined.
  [[nodiscard]] std::optional<Codec> codec() const;
  [[nodiscard]] TimestampType timestamp_type() const {
    return has(kLogAppendTimeFlag) ? TimestampType::log_append_time : TimestampType::create_time;
  }
  [[nodiscard]] bool is_transactional() const { return has(kTransactionalFlag); }
  [[nodiscard]] bool is_control() const { return has(kControlFlag); }
  /// The time from which a cleaner may drop tombstones of this batch, where one has set it (KIP-534).
  [[nodiscard]] std::optional<WallTime> delete_horizon() const;
  /// What the records' timestamp deltas count from; the delete horizon where there is one.
  [[nodiscard]] WallTime base_timestamp() const { return WallTime{load<std::int64_t>(kBaseTimestampAt)}; }
  /// -1 where no record has one.
  [[nodiscard]] WallTime max_timestamp() const { return WallTime{load<std::int64_t>(kMaxTimestampAt)}; }
  [[nodiscard]] ProducerId producer_id() const { return ProducerId{load<std::int64_t>(kProducerIdAt)}; }
  [[nodiscard]] bool has_producer_id() const { return producer_id() > kNoProducerId; }
  [[nodiscard]] ProducerEpoch producer_epoch() const { return ProducerEpoch{load<std::int16_t>(kProducerEpochAt)}; }
  /// -1 where the batch is not idempotent, and in control batches.
  [[nodiscard]] Sequence base_sequence() const { return Sequence{load<std::int32_t>(kBaseSequenceAt)}; }
  /// Of the last offset; wraps at 2^31-1. -1 where base_sequence() is.
  [[nodiscard]] Sequence last_sequence() const;
  [[nodiscard]] std::int32_t record_count() const { return load<std::int32_t>(kRecordCountAt); }

  /// Of the bytes as they are. Requires a view made by parse().
  [[nodiscard]] std::uint32_t computed_crc() const;
  [[nodiscard]] bool crc_is_right() const { return computed_crc() == crc(); }

 private:
  explicit BatchView(Bytes bytes) : bytes_(bytes) {}
  template <class Int>
  [[nodiscard]] Int load(std::size_t at) const {
    return load_big_endian<Int>(bytes_.data() + at);
  }
  [[nodiscard]] bool has(std::int16_t flag) const { return (attributes() & flag) != 0; }

  Bytes bytes_;
};

/// Kafka's rule for sequences: after 2^31-1 comes 0. Requires `steps` >= 0 and `sequence` >= 0.
Sequence advance_sequence(Sequence sequence, std::int32_t steps);

}  // namespace gregor::record
