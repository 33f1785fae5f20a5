// batch_check: what a broker looks at before it appends what a producer sent; bytes to verdict, nothing else.
// Everything but offsets, epochs and producer state (those are replica's). Uncompressed batches are walked in place
// without an allocation; compressed ones through a window of 64 KiB.
//
// Trusts nothing. Order and codes are Kafka's (its produce request, log and log validator), but where Kafka stumbles
// over an exception of its own and says UNKNOWN_SERVER_ERROR, the answer here is CORRUPT_MESSAGE or INVALID_RECORD.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "record/batch_stamp.h"
#include "record/batch_view.h"
#include "record/codec.h"

namespace gregor::record {

/// The values are Kafka's error codes on the wire.
enum class BatchVerdict : std::int16_t {
  none = 0,
  corrupt_message = 2,
  message_too_large = 10,
  record_list_too_large = 18,
  invalid_timestamp = 32,
  unsupported_compression_type = 76,
  invalid_record = 87,
};
const char* name_of(BatchVerdict verdict);

/// Who appends: a coordinator may write control batches, a client may not.
enum class BatchOrigin : std::uint8_t { client, coordinator };

/// The topic's and the request's part in the judgement; defaults are Kafka's.
struct BatchPolicy {
  std::int16_t produce_version = 13;  ///< zstd needs 7
  BatchOrigin origin = BatchOrigin::client;
  bool is_compacted = false;                 ///< cleanup.policy holds "compact": every record needs a key
  std::int64_t message_bytes_max = 1048588;  ///< max.message.bytes
  std::int64_t segment_bytes = 1073741824;   ///< segment.bytes
  TimestampType timestamp_type = TimestampType::create_time;  ///< message.timestamp.type
  std::int64_t timestamp_before_max_ms = INT64_MAX;           ///< message.timestamp.before.max.ms
  std::int64_t timestamp_after_max_ms = 3600000;              ///< message.timestamp.after.max.ms
  std::optional<Codec> codec = std::nullopt;                  ///< compression.type; none is "producer" (keep what came)
  int level = kDefaultLevel;                                  ///< compression.<codec>.level
  std::size_t decompressed_bytes_max = kDecompressedBytesMax;  ///< beyond it: message_too_large
};

/// One record that was refused, and why (KIP-467). At most kRecordErrorsMax are reported.
struct RecordError {
  std::int32_t batch_index = 0;
  std::string text;
};
inline constexpr std::size_t kRecordErrorsMax = 100;

struct BatchCheck {
  BatchVerdict verdict = BatchVerdict::none;
  std::string text;                        ///< one sentence for people; empty without an error
  std::vector<RecordError> record_errors;  ///< record by record, where the verdict rests on single records

  // The rest holds where verdict is none.
  Bytes batch;  ///< what to append: the batch without bytes that trail it
  /// The time to stamp (BatchStamp): none where the producer's own type and maximum stand.
  std::optional<BatchStamp::Time> time;
  ByteBuffer recompressed;  ///< not empty where compression.type asked for another codec; `batch` is a view of it

  BatchCheck() = default;
  BatchCheck(BatchCheck&&) = default;  // moving keeps `batch` good: a moved vector keeps its bytes
  BatchCheck& operator=(BatchCheck&&) = default;
  [[nodiscard]] bool is_accepted() const { return verdict == BatchVerdict::none; }
};

/// `records` is the records field of one partition of a Produce request; it must outlive the answer. `now` is the
/// broker's wall clock, for LogAppendTime and for the range of timestamps.
BatchCheck check_batch(Bytes records, const BatchPolicy& policy, WallTime now, CodecScratch& scratch);

}  // namespace gregor::record
