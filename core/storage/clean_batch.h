// What a cleaner leaves of one batch (KIP-58, KIP-98, KIP-534): Kafka's rules. Offsets, timestamps, headers, the codec
// and the producer's fields stay as they are; only records go. Pure.
//
// A record with a key stays while it is the last one of its key; a tombstone, and the marker of a transaction without
// data, until the delete horizon that its batch is given when a cleaner first meets it so. Records without a key go:
// a compacted topic takes none.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "record/batch_view.h"
#include "record/codec.h"
#include "storage/key_offsets.h"

namespace gregor::storage {

/// What a round of cleaning holds to.
struct CleanRules {
  const KeyOffsets& latest;              ///< of the dirty part, which ends at:
  Offset map_end;                        ///< nothing at or above is looked at
  WallTime now;                          ///< when the round began
  std::int64_t delete_retention_ms = 0;  ///< delete.retention.ms
};

/// What is known of the batch from its neighbours.
struct BatchStanding {
  bool is_aborted = false;           ///< its transaction was aborted: no record stays
  bool is_empty_marker = false;      ///< the marker of a transaction without data
  bool is_last_of_producer = false;  ///< a producer's sequence or epoch is known by it alone
  bool is_last_of_segment = false;   ///< the cleaned segment's end is known by it alone
};

struct CleanedBatch {
  enum class Fate : std::uint8_t { as_it_is, rewritten, dropped };
  Fate fate = Fate::as_it_is;
  ByteBuffer bytes = {};  ///< where it was rewritten, its CRC included
};

/// Errors: malformed, unsupported, limit (records that do not decompress or parse), io (the codec failed).
Result<CleanedBatch> clean_batch(const record::BatchView& batch, const BatchStanding& standing, const CleanRules& rules,
                                 record::CodecScratch& scratch);

/// What a producer's sequences hang on.
struct LastOfProducer {
  std::optional<Offset> data_offset;  ///< the last offset of its last data batch; none when only markers are known
  ProducerEpoch epoch;
};
bool is_last_of_producer(const record::BatchView& batch, const std::optional<LastOfProducer>& last);

}  // namespace gregor::storage
