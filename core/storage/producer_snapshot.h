// Producer snapshots: what was known of each producer when the log ended at the offset in the file's name
// (NNN.snapshot: version 1, CRC32C, entries). Reading one saves the walk over all batches below it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace gregor::storage {

struct ProducerEntry {
  ProducerId producer_id;
  ProducerEpoch producer_epoch;
  Sequence last_sequence{-1};      ///< -1 where it has no batch
  Offset last_offset = kNoOffset;  ///< of its last batch
  std::int32_t offset_delta = 0;   ///< last minus first offset of that batch
  std::int64_t timestamp_ms = -1;  ///< of the last batch or marker
  std::int32_t coordinator_epoch = -1;
  Offset current_txn_first_offset = kNoOffset;
  bool operator==(const ProducerEntry&) const = default;
};

ByteBuffer format_producer_snapshot(const std::vector<ProducerEntry>& producers);
/// Errors: malformed, unsupported (version), corrupt (CRC).
Result<std::vector<ProducerEntry>> parse_producer_snapshot(Bytes content);

}  // namespace gregor::storage
