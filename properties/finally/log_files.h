// The files of a log as they lie on a disk, read without any of the broker's own code that opens logs: what stands in
// a segment, and whether its indexes agree with it. Takes bytes, knows no disk and no world.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "properties/violation.h"

namespace gregor::properties {

struct StoredBatch {
  Offset base;
  Offset last;
  std::uint32_t crc = 0;
  ProducerId producer = kNoProducerId;
  ProducerEpoch epoch{-1};
  Sequence first_sequence{-1};
  LeaderEpoch leader_epoch{-1};
  FilePosition position{0};
  std::int64_t max_timestamp_ms = -1;
};

struct StoredSegment {
  Offset base;
  std::vector<StoredBatch> batches;  ///< whole ones with a right CRC, at dense offsets from `base`
  std::string damage;                ///< what stands behind them, in words; empty when nothing does
};

/// The batches of a segment file up to the first that is torn, wrong or out of place.
StoredSegment read_segment(Offset base, Bytes content, Offset gaps_below = Offset{0});

/// S3: each entry of the offset index points at the batch that ends with its offset; each entry of the time index names
/// the greatest timestamp so far and the last offset of the batch that holds it; both rise. `name` is for the report.
void judge_indexes(const StoredSegment& segment, Bytes offset_index, Bytes time_index, const std::string& name,
                   Verdict& verdict, MonotonicTime at);

/// S3: the time index of a segment that is written no more ends with its greatest timestamp.
void judge_sealed_time_index(const StoredSegment& segment, Bytes time_index, const std::string& name, Verdict& verdict,
                             MonotonicTime at);

}  // namespace gregor::properties
