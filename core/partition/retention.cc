#include "partition/retention.h"

#include "base/mutant.h"

namespace gregor::partition {

RetentionRule RetentionRule::of(const config::TopicConfig& config) {
  return {.deletes = config.cleanup_policy_delete, .ms_max = config.retention_ms, .bytes_max = config.retention_bytes};
}

Offset retention_boundary(std::span<const storage::SegmentSummary> segments, const RetentionRule& rule, WallTime now,
                          Offset high_watermark) {
  Offset boundary = segments.front().base_offset;
  if (!rule.deletes) return boundary;
  std::uint64_t bytes = 0;
  for (const auto& segment : segments) bytes += segment.size_bytes;
  for (const auto& segment : segments) {
    if (segment.size_bytes == 0) break;
    const bool is_old =
        rule.ms_max >= 0 && segment.max_timestamp_ms >= 0 && now.ms - segment.max_timestamp_ms > rule.ms_max;
    const bool is_too_much =
        rule.bytes_max >= 0 && bytes - segment.size_bytes >= static_cast<std::uint64_t>(rule.bytes_max);
    const bool is_committed = segment.end_offset <= high_watermark || MUTANT(retention_past_high_watermark);
    if (!is_committed || (!is_old && !is_too_much)) break;
    boundary = segment.end_offset;
    bytes -= segment.size_bytes;
  }
  return boundary;
}

}  // namespace gregor::partition
