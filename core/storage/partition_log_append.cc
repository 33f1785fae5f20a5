// PartitionLog, the way in: plan, write in as few writes as rolling allows, then take note, without a suspension
// between the end of a write and the log's new end.
#include <algorithm>

#include "base/check.h"
#include "base/mutant.h"
#include "record/batch_split.h"
#include "storage/checkpoint_file.h"
#include "storage/partition_log_state.h"

namespace gregor::storage {
namespace {

IndexedBatch indexed(const record::BatchView& batch, std::uint64_t position) {
  return {batch.last_offset(), batch.max_timestamp().ms, FilePosition{position}, batch.size()};
}

/// While it lives, readers who ask for aborted transactions see the log up to there.
class Unindexed {
 public:
  Unindexed(std::optional<Offset>& mark, std::optional<Offset> from) : mark_(mark) { mark_ = from; }
  Unindexed(const Unindexed&) = delete;
  Unindexed& operator=(const Unindexed&) = delete;
  ~Unindexed() { mark_.reset(); }

 private:
  std::optional<Offset>& mark_;
};

/// The fill as it will be once `group` stands.
void add_to_fill(SegmentFill& fill, const PlannedGroup& group, const LogConfig& config) {
  for (const auto& batch : group.batches) {
    if (fill.size_bytes == 0) fill.first_batch_timestamp_ms = batch.max_timestamp().ms;
    fill.index.take(indexed(batch, fill.size_bytes), config.index_interval_bytes);
    fill.size_bytes += batch.size();
  }
}

}  // namespace

Result<std::vector<PlannedGroup>> PartitionLog::State::plan(std::span<const Bytes> groups) const {
  std::vector<PlannedGroup> planned;
  planned.reserve(groups.size());
  Offset next = log_end();
  for (const Bytes bytes : groups) {
    if (bytes.size() > static_cast<std::uint64_t>(config.segment_bytes)) {
      return fail(Errc::limit, "a group of " + std::to_string(bytes.size()) + " bytes is larger than segment.bytes");
    }
    PlannedGroup& group = planned.emplace_back();
    group.bytes = bytes;
    group.extent.size_bytes = bytes.size();
    for (Bytes rest = bytes; !rest.empty(); rest = rest.subspan(group.batches.back().size())) {
      TRY_ASSIGN(const auto batch, record::BatchView::parse(rest));
      if (batch.base_offset() < next || !has_sound_offsets(batch)) {
        return fail(Errc::invalid, "offset " + std::to_string(batch.base_offset().value()) + " is not next in line");
      }
      next = batch.next_offset();
      group.extent.max_timestamp_ms = std::max(group.extent.max_timestamp_ms, batch.max_timestamp().ms);
      group.extent.last_offset = batch.last_offset();
      group.batches.push_back(batch);
    }
    CHECK(!group.batches.empty());
  }
  return planned;
}

SegmentFill PartitionLog::State::fill_of_active() const {
  const Segment& segment = active();
  return {.base_offset = segment.base_offset,
          .size_bytes = segment.size_bytes,
          .first_batch_timestamp_ms = segment.first_batch_timestamp_ms,
          .created = segment.created,
          .index = segment.index->cursor()};
}

Result<AppendResult> PartitionLog::State::append(env::Fiber& self, std::span<const Bytes> groups,
                                                 std::span<const AbortedTransaction> aborted) {
  CHECK(!groups.empty());
  TRY(usable());
  TRY_ASSIGN(const auto planned, plan(groups));
  TRY(cut_dirty_tail(self));
  const Offset old_end = log_end();
  AppendResult result{.base_offset = planned.front().batches.front().base_offset(),
                      .last_offset = planned.back().extent.last_offset,
                      .rolled_at = {}};
  // A flush must not vouch for a marker while what it aborts is not in the index, and no read tell of it.
  std::optional<env::FiberMutex::Held> no_flush;
  if (!aborted.empty()) no_flush.emplace(flushing.lock(self));
  const Unindexed unindexed(unindexed_from, aborted.empty() ? std::nullopt : std::optional(old_end));
  const auto undo = [&](Error error) -> tl::unexpected<Error> {
    no_flush.reset();
    if (!failure && log_end() > old_end) {
      if (auto cut = cut_to(self, old_end); !cut) return poison(std::move(cut.error()));
    }
    return fail(std::move(error));
  };
  SegmentFill fill = fill_of_active();
  std::size_t run_begin = 0;
  for (std::size_t i = 0; i <= planned.size(); ++i) {
    const bool is_end = i == planned.size();
    const bool rolls = !is_end && should_roll(fill, planned[i].extent, config, seat.clock.wall_now());
    if (is_end || rolls) {
      if (auto written = write_run(self, std::span(planned).subspan(run_begin, i - run_begin)); !written) {
        return undo(std::move(written.error()));
      }
      run_begin = i;
    }
    if (is_end) break;
    // An empty segment that starts where the new one would already is the new one (KAFKA-6388).
    const Offset base = planned[i].batches.front().base_offset();
    if (rolls && (active().size_bytes > 0 || base - active().base_offset > INT32_MAX)) {
      if (auto rolled = roll(self, base); !rolled) return undo(std::move(rolled.error()));
      result.rolled_at.push_back(active().base_offset);
      fill = fill_of_active();
    }
    add_to_fill(fill, planned[i], config);
  }
  if (auto indexed = write_aborted(self, aborted); !indexed) {
    if (indexed.error().code != Errc::no_space) return poison(std::move(indexed.error()));
    if (!MUTANT(aborted_index_failure_is_ignored)) return undo(std::move(indexed.error()));
  }
  no_flush.reset();
  // The epochs follow from the headers, so a file that cannot be written now is written later.
  if (!epochs_are_written) {
    if (auto written = write_epochs(self); !written) {
      seat.log.warn("log.epochs_unwritten", {{"folder", seat.folder}, {"error", written.error().text}});
    }
  }
  return result;
}

/// Cancelled or failed in between, the bytes of a write may stand behind the end: nobody has seen them.
Result<void> PartitionLog::State::cut_dirty_tail(env::Fiber& self) {
  if (!tail_is_dirty) return {};
  const FilePosition end{active().size_bytes};
  if (auto cut = active().log_file->truncate(self, end); !cut) return poison(std::move(cut.error()));
  // Else a power loss could bring the bytes back behind what is written next.
  if (auto synced = active().log_file->fdatasync(self); !synced) return poison(std::move(synced.error()));
  tail_is_dirty = false;
  return {};
}

Result<void> PartitionLog::State::write_run(env::Fiber& self, std::span<const PlannedGroup> run) {
  if (run.empty()) return {};
  std::vector<Bytes> pieces;
  pieces.reserve(run.size());
  for (const auto& group : run) pieces.push_back(group.bytes);
  const auto file = active().log_file;
  tail_is_dirty = true;
  auto written = env::write_all(self, *file, FilePosition{active().size_bytes}, pieces);
  if (!written) {
    TRY(cut_dirty_tail(self));
    if (written.error().code == Errc::no_space) return fail(std::move(written.error()));
    return poison(std::move(written.error()));
  }
  // A flush that failed meanwhile has condemned these bytes with the rest.
  TRY(usable());
  tail_is_dirty = false;
  for (const auto& group : run) take(group);
  return {};
}

void PartitionLog::State::take(const PlannedGroup& group) {
  Segment& segment = active();
  for (const auto& batch : group.batches) {
    if (segment.size_bytes == 0) segment.first_batch_timestamp_ms = batch.max_timestamp().ms;
    segment.index->add(indexed(batch, segment.size_bytes), config.index_interval_bytes);
    segment.size_bytes += batch.size();
    segment.end_offset = batch.next_offset();
    const bool begins_epoch =
        batch.leader_epoch() >= LeaderEpoch{0} && epochs.assign(batch.leader_epoch(), batch.base_offset());
    if (begins_epoch) epochs_are_written = false;
    seat.observer.on(observe::BatchAppended{.partition = seat.partition,
                                            .base = batch.base_offset(),
                                            .last = batch.last_offset(),
                                            .epoch = batch.leader_epoch(),
                                            .crc = batch.crc(),
                                            .producer = batch.producer_id(),
                                            .producer_epoch = batch.producer_epoch(),
                                            .first_sequence = batch.base_sequence()});
  }
  segment.max_timestamp_ms = segment.index->cursor().max_timestamp_ms;
}

Result<void> PartitionLog::State::roll(env::Fiber& self, Offset base) {
  Segment& sealed = active();
  auto segment = std::make_shared<Segment>(base);
  segment->created = seat.clock.wall_now();
  segment->index = std::make_shared<SegmentIndex>(segment->base_offset);
  PoisonOnUnwind guard(*this);
  auto file = files.create(self, segment->base_offset);
  if (!file) {
    // What there is of the new segment would end this one when the folder is opened again.
    if (auto removed = files.remove(self, segment->base_offset); !removed) return poison(std::move(removed.error()));
    if (file.error().code != Errc::no_space) return poison(std::move(file.error()));
    return fail(std::move(file.error()));
  }
  segment->log_file = std::move(*file);
  sealed.index->seal();
  sealed.is_sealed = true;
  segments.push_back(std::move(segment));
  return {};
}

/// One writer at a time: appends, flushes and deletions may all come to it, and the file is replaced by way of one
/// name.
Result<void> PartitionLog::State::write_epochs(env::Fiber& self) {
  const auto held = writing_epochs.lock(self);
  const std::string path = seat.folder + "/" + std::string(kLeaderEpochFile);
  const ByteBuffer content = format_leader_epochs(epochs);
  TRY(env::replace_file(self, seat.disk, path, content));
  epochs_are_written = content == format_leader_epochs(epochs);  // they may have changed meanwhile
  return {};
}

}  // namespace gregor::storage
