// When a segment is full: Kafka's rule, asked before each group is appended. Pure.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/time.h"
#include "storage/log_config.h"
#include "storage/segment_index.h"

namespace gregor::storage {

/// The last segment as the rule sees it; an append under way counts with what it will have written.
struct SegmentFill {
  Offset base_offset;
  std::uint64_t size_bytes = 0;
  std::int64_t first_batch_timestamp_ms = -1;  ///< maximum timestamp of the segment's first batch; -1 where unknown
  WallTime created;
  IndexCursor index;
};

/// What Kafka appends at once.
struct GroupExtent {
  Offset last_offset;
  std::int64_t max_timestamp_ms = -1;
  std::uint64_t size_bytes = 0;
};

bool should_roll(const SegmentFill& fill, const GroupExtent& group, const LogConfig& config, WallTime now);

}  // namespace gregor::storage
