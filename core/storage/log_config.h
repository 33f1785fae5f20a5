// What a partition log is told by its topic: sizes and times, under Kafka's keys. Who derives it from broker and topic
// settings is no concern of storage.
#pragma once

#include <cstdint>

namespace gregor::storage {

struct LogConfig {
  std::int64_t segment_bytes = std::int64_t{1} << 30;         ///< segment.bytes: a batch larger than this is refused
  std::int64_t segment_ms = std::int64_t{7} * 24 * 3600'000;  ///< segment.ms, measured in batch timestamps; jitter is 0
  std::int64_t index_interval_bytes = 4096;                   ///< index.interval.bytes
  std::int64_t segment_index_bytes = 10 << 20;                ///< segment.index.bytes: a full index rolls the segment
  std::int64_t file_delete_delay_ms = 0;  ///< file.delete.delay.ms: how long a deleted segment keeps its bytes
  /// Whether every offset between log start and log end is taken, as in topics that were never compacted. Recovery then
  /// treats a gap in what was not flushed as damage and cuts the log before it.
  bool dense_offsets = true;
};

}  // namespace gregor::storage
