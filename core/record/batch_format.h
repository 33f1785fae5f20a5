// Where the fields of a record batch of magic 2 stand (KIP-98, Kafka's DefaultRecordBatch), and the words for its
// flags. Facts only: nothing here reads or writes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gregor::record {

/// Codec of a batch's records, as in the low three bits of its attributes. 5 to 7 are unknown.
enum class Codec : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };
/// "none", "gzip", "snappy", "lz4", "zstd": Kafka's words in compression.type.
const char* name_of(Codec codec);

enum class TimestampType : std::uint8_t { create_time = 0, log_append_time = 1 };

inline constexpr std::int64_t kNoTimestamp = -1;
inline constexpr std::int32_t kNoSequence = -1;
inline constexpr std::int16_t kNoProducerEpoch = -1;

inline constexpr std::size_t kBaseOffsetAt = 0;
inline constexpr std::size_t kBatchLengthAt = 8;
inline constexpr std::size_t kLeaderEpochAt = 12;
inline constexpr std::size_t kMagicAt = 16;
inline constexpr std::size_t kCrcAt = 17;
inline constexpr std::size_t kAttributesAt = 21;  ///< the CRC covers this and all that follows
inline constexpr std::size_t kLastOffsetDeltaAt = 23;
inline constexpr std::size_t kBaseTimestampAt = 27;
inline constexpr std::size_t kMaxTimestampAt = 35;
inline constexpr std::size_t kProducerIdAt = 43;
inline constexpr std::size_t kProducerEpochAt = 51;
inline constexpr std::size_t kBaseSequenceAt = 53;
inline constexpr std::size_t kRecordCountAt = 57;
inline constexpr std::size_t kBatchHeaderBytes = 61;

/// Base offset and length: what stands before any batch, of every magic. `length` counts the bytes after these.
inline constexpr std::size_t kBatchPrefixBytes = 12;
/// The least that tells size and magic.
inline constexpr std::size_t kBytesUpToMagic = 17;
/// The least `length` of any magic (a message of magic 0 without key and value).
inline constexpr std::int32_t kBatchLengthMin = 14;

inline constexpr std::int16_t kCodecMask = 0x07;
inline constexpr std::int16_t kLogAppendTimeFlag = 0x08;
inline constexpr std::int16_t kTransactionalFlag = 0x10;
inline constexpr std::int16_t kControlFlag = 0x20;
inline constexpr std::int16_t kDeleteHorizonFlag = 0x40;

}  // namespace gregor::record
