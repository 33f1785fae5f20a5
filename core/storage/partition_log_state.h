// The inside of PartitionLog, shared by the files that make it up: append and flush, read, look-up, cut.
//
// What holds between suspensions:
//   - `segments` is never empty and ascends; all but the last are sealed;
//   - end_offset and size_bytes of the last segment move together, and only over bytes that were written;
//   - whoever changes the list, the last segment or the epochs holds `writing`; whoever flushes holds `flushing`;
//     whoever cuts holds both, in this order.
#pragma once

#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "env/wait.h"
#include "storage/log_opening.h"
#include "storage/partition_log.h"
#include "storage/roll_rule.h"
#include "storage/seek_hints.h"
#include "storage/segment.h"
#include "storage/segment_files.h"

namespace gregor::storage {

/// A group of batches, read once: what rolling, indexing and the events need.
struct PlannedGroup {
  Bytes bytes;
  GroupExtent extent;
  std::vector<record::BatchView> batches;
};

struct PartitionLog::State {
  State(LogSeat the_seat, const LogConfig& the_config)
      : seat(std::move(the_seat)), config(the_config), files(seat.disk, seat.folder) {}

  LogSeat seat;
  LogConfig config;
  SegmentFiles files;
  Segments segments;
  LeaderEpochCache epochs;
  bool epochs_are_written = true;
  std::set<Offset> snapshots;
  Offset log_start;
  Offset flushed_end;
  std::uint64_t cuts = 0;
  std::uint64_t swaps = 0;  ///< of compacted segments
  std::uint64_t bytes_truncated = 0;
  /// Files with .deleted behind their names, and when they may go; in this order.
  std::deque<std::pair<MonotonicTime, std::string>> put_aside_files;
  bool tail_is_dirty = false;  ///< bytes of an append that did not happen may stand behind the last segment's end
  std::optional<Offset> aborted_unknown_from;
  std::optional<Offset> unindexed_from;  ///< an append under way: what its markers abort is not in the index yet
  bool is_closed = false;
  std::optional<Error> failure;
  env::FiberMutex writing;
  env::FiberMutex flushing;
  env::FiberMutex writing_epochs;
  env::FiberMutex swapping;  ///< compacted segments get their names, or a transaction index is read
  SeekHints hints;
  std::deque<std::shared_ptr<Segment>> open_sealed;     ///< whose files are open for readers
  std::deque<std::shared_ptr<Segment>> indexed_sealed;  ///< whose indexes are in memory for readers

  [[nodiscard]] Segment& active() const { return *segments.back(); }
  [[nodiscard]] Offset log_end() const { return active().end_offset; }
  [[nodiscard]] Offset indexed_end() const { return unindexed_from.value_or(log_end()); }
  /// The one that holds `offset` or would; the first one for anything below it.
  [[nodiscard]] std::size_t segment_of(Offset offset) const;
  [[nodiscard]] Result<void> usable() const;
  /// P3: remembers the error and hands it on.
  tl::unexpected<Error> poison(Error error);

  // partition_log_append.cc
  Result<AppendResult> append(env::Fiber& self, std::span<const Bytes> groups,
                              std::span<const AbortedTransaction> aborted);
  Result<std::vector<PlannedGroup>> plan(std::span<const Bytes> groups) const;
  [[nodiscard]] SegmentFill fill_of_active() const;
  Result<void> write_run(env::Fiber& self, std::span<const PlannedGroup> run);
  void take(const PlannedGroup& group);
  Result<void> cut_dirty_tail(env::Fiber& self);
  Result<void> roll(env::Fiber& self, Offset base);
  Result<void> write_epochs(env::Fiber& self);

  // partition_log_flush.cc
  Result<void> flush(env::Fiber& self, Offset up_to);
  [[nodiscard]] bool is_flushed_up_to(Offset up_to) const;
  Result<void> flush_segments(env::Fiber& self, Offset target);
  Result<void> flush_sealed(env::Fiber& self, Segment& segment);
  void note_unwritten(const Error& error) const;
  Result<void> close(env::Fiber& self);

  // partition_log_read.cc
  Result<LogRead> read(env::Fiber& self, Offset from, const ReadLimits& limits);
  Result<std::optional<LogRead>> read_segment(env::Fiber& self, std::shared_ptr<Segment> segment, Offset from,
                                              const ReadLimits& limits);
  Result<void> scan(env::Fiber& self, Offset from, Offset end, BatchVisitor& visit);
  /// None when it came to the end; else where to go on, since segments were swapped.
  Result<std::optional<Offset>> scan_until_swap(env::Fiber& self, Offset from, Offset end, std::uint64_t cuts_before,
                                                BatchVisitor& visit);
  Result<std::shared_ptr<env::File>> file_of(env::Fiber& self, const std::shared_ptr<Segment>& segment);
  Result<std::shared_ptr<const SegmentIndex>> index_of(env::Fiber& self, const std::shared_ptr<Segment>& segment);
  /// Where to look for `offset` from on; at or before its batch.
  Result<FilePosition> position_of(env::Fiber& self, const std::shared_ptr<Segment>& segment, Offset offset);

  // partition_log_aborted.cc
  Result<void> write_aborted(env::Fiber& self, std::span<const AbortedTransaction> aborted);
  Result<void> flush_aborted(env::Fiber& self, Segment& segment);
  /// Those with a marker at or above `from` and a first offset below `end`; `first` is the segment that holds `from`.
  /// Errors: stale, when a segment went meanwhile.
  Result<std::vector<AbortedTransaction>> aborted_between(env::Fiber& self, std::size_t first, Offset from, Offset end);
  Result<bool> collect_aborted(env::Fiber& self, const Segment& segment, Offset from, Offset end,
                               std::vector<AbortedTransaction>& found);
  Result<void> rewrite_aborted(env::Fiber& self, std::span<const AbortedTransaction> aborted);

  // partition_log_lookup.cc
  Result<std::optional<TimestampedOffset>> find_by_timestamp(env::Fiber& self, std::int64_t timestamp_ms, Offset from,
                                                             Offset below, record::CodecScratch& scratch);
  /// Stale when segments were swapped meanwhile.
  Result<std::optional<TimestampedOffset>> find_once(env::Fiber& self, std::int64_t timestamp_ms, Offset from,
                                                     Offset below, record::CodecScratch& scratch);
  Result<std::optional<TimestampedOffset>> find_max_timestamp(env::Fiber& self, Offset below,
                                                              record::CodecScratch& scratch);
  Result<std::optional<TimestampedOffset>> first_record_at(env::Fiber& self, const std::shared_ptr<Segment>& segment,
                                                           std::int64_t timestamp_ms, Offset from, Offset below,
                                                           record::CodecScratch& scratch);

  // partition_log_cut.cc
  Result<Offset> cut_to(env::Fiber& self, Offset to);
  Result<void> cut_last_segment(env::Fiber& self, Offset to);
  Result<void> start_anew_at(env::Fiber& self, Offset offset);
  Result<void> drop_last_segment(env::Fiber& self);
  Result<std::size_t> delete_segments_below(env::Fiber& self, Offset to);
  Result<void> remove_snapshots_above(env::Fiber& self, Offset end);
  void raise_log_start(Offset to);
  Result<void> put_aside(env::Fiber& self, Offset base);
  Result<void> free_deleted(env::Fiber& self);

  // partition_log_clean.cc
  void replace_segments(std::span<const std::shared_ptr<Segment>> old, const std::shared_ptr<Segment>& fresh);
  [[nodiscard]] std::vector<SegmentSummary> summaries() const;
};

/// A fiber cancelled halfway through a change of the segments leaves files and memory apart: then P3 holds.
class PoisonOnUnwind {
 public:
  explicit PoisonOnUnwind(PartitionLog::State& state) : state_(state), exceptions_(std::uncaught_exceptions()) {}
  ~PoisonOnUnwind() {
    if (std::uncaught_exceptions() > exceptions_ && !state_.failure) {
      state_.failure = Error{Errc::closed, state_.seat.folder + ": a change was cancelled halfway"};
    }
  }
  PoisonOnUnwind(const PoisonOnUnwind&) = delete;
  PoisonOnUnwind& operator=(const PoisonOnUnwind&) = delete;

 private:
  PartitionLog::State& state_;
  int exceptions_;
};

}  // namespace gregor::storage
