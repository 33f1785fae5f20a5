#include "storage/clean_plan.h"

#include <algorithm>

#include "record/batch_format.h"
#include "storage/segment_index.h"

namespace gregor::storage {
namespace {

/// The most that the segment's index may take: one entry each index.interval.bytes, none without a batch.
std::uint64_t index_bytes_max(const SegmentSummary& segment, const LogConfig& config) {
  const auto step =
      std::max<std::uint64_t>(static_cast<std::uint64_t>(config.index_interval_bytes), record::kBatchHeaderBytes);
  return (segment.size_bytes / step + 1) * kTimeEntryBytes;
}

Offset first_dirty_of(const CleanView& view) {
  const Offset log_end = view.segments.back().end_offset;
  if (!view.cleaned_up_to) return view.log_start;
  const bool is_of_another_life = *view.cleaned_up_to > log_end;
  return is_of_another_life ? view.log_start : std::max(*view.cleaned_up_to, view.log_start);
}

}  // namespace

std::uint64_t CleanWork::dirty_ppm() const {
  const std::uint64_t all = clean_bytes + dirty_bytes;
  if (all == 0) return 0;
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(dirty_bytes) * kWhole / all);
}

bool CleanWork::is_due(const CleanPolicy& policy) const {
  return dirty_bytes > 0 && (is_overdue || dirty_ppm() > policy.min_dirty_ppm);
}

CleanWork find_work(const CleanView& view, const CleanPolicy& policy) {
  CleanWork work{.first_dirty = first_dirty_of(view), .end = Offset{0}};
  const SegmentSummary& active = view.segments.back();
  Offset end = std::min(view.last_stable, active.base_offset);
  for (const auto& segment : view.segments.first(view.segments.size() - 1)) {
    const bool is_dirty = segment.end_offset > work.first_dirty;
    if (!is_dirty || policy.min_lag_ms <= 0) continue;
    if (segment.max_timestamp_ms > view.now.ms - policy.min_lag_ms) {
      end = std::min(end, std::max(segment.base_offset, work.first_dirty));
      break;
    }
  }
  work.end = std::max(end, work.first_dirty);
  for (const auto& segment : view.segments.first(view.segments.size() - 1)) {
    if (segment.base_offset >= work.end || work.end == work.first_dirty) break;
    if (segment.end_offset <= work.first_dirty) {
      work.clean_bytes += segment.size_bytes;
      continue;
    }
    work.dirty_bytes += segment.size_bytes;
    const bool has_waited = segment.first_timestamp_ms > 0 && policy.max_lag_ms != INT64_MAX &&
                            view.now.ms - segment.first_timestamp_ms > policy.max_lag_ms;
    work.is_overdue = work.is_overdue || has_waited;
  }
  return work;
}

std::vector<CleanGroup> group_segments(std::span<const SegmentSummary> segments, Offset end, const LogConfig& config) {
  std::vector<CleanGroup> groups;
  std::uint64_t bytes = 0;
  std::uint64_t index_bytes = 0;
  for (std::size_t i = 0; i + 1 < segments.size() && segments[i].base_offset < end; ++i) {
    const SegmentSummary& next = segments[i];
    const std::uint64_t next_index_bytes = index_bytes_max(next, config);
    const bool fits = !groups.empty() && bytes + next.size_bytes <= static_cast<std::uint64_t>(config.segment_bytes) &&
                      index_bytes + next_index_bytes <= static_cast<std::uint64_t>(config.segment_index_bytes) &&
                      next.end_offset - segments[groups.back().first].base_offset <= INT32_MAX;
    if (!fits) {
      groups.push_back({i, i});
      bytes = 0;
      index_bytes = 0;
    }
    groups.back().end = i + 1;
    bytes += next.size_bytes;
    index_bytes += next_index_bytes;
  }
  return groups;
}

}  // namespace gregor::storage
