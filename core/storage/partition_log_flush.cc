// PartitionLog, durability: one flush at a time, each taking all that was written when it began.
#include <algorithm>

#include "base/mutant.h"
#include "storage/partition_log_state.h"

namespace gregor::storage {

Result<void> PartitionLog::State::flush(env::Fiber& self, Offset up_to) {
  const auto held = flushing.lock(self);
  TRY(usable());
  if (is_flushed_up_to(up_to)) return {};
  // What is asked after a roll concerns the sealed segments; else all that stands goes along.
  const Offset target = up_to <= active().base_offset ? active().base_offset : log_end();
  if (MUTANT(recovery_point_before_flush)) flushed_end = std::max(flushed_end, target);
  if (auto flushed = flush_segments(self, target); !flushed && !MUTANT(failed_flush_is_ignored)) {
    return poison(std::move(flushed.error()));
  }
  // The recovery point also vouches for the epochs below it: they are no longer read from the headers.
  if (!epochs_are_written) TRY(write_epochs(self));
  TRY(usable());
  if (target <= flushed_end) return {};
  flushed_end = target;
  seat.observer.on(observe::LogFlushed{seat.partition, flushed_end});
  return {};
}

/// A segment that was flushed while it grew still owes its indexes once it is sealed.
bool PartitionLog::State::is_flushed_up_to(Offset up_to) const {
  if (flushed_end < up_to) return false;
  if (segments.size() < 2) return true;
  const Segment& newest_sealed = *segments[segments.size() - 2];
  return newest_sealed.is_flushed || newest_sealed.base_offset >= up_to;
}

Result<void> PartitionLog::State::flush_segments(env::Fiber& self, Offset target) {
  const Segments now = segments;  // a cut or a deletion may change the list meanwhile
  for (const auto& segment : now) {
    if (segment->is_flushed || segment->base_offset >= target || segment->is_removed) continue;
    if (segment->is_sealed) {
      TRY(flush_sealed(self, *segment));
    } else {
      const auto file = segment->log_file;
      TRY(file->fdatasync(self));
      TRY(flush_aborted(self, *segment));
    }
  }
  return {};
}

Result<void> PartitionLog::State::flush_sealed(env::Fiber& self, Segment& segment) {
  const auto file = segment.log_file;
  const auto index = segment.index;
  TRY(file->fdatasync(self));
  TRY(flush_aborted(self, segment));
  if (segment.is_removed) return {};
  if (auto written = files.write_index(self, *index); !written && !segment.is_removed) {
    if (written.error().code != Errc::no_space) return written;
    note_unwritten(written.error());
    return {};
  }
  segment.is_flushed = true;
  segment.log_file.reset();
  segment.index.reset();
  return {};
}

/// An index follows from the batches: without space for it now, the next flush or the next start makes it.
void PartitionLog::State::note_unwritten(const Error& error) const {
  seat.log.warn("log.index_unwritten", {{"folder", seat.folder}, {"error", error.text}});
}

Result<void> PartitionLog::State::close(env::Fiber& self) {
  TRY(usable());
  TRY(cut_dirty_tail(self));
  TRY(flush(self, log_end()));
  if (!epochs_are_written) TRY(write_epochs(self));
  Segment& last = active();
  last.index->seal();
  if (auto written = files.write_index(self, *last.index); !written) {
    if (written.error().code != Errc::no_space) return poison(std::move(written.error()));
    note_unwritten(written.error());
  }
  TRY(usable());
  is_closed = true;
  return {};
}

}  // namespace gregor::storage
