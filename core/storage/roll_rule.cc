#include "storage/roll_rule.h"

#include <limits>

namespace gregor::storage {
namespace {

bool is_past_its_time(const SegmentFill& fill, const GroupExtent& group, const LogConfig& config, WallTime now) {
  if (fill.size_bytes == 0) return false;
  // Batches carry their own time: a replica rolls where its leader did. Without timestamps only the wall clock is left.
  const std::int64_t waited_ms = fill.first_batch_timestamp_ms >= 0
                                     ? group.max_timestamp_ms - fill.first_batch_timestamp_ms
                                     : now.ms - fill.created.ms;
  return waited_ms > config.segment_ms;
}

bool has_full_index(const IndexCursor& index, const LogConfig& config) {
  const auto offset_entries_max = config.segment_index_bytes / static_cast<std::int64_t>(kOffsetEntryBytes);
  const auto time_entries_max = config.segment_index_bytes / static_cast<std::int64_t>(kTimeEntryBytes);
  // One time entry is kept for the one that seals the segment.
  return index.offset_entries >= offset_entries_max || index.time_entries >= time_entries_max - 1;
}

}  // namespace

bool should_roll(const SegmentFill& fill, const GroupExtent& group, const LogConfig& config, WallTime now) {
  const auto room = config.segment_bytes - static_cast<std::int64_t>(group.size_bytes);
  return static_cast<std::int64_t>(fill.size_bytes) > room || is_past_its_time(fill, group, config, now) ||
         has_full_index(fill.index, config) ||
         group.last_offset - fill.base_offset > std::numeric_limits<std::int32_t>::max();
}

}  // namespace gregor::storage
