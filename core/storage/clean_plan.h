// What of a log there is to compact, and in which pieces: Kafka's rules (KIP-58, KIP-354). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "storage/log_config.h"
#include "storage/partition_log.h"

namespace gregor::storage {

/// A ratio in parts per million: decisions know no floating point.
inline constexpr std::uint64_t kWhole = 1'000'000;

/// What a compacted topic asks for.
struct CleanPolicy {
  std::uint64_t min_dirty_ppm = kWhole / 2;  ///< min.cleanable.dirty.ratio
  std::int64_t min_lag_ms = 0;               ///< min.compaction.lag.ms
  std::int64_t max_lag_ms = INT64_MAX;       ///< max.compaction.lag.ms
};

/// What there is, oldest segment first; the last one, which grows, is never cleaned.
struct CleanView {
  std::span<const SegmentSummary> segments;
  Offset log_start;
  std::optional<Offset> cleaned_up_to;  ///< as the cleaner's checkpoint says
  Offset last_stable;                   ///< no open transaction is cleaned
  WallTime now;
};

struct CleanWork {
  Offset first_dirty;  ///< [first_dirty, end) holds the records not yet looked at
  Offset end;
  std::uint64_t clean_bytes = 0;  ///< below first_dirty
  std::uint64_t dirty_bytes = 0;  ///< of [first_dirty, end)
  bool is_overdue = false;        ///< max.compaction.lag.ms has passed
  [[nodiscard]] std::uint64_t dirty_ppm() const;
  /// Whether a cleaner that comes by should take it.
  [[nodiscard]] bool is_due(const CleanPolicy& policy) const;
};

/// Requires at least one segment. A checkpoint outside the log is that of another life: everything counts as dirty.
CleanWork find_work(const CleanView& view, const CleanPolicy& policy);

/// Neighbours that fit into one segment, as indexes [first, end) into the summaries.
struct CleanGroup {
  std::size_t first = 0;
  std::size_t end = 0;
  bool operator==(const CleanGroup&) const = default;
};

/// Of the segments that begin below `end`, all but the last. Each is in one group, in order.
std::vector<CleanGroup> group_segments(std::span<const SegmentSummary> segments, Offset end, const LogConfig& config);

}  // namespace gregor::storage
