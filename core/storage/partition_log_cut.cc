// PartitionLog, cutting: at the end (truncation) and at the start (deletion of old segments). A truncation is durable
// before anything may be appended behind it, so that no power loss brings back what was cut.
#include <algorithm>

#include "base/check.h"
#include "storage/checkpoint_file.h"
#include "storage/partition_log_state.h"
#include "storage/segment_swap.h"

namespace gregor::storage {

Result<void> PartitionLog::State::remove_snapshots_above(env::Fiber& self, Offset end) {
  if (snapshots.empty() || *snapshots.rbegin() <= end) return {};
  while (!snapshots.empty() && *snapshots.rbegin() > end) {
    const Offset stale = *snapshots.rbegin();
    TRY(files.remove_file(self, files.path(stale, FileKind::producer_snapshot)));
    snapshots.erase(stale);
  }
  // Else a power loss could bring one back when other batches stand below its offset.
  return files.sync_folder(self);
}

Result<void> PartitionLog::State::drop_last_segment(env::Fiber& self) {
  const auto last = segments.back();
  last->is_removed = true;
  last->log_file.reset();
  TRY(files.remove(self, last->base_offset));
  segments.pop_back();
  return {};
}

Result<Offset> PartitionLog::State::cut_to(env::Fiber& self, Offset to) {
  const auto held = flushing.lock(self);
  PoisonOnUnwind guard(*this);
  if (seat.recovery_points != nullptr && flushed_end > to) {
    TRY(seat.recovery_points->lower(self, seat.partition, to));
  }
  ++cuts;
  hints.clear();
  flushed_end = std::min(flushed_end, to);
  seat.observer.on(observe::LogTruncated{seat.partition, to});  // a crash meanwhile may leave less than there was
  while (segments.size() > 1 && active().base_offset > to) {
    if (auto dropped = drop_last_segment(self); !dropped) return poison(std::move(dropped.error()));
  }
  if (auto cut = cut_last_segment(self, to); !cut) return poison(std::move(cut.error()));
  const Offset end = log_end();
  flushed_end = std::min(flushed_end, end);
  ++cuts;
  if (epochs.truncate_from_end(end)) epochs_are_written = false;
  if (end != to) seat.observer.on(observe::LogTruncated{seat.partition, end});
  if (auto removed = remove_snapshots_above(self, end); !removed) return poison(std::move(removed.error()));
  if (!epochs_are_written) {
    if (auto written = write_epochs(self); !written) return poison(std::move(written.error()));
  }
  // Again: who wrote the checkpoint meanwhile may have asked for the flushed end before the cut.
  if (seat.recovery_points != nullptr) {
    if (auto lowered = seat.recovery_points->lower(self, seat.partition, end); !lowered) {
      return poison(std::move(lowered.error()));
    }
  }
  return end;
}

/// Makes the last segment grow from the first batch on that holds or follows `to`.
Result<void> PartitionLog::State::cut_last_segment(env::Fiber& self, Offset to) {
  const auto segment = segments.back();
  TRY_ASSIGN(const auto file, file_of(self, segment));
  TRY_ASSIGN(const auto held_index, index_of(self, segment));
  auto index = std::make_shared<SegmentIndex>(*held_index);
  index->truncate_to(to);
  const auto entry = index->last_offset_entry();
  FilePosition end = entry ? entry->position : FilePosition{0};
  Offset end_offset = std::max(to, segment->base_offset);
  std::int64_t first_timestamp_ms = segment->first_batch_timestamp_ms;
  BatchStream stream(*file, end, FilePosition{segment->size_bytes}, BatchTrust::header);
  for (;;) {
    TRY_ASSIGN(const auto next, stream.next(self));
    if (!next) break;
    if (next->position == FilePosition{0}) first_timestamp_ms = next->batch.max_timestamp().ms;
    if (next->batch.last_offset() >= to) {
      end_offset = std::min(to, next->batch.base_offset());
      break;
    }
    index->rescan(next->indexed());
    end = stream.position();
  }
  if (first_timestamp_ms < 0 && end > FilePosition{0}) {
    BatchStream first(*file, FilePosition{0}, end, BatchTrust::header);
    TRY_ASSIGN(const auto batch, first.next(self));
    first_timestamp_ms = batch->batch.max_timestamp().ms;
  }
  if (segment->is_flushed) {
    TRY(files.remove_index(self, segment->base_offset));
    TRY(files.sync_folder(self));
  }
  tail_is_dirty = true;
  segment->is_sealed = false;
  segment->is_flushed = false;
  segment->log_file = file;
  segment->index = index;
  segment->size_bytes = end.value();
  segment->end_offset = end_offset;
  segment->max_timestamp_ms = index->cursor().max_timestamp_ms;
  segment->first_batch_timestamp_ms = first_timestamp_ms;
  TRY(cut_dirty_tail(self));
  TRY_ASSIGN(segment->aborted_bytes, files.trim_transaction_index(self, segment->base_offset, end_offset));
  return {};
}

Result<void> PartitionLog::State::start_anew_at(env::Fiber& self, Offset offset) {
  const auto held = flushing.lock(self);
  PoisonOnUnwind guard(*this);
  if (seat.recovery_points != nullptr) TRY(seat.recovery_points->lower(self, seat.partition, offset));
  ++cuts;
  hints.clear();
  seat.observer.on(
      observe::LogBegunAnew{seat.partition, offset});  // a crash meanwhile may leave some of what there was
  for (auto& segment : segments) segment->is_removed = true;
  for (auto at = segments.rbegin(); at != segments.rend(); ++at) {
    if (auto removed = files.remove(self, (*at)->base_offset); !removed) return poison(std::move(removed.error()));
  }
  auto fresh = std::make_shared<Segment>(offset);
  fresh->created = seat.clock.wall_now();
  fresh->index = std::make_shared<SegmentIndex>(offset);
  auto file = files.create(self, offset);
  if (!file) return poison(std::move(file.error()));
  fresh->log_file = std::move(*file);
  segments = {std::move(fresh)};
  open_sealed.clear();
  indexed_sealed.clear();
  tail_is_dirty = false;
  ++cuts;
  log_start = offset;
  flushed_end = offset;
  epochs.clear();
  while (!snapshots.empty()) {
    auto removed = files.remove_file(self, files.path(*snapshots.begin(), FileKind::producer_snapshot));
    if (!removed) return poison(std::move(removed.error()));
    snapshots.erase(snapshots.begin());
  }
  if (auto written = write_epochs(self); !written) return poison(std::move(written.error()));
  return {};
}

void PartitionLog::State::raise_log_start(Offset to) {
  if (to <= log_start) return;
  log_start = to;
  if (epochs.truncate_from_start(to)) epochs_are_written = false;
  seat.observer.on(observe::LogStartMoved{seat.partition, to});
}

/// The oldest first, each name durably gone before the next: what a crash leaves has no hole.
Result<std::size_t> PartitionLog::State::delete_segments_below(env::Fiber& self, Offset to) {
  CHECK(to <= log_end());
  PoisonOnUnwind guard(*this);
  std::size_t deleted = 0;
  while (segments.size() > 1 && segments[1]->base_offset <= to) {
    const auto oldest = segments.front();
    raise_log_start(segments[1]->base_offset);
    oldest->is_removed = true;
    oldest->log_file.reset();
    segments.erase(segments.begin());
    auto removed = config.file_delete_delay_ms > 0 ? put_aside(self, oldest->base_offset)
                                                   : files.remove(self, oldest->base_offset);
    if (!removed) return poison(std::move(removed.error()));
    // Not before it is durably gone: a recovery point above it would vouch for what was never flushed (P2).
    flushed_end = std::max(flushed_end, oldest->end_offset);
    if (snapshots.contains(oldest->base_offset)) {
      TRY(files.remove_file(self, files.path(oldest->base_offset, FileKind::producer_snapshot)));
      snapshots.erase(oldest->base_offset);
    }
    ++deleted;
  }
  if (deleted > 0 && !epochs_are_written) TRY(write_epochs(self));
  return deleted;
}

/// Renames the files of a segment, the log durably first: as for removal, a crash leaves only files without a log.
Result<void> PartitionLog::State::put_aside(env::Fiber& self, Offset base) {
  const MonotonicTime due = seat.clock.now() + Milliseconds(config.file_delete_delay_ms);
  for (const auto kind : {FileKind::log, FileKind::offset_index, FileKind::time_index, FileKind::transaction_index}) {
    const auto aside = staged_path(files, base, kind, FileStage::deleted);
    const auto renamed = seat.disk.rename(self, files.path(base, kind), aside);
    if (!renamed && !is_absent(renamed.error())) return renamed;
    if (renamed) put_aside_files.emplace_back(due, aside);
    if (kind == FileKind::log) TRY(files.sync_folder(self));
  }
  return {};
}

Result<void> PartitionLog::State::free_deleted(env::Fiber& self) {
  while (!put_aside_files.empty() && put_aside_files.front().first <= seat.clock.now()) {
    TRY(files.remove_file(self, put_aside_files.front().second));
    put_aside_files.pop_front();
  }
  return {};
}

}  // namespace gregor::storage
