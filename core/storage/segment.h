// Segment: one segment of an open log, in memory. Values only; the log's own code moves them.
#pragma once

#include <cstdint>
#include <memory>

#include "base/ids.h"
#include "base/time.h"
#include "env/disk.h"
#include "storage/segment_index.h"

namespace gregor::storage {

struct Segment {
  explicit Segment(Offset base) : base_offset(base), end_offset(base) {}

  Offset base_offset;
  Offset end_offset;  ///< one past the last batch
  std::uint64_t size_bytes = 0;
  std::int64_t max_timestamp_ms = -1;
  std::int64_t first_batch_timestamp_ms = -1;  ///< kept for the last segment alone
  WallTime created;
  std::uint64_t aborted_bytes = 0;  ///< of the transaction index; 0: there is none
  bool aborted_is_dirty = false;    ///< the transaction index, or its name, is not durable yet
  bool is_sealed = false;
  bool is_flushed = false;  ///< sealed, and its files are durable
  bool is_removed = false;  ///< deleted while someone may still hold it
  /// Open for the last segment and for sealed ones that are not flushed; else while in use.
  std::shared_ptr<env::File> log_file;
  std::shared_ptr<SegmentIndex> index;
};

}  // namespace gregor::storage
