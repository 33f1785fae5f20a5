// Retention: which old segments a topic's rules let go (retention.ms, retention.bytes). Pure.
#pragma once

#include <cstdint>
#include <span>

#include "base/ids.h"
#include "base/time.h"
#include "config/topic_config.h"
#include "storage/partition_log.h"

namespace gregor::partition {

struct RetentionRule {
  bool deletes = true;          ///< cleanup.policy holds "delete"
  std::int64_t ms_max = -1;     ///< -1: no limit
  std::int64_t bytes_max = -1;  ///< -1: no limit
  static RetentionRule of(const config::TopicConfig& config);
};

/// The offset from which on records are kept: the end of the last segment that may go. Never beyond `high_watermark`.
/// The segment that grows may go like the others, and then another must begin first. Segments are oldest first; the
/// span is never empty.
Offset retention_boundary(std::span<const storage::SegmentSummary> segments, const RetentionRule& rule, WallTime now,
                          Offset high_watermark);

}  // namespace gregor::partition
