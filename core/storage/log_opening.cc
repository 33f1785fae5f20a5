#include "storage/log_opening.h"

#include <algorithm>
#include <string>

#include "base/mutant.h"
#include "storage/checkpoint_file.h"
#include "storage/folder_sweep.h"

namespace gregor::storage {

Result<SegmentIndex> rebuild_index(env::Fiber& self, env::File& log_file, const Segment& segment,
                                   std::int64_t interval_bytes) {
  SegmentIndex index(segment.base_offset);
  BatchStream stream(log_file, FilePosition{0}, FilePosition{segment.size_bytes}, BatchTrust::header);
  for (;;) {
    TRY_ASSIGN(const auto next, stream.next(self));
    if (!next) break;
    index.add(next->indexed(), interval_bytes);
  }
  if (segment.is_sealed) index.seal();
  return index;
}

Result<OpenedLog> LogOpening::run(env::Fiber& self) {
  TRY(find_segments(self));
  if (log_.segments.empty()) {
    TRY(start_empty(self, checkpoints_.log_start_offset));
    log_.log_start = checkpoints_.log_start_offset;
    TRY(drop_stale_snapshots(self));
    TRY(restore_epochs(self));
    return std::move(log_);
  }
  TRY(measure_segments(self));
  const std::size_t first_recovered = first_to_recover();
  for (std::size_t i = 0; i < std::min(first_recovered, log_.segments.size() - 1); ++i) {
    TRY(check_sealed(self, *log_.segments[i]));
  }
  if (first_recovered < log_.segments.size()) {
    TRY(recover_from(self, first_recovered));
  } else {
    TRY_ASSIGN(const bool is_resumed, resume_active(self, *log_.segments.back()));
    if (!is_resumed) TRY(recover_from(self, log_.segments.size() - 1));
  }
  if (log_.segments.back()->end_offset < checkpoints_.log_start_offset) {
    // All that was served is gone, or the checkpoint is of another life: nothing below it may come back.
    while (!log_.segments.empty()) {
      TRY(files_.remove(self, log_.segments.back()->base_offset));
      log_.segments.pop_back();
    }
    TRY(start_empty(self, checkpoints_.log_start_offset));
  }
  log_.log_start = std::max(checkpoints_.log_start_offset, log_.segments.front()->base_offset);
  TRY(check_transaction_indexes(self));
  TRY(restore_epochs(self));
  TRY(drop_stale_snapshots(self));
  TRY(files_.sync_folder(self));
  return std::move(log_);
}

Result<void> LogOpening::find_segments(env::Fiber& self) {
  TRY_ASSIGN(auto swept, sweep_folder(self, files_));
  log_.snapshots = std::move(swept.snapshots);
  transaction_indexes_ = std::move(swept.transaction_indexes);
  for (const Offset base : swept.segments) {
    auto segment = std::make_shared<Segment>(base);
    segment->created = seat_.clock.wall_now();
    log_.segments.push_back(std::move(segment));
  }
  return {};
}

Result<void> LogOpening::measure_segments(env::Fiber& self) {
  for (std::size_t i = 0; i < log_.segments.size(); ++i) {
    Segment& segment = *log_.segments[i];
    TRY_ASSIGN(const auto status, seat_.disk.status(self, files_.path(segment.base_offset, FileKind::log)));
    segment.size_bytes = status.size;
    if (i + 1 == log_.segments.size()) continue;
    segment.end_offset = log_.segments[i + 1]->base_offset;
    segment.is_sealed = true;
    segment.is_flushed = true;
  }
  return {};
}

/// Index of the segment that holds the recovery point; beyond the last one after a clean end.
std::size_t LogOpening::first_to_recover() const {
  if (checkpoints_.clean_shutdown) return log_.segments.size();
  std::size_t first = 0;
  while (first + 1 < log_.segments.size() && log_.segments[first + 1]->base_offset <= checkpoints_.recovery_point) {
    ++first;
  }
  return first;
}

Result<void> LogOpening::start_empty(env::Fiber& self, Offset base) {
  auto segment = std::make_shared<Segment>(base);
  segment->created = seat_.clock.wall_now();
  segment->index = std::make_shared<SegmentIndex>(base);
  TRY_ASSIGN(segment->log_file, files_.create(self, base));
  log_.segments.push_back(std::move(segment));
  return {};
}

Result<void> LogOpening::recover_from(env::Fiber& self, std::size_t index) {
  log_.aborted_unknown_from = log_.segments[index]->base_offset;
  for (std::size_t i = index; i < log_.segments.size(); ++i) {
    Segment& segment = *log_.segments[i];
    const bool leaves_gap =
        i > index && config_.dense_offsets && segment.base_offset != log_.segments[i - 1]->end_offset;
    const bool overlaps = i > index && segment.base_offset < log_.segments[i - 1]->end_offset;
    if (leaves_gap || overlaps) {
      TRY(drop_after(self, i - 1));
      break;
    }
    TRY_ASSIGN(const bool is_whole, recover(self, segment));
    if (is_whole) continue;
    TRY(drop_after(self, i));
    TRY(cut(self, i, FilePosition{segment.size_bytes}));
  }
  for (std::size_t i = index; i < log_.segments.size(); ++i) {
    Segment& segment = *log_.segments[i];
    const bool is_last = i + 1 == log_.segments.size();
    segment.is_sealed = !is_last;
    segment.is_flushed = !is_last;
    segment.index->seal();
    segment.max_timestamp_ms = segment.index->cursor().max_timestamp_ms;
    TRY(segment.log_file->fdatasync(self));
    TRY_ASSIGN(segment.aborted_bytes, files_.trim_transaction_index(self, segment.base_offset, segment.end_offset));
    if (is_last) {
      segment.index->restart_interval();
      TRY(files_.remove_index(self, segment.base_offset));
      break;
    }
    TRY(files_.write_index(self, *segment.index));
    segment.log_file.reset();
    segment.index.reset();
  }
  return {};
}

bool LogOpening::follows(const record::BatchView& batch, const Segment& segment) const {
  if (batch.last_offset() - segment.base_offset > INT32_MAX) return false;
  if (config_.dense_offsets) return batch.base_offset() == segment.end_offset;
  return batch.base_offset() >= segment.end_offset;
}

/// Builds the segment anew from its batches. False when something stands behind the last good one; size_bytes is then
/// where the good ones end, and the file is still as it was.
Result<bool> LogOpening::recover(env::Fiber& self, Segment& segment) {
  TRY_ASSIGN(segment.log_file, files_.open_log(self, segment.base_offset));
  // A flush that failed in a former life may have left bytes that are shown but will never be on the disk.
  segment.log_file->drop_clean_pages(self);
  TRY_ASSIGN(const FilePosition size, segment.log_file->size(self));
  segment.size_bytes = size.value();
  segment.index = std::make_shared<SegmentIndex>(segment.base_offset);
  segment.end_offset = segment.base_offset;
  segment.first_batch_timestamp_ms = -1;
  const FilePosition file_end{segment.size_bytes};
  const BatchTrust trust = MUTANT(recovery_skips_crc) ? BatchTrust::header : BatchTrust::crc;
  BatchStream stream(*segment.log_file, FilePosition{0}, file_end, trust);
  segment.size_bytes = 0;
  for (;;) {
    auto next = stream.next(self);
    if (!next && next.error().code != Errc::corrupt) return fail(std::move(next.error()));
    if (next && !*next) return true;
    if (!next || !follows((*next)->batch, segment)) break;
    const auto& batch = (*next)->batch;
    if (segment.size_bytes == 0) segment.first_batch_timestamp_ms = batch.max_timestamp().ms;
    segment.index->add((*next)->indexed(), config_.index_interval_bytes);
    segment.end_offset = batch.next_offset();
    segment.size_bytes = stream.position().value();
    note_epoch(batch);
  }
  log_.bytes_truncated += file_end.value() - segment.size_bytes;
  return false;
}

Result<void> LogOpening::cut(env::Fiber& self, std::size_t index, FilePosition to) {
  const Segment& segment = *log_.segments[index];
  seat_.log.warn("log.cut", {{"partition", seat_.folder},
                             {"end_offset", segment.end_offset.value()},
                             {"segment", segment.base_offset.value()},
                             {"bytes", log_.bytes_truncated}});
  return segment.log_file->truncate(self, to);
}

/// From the newest down and before the damaged one is cut, so that a crash meanwhile finds the damage again.
Result<void> LogOpening::drop_after(env::Fiber& self, std::size_t index) {
  while (log_.segments.size() > index + 1) {
    log_.bytes_truncated += log_.segments.back()->size_bytes;
    TRY(files_.remove(self, log_.segments.back()->base_offset));
    log_.segments.pop_back();
  }
  return {};
}

/// A flushed segment is not read through; an index that is lost or does not fit is made again.
Result<void> LogOpening::check_sealed(env::Fiber& self, Segment& segment) {
  if (segment.size_bytes == 0) return {};
  const auto last = files_.probe_index(self, segment.base_offset, segment.end_offset, segment.size_bytes);
  if (last) {
    segment.max_timestamp_ms = last->timestamp_ms;
    return {};
  }
  if (last.error().code == Errc::io) return fail(last.error());
  if (MUTANT(trust_stale_index)) return {};
  TRY_ASSIGN(const auto log_file, files_.open_log(self, segment.base_offset));
  auto index = rebuild_index(self, *log_file, segment, config_.index_interval_bytes);
  // Rot in a flushed segment is for the reads that meet it; the log as a whole still opens.
  if (!index && index.error().code == Errc::corrupt) return {};
  if (!index) return fail(std::move(index.error()));
  segment.max_timestamp_ms = index->cursor().max_timestamp_ms;
  return files_.write_index(self, *index);
}

/// The last segment after a clean end: its index, and the batches behind the last entry. False when they do not agree.
Result<bool> LogOpening::resume_active(env::Fiber& self, Segment& segment) {
  if (!segment.log_file) {
    TRY_ASSIGN(segment.log_file, files_.open_log(self, segment.base_offset));
  }
  auto index = files_.read_index(self, segment.base_offset, Offset{INT64_MAX}, segment.size_bytes);
  if (!index && index.error().code == Errc::io) return fail(std::move(index.error()));
  if (!index) return false;
  // A closed segment has its greatest timestamp there: look-ups by time trust it.
  if (index->time_entries().empty() && segment.size_bytes > 0) return false;
  const auto entry = index->last_offset_entry();
  const FilePosition begin = entry ? entry->position : FilePosition{0};
  BatchStream stream(*segment.log_file, begin, FilePosition{segment.size_bytes}, BatchTrust::crc);
  for (;;) {
    auto next = stream.next(self);
    if (!next && next.error().code == Errc::corrupt) return false;
    if (!next) return fail(std::move(next.error()));
    if (!*next) break;
    const auto& batch = (*next)->batch;
    const bool is_first = (*next)->position == begin;
    if (is_first && entry && batch.last_offset() != entry->offset) return false;
    if (batch.base_offset() < segment.end_offset) return false;
    index->rescan((*next)->indexed());
    segment.end_offset = batch.next_offset();
  }
  const bool points_beyond =
      !index->time_entries().empty() && index->time_entries().back().offset >= segment.end_offset;
  if (points_beyond) return false;
  if (segment.size_bytes > 0) {
    BatchStream first(*segment.log_file, FilePosition{0}, FilePosition{segment.size_bytes}, BatchTrust::header);
    TRY_ASSIGN(const auto batch, first.next(self));
    segment.first_batch_timestamp_ms = batch->batch.max_timestamp().ms;
  }
  segment.index = std::make_shared<SegmentIndex>(std::move(*index));
  segment.max_timestamp_ms = segment.index->cursor().max_timestamp_ms;
  TRY(files_.remove_index(self, segment.base_offset));
  return true;
}

Result<void> LogOpening::drop_stale_snapshots(env::Fiber& self) {
  const Offset end = log_.segments.back()->end_offset;
  while (!log_.snapshots.empty() && *log_.snapshots.rbegin() > end) {
    const Offset stale = *log_.snapshots.rbegin();
    TRY(files_.remove_file(self, files_.path(stale, FileKind::producer_snapshot)));
    log_.snapshots.erase(stale);
  }
  return {};
}

}  // namespace gregor::storage
